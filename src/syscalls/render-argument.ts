import type { CallArgument, CallTable } from "./argument-table.js";
import { octal, symbolize, symbolSetOf } from "./symbolize.js";

const SIGNED_64 = /^(?:const )?(?:long|loff_t|off_t|ssize_t|time_t)\b/;
const UNSIGNED_64 = /\blong\b|^(?:const )?(?:size_t|u64|__u64|aio_context_t)\b/;
const ID = /^(?:uid_t|gid_t|qid_t)$/;

/** One argument as strace would write it; `value` is what the register held. */
export function renderArgument(
	{ kind, type }: Pick<CallArgument, "kind" | "type">,
	value: bigint,
	table: CallTable,
): string {
	const register = table === "ia32" ? BigInt.asUintN(32, value) : BigInt.asUintN(64, value);
	const low = Number(BigInt.asUintN(32, register));
	const wide = table === "x86_64" && (UNSIGNED_64.test(type) || SIGNED_64.test(type));
	switch (kind) {
		case "string":
		case "address":
			return register === 0n ? "NULL" : hex(register);
		case "hex":
			return hex(wide ? register : BigInt(low));
		case "mode":
			return octal(low & 0xffff);
		case "fd":
			return String(low | 0);
		case "signed":
			return signed(type, register, low, wide);
		case "unsigned":
			return wide ? String(register) : String(low);
		default:
			return symbolic(kind, register, low, wide);
	}
}

/** A text of the caller's memory, quoted as in C. */
export function quoted(text: string): string {
	const escaped = text.replace(/["\\]|\p{Cc}/gu, (character) => {
		const known = ESCAPES[character];
		return known ?? `\\${(character.codePointAt(0) ?? 0).toString(8)}`;
	});
	return `"${escaped}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
	'"': '\\"',
	"\\": "\\\\",
	"\n": "\\n",
	"\r": "\\r",
	"\t": "\\t",
};

function symbolic(kind: string, register: bigint, low: number, wide: boolean): string {
	const set = symbolSetOf(kind);
	if (set === undefined) return hex(wide ? register : BigInt(low));
	const text = symbolize(set, low);
	// An int that the caller widened has its sign there.
	const high = wide ? (register >> 32n) << 32n : 0n;
	return high === 0n || high === 0xffff_ffff_0000_0000n ? text : `${text}|${hex(high)}`;
}

function signed(type: string, register: bigint, low: number, wide: boolean): string {
	if (wide) return String(SIGNED_64.test(type) ? BigInt.asIntN(64, register) : register);
	if (ID.test(type)) return low === 0xffff_ffff ? "-1" : String(low);
	return String(low | 0);
}

function hex(value: bigint): string {
	return value === 0n ? "0" : `0x${value.toString(16)}`;
}
