import type { Span } from "./filter-error.js";
import type { ComparisonSign } from "./tokens.js";

/** What a filter says, as it was written: nothing of it has been looked up yet. */
export type Expression =
	| { readonly kind: "and" | "or"; readonly parts: readonly Expression[] }
	| { readonly kind: "not"; readonly part: Expression }
	| Comparison;

/** `field sign value`, or `field in (value, ...)`. */
export interface Comparison extends Span {
	readonly kind: "comparison";
	readonly field: Span & { readonly name: string };
	readonly sign: ComparisonSign | "in";
	/** One, but for "in". */
	readonly values: readonly Value[];
}

export type Value = Span &
	(
		| { readonly kind: "number"; readonly value: bigint }
		| { readonly kind: "device"; readonly value: bigint }
		| { readonly kind: "text"; readonly bytes: Uint8Array }
		/** A call, an errno, an event or a word: the field says which. */
		| { readonly kind: "name"; readonly name: string; readonly negative: boolean }
	);

export interface ParsedFilter {
	readonly text: string;
	readonly expression: Expression;
}
