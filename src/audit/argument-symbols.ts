import { SYMBOL_SETS } from "../syscalls/symbol-sets.js";

let values: ReadonlyMap<string, number | undefined> | undefined;

/**
 * What a name such as O_WRONLY stands for, whatever argument it is of; undefined: nothing, or not
 * everywhere the same.
 */
export function symbolValue(name: string): number | undefined {
	values ??= collect();
	return values.get(name);
}

export function symbolNames(): Iterable<string> {
	values ??= collect();
	return values.keys();
}

function collect(): ReadonlyMap<string, number | undefined> {
	const found = new Map<string, number | undefined>();
	for (const { symbols } of SYMBOL_SETS) {
		for (const { symbol, value } of symbols) {
			found.set(symbol, found.has(symbol) && found.get(symbol) !== value ? undefined : value);
		}
	}
	return found;
}
