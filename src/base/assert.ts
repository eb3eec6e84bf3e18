/** Ends an exhaustive switch: a forgotten case is a build error, an impossible value a clear throw. */
export function assertUnreachable(value: never): never {
	throw new Error(`unreachable value: ${JSON.stringify(value)}`);
}

/** Narrows to the present value; an absent one is a bug in this program, not bad input. */
export function present<T>(value: T | undefined | null, what: string): T {
	if (value === undefined || value === null) throw new Error(`missing: ${what}`);
	return value;
}
