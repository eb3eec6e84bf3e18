import { ERRNO_MAX } from "../base/errno.js";
import type { CallArgument, CallTable } from "./argument-table.js";
import { DEPENDENT_KINDS, type DependentKind } from "./dependent-kinds.js";
import { quoted, renderArgument } from "./render-argument.js";
import { octal } from "./symbolize.js";

/** A call as the store has it. */
export interface RecordedCall {
	readonly name: string;
	readonly table: CallTable;
	/** NULL from where the call has no more, or throughout when its entry was not recorded. */
	readonly registers: readonly (bigint | null)[];
	readonly ret: bigint | null;
	readonly errno: string | null;
	readonly path: string | null;
	readonly path2: string | null;
	readonly fdPath: string | null;
}

export interface RenderedArgument {
	readonly name: string;
	readonly text: string;
}

const ADDRESSES = new Set(["mmap", "mmap2", "mremap", "brk", "shmat"]);
const RULES = new Map<string, readonly DependentKind[]>();
for (const rule of DEPENDENT_KINDS) {
	for (const call of rule.calls) RULES.set(call, [...(RULES.get(call) ?? []), rule]);
}

/** `openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3`, as strace has it. */
export function renderCall(call: RecordedCall, declared: readonly CallArgument[]): string {
	const { name, registers } = call;
	// Without its entry there are no arguments, however many it was made with.
	const unseen = declared.length > 0 && registers.every((register) => register === null);
	const texts = unseen ? ["?"] : renderArguments(call, declared).map(({ text }) => text);
	return `${name}(${texts.join(", ")}) = ${renderResult(call)}`;
}

export function renderArguments(
	{ name, table, registers, path, path2, fdPath }: RecordedCall,
	declared: readonly CallArgument[],
): readonly RenderedArgument[] {
	const strings = [path, path2];
	let place = fdPath;
	const rendered: RenderedArgument[] = [];
	for (const [position, argument] of declared.entries()) {
		const register = registers[position];
		if (register === null || register === undefined) continue;
		const kind = kindOf(name, argument, declared, registers);
		if (kind === undefined) continue;
		let text = renderArgument({ ...argument, kind }, register, table);
		if (kind === "string") {
			const string = strings.shift() ?? null;
			if (string !== null) text = quoted(string);
		} else if ((kind === "fd" || kind === "dirfd") && place !== null) {
			text += `<${place}>`;
			place = null;
		}
		rendered.push({ name: argument.name, text });
	}
	return rendered;
}

/** Undefined: the call does not look at it. */
function kindOf(
	call: string,
	{ name, kind }: CallArgument,
	declared: readonly CallArgument[],
	registers: readonly (bigint | null)[],
): string | undefined {
	for (const { argument, on, mask, when } of RULES.get(call) ?? []) {
		if (argument !== name) continue;
		const register = registers[declared.findIndex((each) => each.name === on)];
		if (register === null || register === undefined) continue;
		const value = (Number(BigInt.asUintN(32, register)) & mask) >>> 0;
		const rule = when.find(([values]) => values.includes(value));
		if (rule !== undefined) return rule[1];
	}
	return kind;
}

function renderResult({ name, ret, errno }: RecordedCall): string {
	if (ret === null) return "?";
	if (errno !== null) return isRestart(ret) ? `? ${errno}` : `-1 ${errno}`;
	if (ret < 0n && ret >= -BigInt(ERRNO_MAX)) return String(ret);
	if (ADDRESSES.has(name)) return ret === 0n ? "NULL" : `0x${BigInt.asUintN(64, ret).toString(16)}`;
	return name === "umask" ? octal(Number(ret)) : String(ret);
}

/** The kernel's own codes: the program sees another result, or the call once more. */
function isRestart(ret: bigint): boolean {
	return ret <= -512n && ret >= -516n;
}
