import { RelayscopeError } from "../base/error.js";

/** A part of an expression's text. */
export interface Span {
	/** Of its first character. */
	readonly start: number;
	/** Behind its last one. */
	readonly end: number;
}

/** What is wrong, the expression, and a mark below the place. */
export function badFilter(
	text: string,
	{ start, end }: Span,
	problem: string,
	hint: string,
): RelayscopeError {
	// A tab would put the mark elsewhere than it is counted.
	const line = text.replaceAll(/\s/g, " ");
	const mark = "^".repeat(Math.max(1, end - start));
	const message = `the filter is not understood: ${problem}\n    ${line}\n    ${" ".repeat(start)}${mark}`;
	return new RelayscopeError("BAD_FILTER", message, { hint });
}
