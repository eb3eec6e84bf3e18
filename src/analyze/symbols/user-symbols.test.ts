import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ElfFile } from "../../base/elf-file.js";
import {
	appendProcessMaps,
	copySymbolFiles,
	type FileMapping,
	readProcessMaps,
} from "../../session/symbol-files.js";
import { UserSymbols } from "./user-symbols.js";

let directory: string;
let program: string;
let buildId: string;
let named: FileMapping;
/** Offset in the file of the function `wanted`, and its length. */
let wanted: { readonly offset: bigint; readonly size: bigint };

beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-symbols-"));
	program = join(directory, "program with a space");
	const source = "int wanted(int a) { return a * 3; } int main(void) { return wanted(1); }";
	const flags = ["-O0", "-Wl,--build-id=sha1", "-x", "c", "-", "-o", program];
	execFileSync("gcc", flags, { input: source });
	const elf = ElfFile.open(program);
	buildId = elf?.buildId() ?? "";
	const text = elf?.segments.find(({ offset }) => offset > 0);
	const listed = execFileSync("nm", ["-S", program], { encoding: "utf8" });
	const [, at = "", size = ""] = /^(\w+) (\w+) T wanted$/m.exec(listed) ?? [];
	const address = BigInt(`0x${at}`);
	wanted = {
		offset: address - BigInt(text?.address ?? 0) + BigInt(text?.offset ?? 0),
		size: BigInt(`0x${size}`),
	};
	elf?.close();
	named = { start: 0x1000n, end: 0x100000n, offset: 0n, buildId, path: program };
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const RUN = { pids: [7], exe: "/bin/x", ts: 100n };

function look(ts: bigint, files: readonly FileMapping[], exe = "/bin/x", pid = 7) {
	return { pid, ts, exe, files };
}

test("the build id is the one that readelf shows", () => {
	expect(execFileSync("readelf", ["-n", program], { encoding: "utf8" })).toContain(buildId);
	expect(buildId).toMatch(/^[0-9a-f]{40}$/);
});

test("an address is named by the file that was mapped there", () => {
	const symbols = new UserSymbols([look(1n, [named])]);
	const address = named.start + wanted.offset + 4n;
	expect(symbols.find(RUN, address)).toEqual({
		...{ symbol: "wanted", symbolOffset: 4 },
		...{ object: program, objectOffset: wanted.offset + 4n },
	});
	const end = named.start + wanted.offset + wanted.size;
	expect(symbols.find(RUN, end)?.symbol).toBe("wanted");
});

test("a file that is not what it was gives no names, but is told", () => {
	for (const other of ["", "00".repeat(20)]) {
		const symbols = new UserSymbols([look(1n, [{ ...named, buildId: other }])]);
		expect(symbols.find(RUN, named.start + wanted.offset + 4n)).toMatchObject({
			...{ symbol: undefined, object: program },
		});
	}
	const gone = { ...named, path: join(directory, "gone") };
	expect(new UserSymbols([look(1n, [gone])]).find(RUN, 0x1234n)).toEqual({
		...{ symbol: undefined, symbolOffset: undefined },
		...{ object: gone.path, objectOffset: 0x234n },
	});
});

test("of several looks the nearest at the same program counts", () => {
	const a = { ...named, buildId: "", path: "/a" };
	const b = { ...a, path: "/b" };
	const c = { ...a, path: "/c" };
	const symbols = new UserSymbols([look(10n, [a]), look(90n, [b]), look(99n, [c], "/bin/other")]);
	expect(symbols.find(RUN, 0x1234n)?.object).toBe("/b");
	expect(symbols.find({ ...RUN, ts: 20n }, 0x1234n)?.object).toBe("/a");
	expect(symbols.find({ ...RUN, exe: null }, 0x1234n)?.object).toBe("/c");
});

test("a process that was forked has what its parent had", () => {
	const symbols = new UserSymbols([look(10n, [{ ...named, buildId: "" }], "/bin/x", 3)]);
	expect(symbols.find({ ...RUN, pids: [7, 3] }, 0x1234n)?.object).toBe(program);
	expect(symbols.find(RUN, 0x1234n)).toBeUndefined();
	expect(symbols.find({ ...RUN, pids: [7, 3] }, named.end)).toBeUndefined();
});

test("maps come back from a session, or from its copy, as far as they are whole", () => {
	const looks = [look(2n ** 60n, [named, { ...named, buildId: "", path: "[vdso]" }]), look(1n, [])];
	for (const each of looks) appendProcessMaps(directory, each);
	expect(readProcessMaps(directory)).toEqual(looks);
	const copy = mkdtempSync(join(tmpdir(), "relayscope-symbols-"));
	copySymbolFiles(directory, copy);
	appendFileSync(join(copy, "maps"), "M 12");
	expect(readProcessMaps(copy)).toEqual(looks);
	rmSync(copy, { recursive: true });
	expect(readProcessMaps(join(directory, "nowhere"))).toEqual([]);
});

test("files that are no ELF files, or only begin like one, are none", () => {
	const path = join(directory, "broken");
	const bytes = Buffer.from(execFileSync("cat", [program]));
	for (const cut of [0, 3, 63, 64, 200]) {
		writeFileSync(path, bytes.subarray(0, cut));
		expect(ElfFile.open(path)).toBeUndefined();
	}
	expect(ElfFile.open(directory)).toBeUndefined();
	expect(ElfFile.open(join(directory, "gone"))).toBeUndefined();
});
