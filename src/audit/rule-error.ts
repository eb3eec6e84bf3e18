import { RelayscopeError } from "../base/error.js";

/** Where something stands in a file of rules; from 1. */
export interface Place {
	readonly file: string;
	readonly line: number;
	readonly column: number;
}

/** What is wrong with a rule, where, and what to do. */
export function badRule(place: Place, problem: string, hint: string): RelayscopeError {
	const { file, line, column } = place;
	return new RelayscopeError("BAD_RULE", `${file}:${line}:${column}: ${problem}`, { hint });
}
