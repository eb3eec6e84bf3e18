import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../base/package-root.js";
import { describedArguments } from "./argument-kinds.js";
import { describeCalls } from "./argument-table.js";
import { DEPENDENT_KINDS } from "./dependent-kinds.js";
import { symbolSetOf } from "./symbolize.js";

const PLAIN = ["fd", "mode", "string", "address", "hex", "signed", "unsigned"];

/** What the probe counts arguments by: table, name, arguments. */
const PROBED = readFileSync(join(packageRoot(), "kmod/relay/probes/syscall_args.tsv"), "utf8")
	.split("\n")
	.filter((line) => line !== "" && !line.startsWith("#"))
	.map((line) => line.split("\t"));
const BUILTIN = describeCalls(
	PROBED.map(([table, name]) => `${table === "32" ? 1 : 0} 0 ${name} 6`).join("\n"),
	"",
);

test("the built-in table has the arguments that the probe records", () => {
	expect(BUILTIN).toHaveLength(PROBED.length);
	for (const [index, [, name, names = ""]] of PROBED.entries()) {
		const found = BUILTIN[index]?.arguments.map((argument) => argument.name).join();
		expect([name, found]).toEqual([name, names]);
	}
});

test("every argument has a type, and a kind that there is", () => {
	for (const call of BUILTIN) {
		for (const { name, type, kind } of call.arguments) {
			expect(type, `${call.name} ${name}`).toMatch(/^\w[\w *]*$/);
			expect(PLAIN.includes(kind) || symbolSetOf(kind) !== undefined, kind).toBe(true);
		}
	}
});

test("what is said of arguments is said of ones that there are", () => {
	const known = new Set(
		BUILTIN.flatMap((call) => call.arguments.map(({ name }) => `${call.name} ${name}`)),
	);
	for (const [call, name] of describedArguments()) expect(known).toContain(`${call} ${name}`);
	for (const { calls, argument, on, when } of DEPENDENT_KINDS) {
		for (const call of calls) {
			expect(known).toContain(`${call} ${argument}`);
			expect(known).toContain(`${call} ${on}`);
		}
		for (const [, kind] of when) {
			expect(kind === undefined || PLAIN.includes(kind) || symbolSetOf(kind) !== undefined).toBe(
				true,
			);
		}
	}
});

test("the recorded kernel's own declarations go first, but not for 32-bit calls that differ", () => {
	const table = ["0 0 read 3", "1 3 read 3", "1 90 mmap 1", "0 9 mmap 6", "0 999 brand_new 2"];
	const recorded = "read int handle, char * to, size_t most\nmmap unsigned long address";
	const calls = describeCalls(table.join("\n"), recorded);
	const told = calls.map(
		(call) =>
			`${call.table} ${call.name}(${call.arguments.map(({ type, name }) => `${type} ${name}`).join(", ")})`,
	);
	expect(told).toEqual([
		"x86_64 read(int handle, char * to, size_t most)",
		"ia32 read(int handle, char * to, size_t most)",
		"ia32 mmap(struct mmap_arg_struct32 * arg)",
		"x86_64 mmap(unsigned long address)",
		"x86_64 brand_new(unsigned long arg0, unsigned long arg1)",
	]);
});
