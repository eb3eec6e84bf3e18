import { argumentKind } from "./argument-kinds.js";
import { BUILTIN_ARGUMENTS } from "./builtin-arguments.js";

/** The table that a call was made through; x32 shares the 64-bit one. */
export type CallTable = "x86_64" | "ia32";

export interface CallArgument {
	readonly name: string;
	/** As the kernel's C declares it. */
	readonly type: string;
	readonly kind: string;
}

export interface DescribedCall {
	readonly name: string;
	readonly table: CallTable;
	readonly arguments: readonly CallArgument[];
}

const IA32 = "1";

/**
 * The arguments of every call in a session's call tables (a line each: ABI, number, name, count).
 * `recorded` is what its own kernel says of its 64-bit calls (a line each: name, a space, the
 * arguments as in C); the built-in table has the others, and the 32-bit calls that differ.
 */
export function describeCalls(syscallTable: string, recorded: string): readonly DescribedCall[] {
	const own = new Map<string, string>();
	for (const line of linesOf(recorded)) own.set(...splitOnce(line));
	const builtin = builtinArguments();
	return linesOf(syscallTable).flatMap((line) => {
		const [abi, , name, count] = line.split(" ");
		if (name === undefined) return [];
		const known = (abi === IA32 ? builtin.ia32.get(name) : undefined) ?? builtin.x86_64.get(name);
		const told = abi === IA32 && builtin.ia32.has(name) ? undefined : own.get(name);
		const declared = parseArguments(told ?? known ?? unnamed(Number(count ?? 0)));
		const table = abi === IA32 ? "ia32" : "x86_64";
		const kinds = kindsOf(name, declared, parseArguments(known ?? ""));
		return [{ name, table, arguments: kinds } as const];
	});
}

/** An argument that another kernel calls otherwise means what the one in its place does. */
function kindsOf(
	call: string,
	declared: readonly Declared[],
	known: readonly Declared[],
): readonly CallArgument[] {
	const names = new Set(known.map(({ name }) => name));
	return declared.map(({ name, type }, position) => {
		const usual = names.has(name) ? name : (known[position]?.name ?? name);
		return { name, type, kind: argumentKind(call, usual, type) };
	});
}

type Declared = Pick<CallArgument, "name" | "type">;

function builtinArguments(): Readonly<Record<CallTable, ReadonlyMap<string, string>>> {
	const tables = { x86_64: new Map<string, string>(), ia32: new Map<string, string>() };
	for (const line of linesOf(BUILTIN_ARGUMENTS)) {
		const [table, call] = splitOnce(line);
		tables[table === "ia32" ? "ia32" : "x86_64"].set(...splitOnce(call));
	}
	return tables;
}

/** Of a call that no table describes, such as one newer than this program. */
function unnamed(count: number): string {
	return Array.from({ length: count }, (_, index) => `unsigned long arg${index}`).join(", ");
}

function parseArguments(declared: string): readonly Declared[] {
	if (declared === "") return [];
	return declared.split(", ").map((argument) => {
		const space = argument.lastIndexOf(" ");
		return { type: argument.slice(0, space), name: argument.slice(space + 1) };
	});
}

function linesOf(text: string): readonly string[] {
	return text.split("\n").filter((line) => line !== "");
}

function splitOnce(line: string): [string, string] {
	const space = line.indexOf(" ");
	return space < 0 ? [line, ""] : [line.slice(0, space), line.slice(space + 1)];
}
