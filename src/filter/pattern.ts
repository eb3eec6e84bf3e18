/** Shell patterns, byte by byte, as kmod/relay/predicate.c matches them. */

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const BACKSLASH = 0x5c;
const DASH = 0x2d;
const INVERTERS = [0x21, 0x5e];

export function patternMatches(pattern: Uint8Array, text: Uint8Array): boolean {
	let at = 0;
	let index = 0;
	let star: { readonly at: number; index: number } | undefined;
	while (index < text.length) {
		if (pattern[at] === STAR) {
			star = { at: ++at, index };
			if (at === pattern.length) return true;
			continue;
		}
		const next = at < pattern.length ? matchOne(pattern, at, text[index] as number) : undefined;
		if (next !== undefined) {
			at = next;
			index++;
		} else if (star !== undefined) {
			at = star.at;
			index = ++star.index;
		} else {
			return false;
		}
	}
	while (pattern[at] === STAR) at++;
	return at === pattern.length;
}

/** Whether every set of the pattern is closed. */
export function isWholePattern(pattern: Uint8Array): boolean {
	for (let at = 0; at < pattern.length; ) {
		if (pattern[at] === BACKSLASH) at += 2;
		else if (pattern[at] === OPEN) {
			const end = setEnd(pattern, at);
			if (end === undefined) return false;
			at = end;
		} else at++;
	}
	return true;
}

/** Behind what of the pattern at `at` matches the byte; undefined: it does not. */
function matchOne(pattern: Uint8Array, at: number, byte: number): number | undefined {
	switch (pattern[at]) {
		case QUESTION:
			return at + 1;
		case OPEN:
			return matchSet(pattern, at, byte);
		case BACKSLASH: {
			const escaped = at + 1 < pattern.length ? at + 1 : at;
			return pattern[escaped] === byte ? escaped + 1 : undefined;
		}
		default:
			return pattern[at] === byte ? at + 1 : undefined;
	}
}

function matchSet(pattern: Uint8Array, open: number, byte: number): number | undefined {
	const end = setEnd(pattern, open);
	if (end === undefined) return undefined;
	let at = open + 1;
	const inverted = INVERTERS.includes(pattern[at] ?? 0);
	if (inverted) at++;
	let found = false;
	while (at < end - 1) {
		const from = pattern[at] as number;
		const isRange =
			at + 2 < pattern.length && pattern[at + 1] === DASH && pattern[at + 2] !== CLOSE;
		const to = isRange ? (pattern[at + 2] as number) : from;
		if (from <= byte && byte <= to) found = true;
		at += isRange ? 3 : 1;
	}
	return found === inverted ? undefined : end;
}

/** Behind the bracket that closes the set; one that comes first is of the set. */
function setEnd(pattern: Uint8Array, open: number): number | undefined {
	let at = open + 1;
	if (INVERTERS.includes(pattern[at] ?? 0)) at++;
	for (let first = true; at < pattern.length; first = false) {
		if (pattern[at] === CLOSE && !first) return at + 1;
		const isRange =
			at + 2 < pattern.length && pattern[at + 1] === DASH && pattern[at + 2] !== CLOSE;
		at += isRange ? 3 : 1;
	}
	return undefined;
}
