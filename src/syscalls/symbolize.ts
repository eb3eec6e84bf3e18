import { assertUnreachable } from "../base/assert.js";
import type { Rest, SymbolSet } from "./symbol-set.js";
import { SYMBOL_SETS } from "./symbol-sets.js";

const SETS = new Map(SYMBOL_SETS.map((set) => [set.kind, set]));

export function symbolSetOf(kind: string): SymbolSet | undefined {
	return SETS.get(kind);
}

/** The low 32 bits of an argument by their names, as in `O_WRONLY|O_CREAT|0x40000000`. */
export function symbolize({ symbols, rest }: SymbolSet, argument: number): string {
	const found: string[] = [];
	let named = 0;
	for (const { symbol, mask, value } of symbols) {
		// A mount's magic takes bits that else are flags.
		if ((argument & mask) >>> 0 !== value || (named & mask) !== 0) continue;
		found.push(symbol);
		named |= mask;
	}
	const unnamed = (argument & ~named) >>> 0;
	if (unnamed !== 0 || found.length === 0) found.push(restText(rest, unnamed));
	return found.join("|");
}

/** As C has it, three digits at least. */
export function octal(value: number): string {
	return value === 0 ? "000" : `0${value.toString(8).padStart(2, "0")}`;
}

function restText(rest: Rest, value: number): string {
	switch (rest) {
		case "hexadecimal":
			return value === 0 ? "0" : `0x${value.toString(16)}`;
		case "octal":
			return octal(value);
		case "decimal":
			return String(value | 0);
		default:
			return assertUnreachable(rest);
	}
}
