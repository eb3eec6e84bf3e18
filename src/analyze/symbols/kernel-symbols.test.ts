import { expect, test } from "vitest";
import { KernelSymbols } from "./kernel-symbols.js";

const KALLSYMS = `0000000000000000 A fixed_percpu_data
ffffffff81000000 T _text
ffffffff81000000 T startup_64
ffffffff81000100 t local
ffffffff81000180 D data_is_no_code
ffffffff81000200 W weak
ffffffffc0000000 t first\t[one]
ffffffffc0000080 T second\t[one]
ffffffffc0009000 t jitted\t[bpf]
`;
const MODULES = `one 4096 1 two,three, Live 0xffffffffc0000000 (OE)
two 8192 0 - Live 0xffffffffc0100000
`;

const symbols = new KernelSymbols({ kallsyms: KALLSYMS, modules: MODULES });

test.each([
	["just behind a function's first byte", 0xffffffff81000101n, "local", 1, "kernel"],
	["after the last call of one that ends there", 0xffffffff81000200n, "local", 0x100, "kernel"],
	["at the first of two names", 0xffffffff81000010n, "_text", 0x10, "kernel"],
	["at a weak symbol", 0xffffffff81000210n, "weak", 0x10, "kernel"],
	["in a module", 0xffffffffc0000090n, "second", 0x10, "one"],
	["in what is in no list of modules", 0xffffffffc0009010n, "jitted", 0x10, "bpf"],
])("a return address %s", (_, address, symbol, symbolOffset, object) => {
	expect(symbols.find(address)).toEqual({ symbol, symbolOffset, object, objectOffset: undefined });
});

test.each([
	["before everything", 0xffffffff80000000n],
	["of user space", 0x7f0000000000n],
	["behind a module's end", 0xffffffffc0002000n],
	["far behind the last symbol", 0xffffffffffff0000n],
	["0", 0n],
])("%s there is no name", (_, address) => {
	expect(symbols.find(address)).toBeUndefined();
});

test("a kernel that hides its addresses, and lines that are none, give no names", () => {
	const hidden = KALLSYMS.replace(/^[0-9a-f]{16}/gm, "0".repeat(16));
	expect(
		new KernelSymbols({ kallsyms: hidden, modules: "" }).find(0xffffffff81000101n),
	).toBeUndefined();
	const torn = new KernelSymbols({ kallsyms: "ffffffff8100\nnonsense\n\n", modules: "x\n" });
	expect(torn.find(0xffffffff81000101n)).toBeUndefined();
});
