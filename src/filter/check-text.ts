import { allOf, anyOf, type Condition } from "./condition.js";
import type { Field } from "./fields.js";
import { badFilter } from "./filter-error.js";
import { isWholePattern } from "./pattern.js";
import { PATTERN_MAX, type TextOp } from "./program.js";
import type { Comparison, Value } from "./syntax.js";
import type { ComparisonSign } from "./tokens.js";

const OPS: Readonly<Partial<Record<ComparisonSign | "in", readonly [TextOp, TextOp]>>> = {
	"==": ["is", "isNot"],
	"!=": ["isNot", "is"],
	"~": ["matches", "matchesNot"],
	"!~": ["matchesNot", "matches"],
	in: ["is", "isNot"],
};

export function checkText(
	text: string,
	comparison: Comparison,
	negated: boolean,
	field: Extract<Field, { kind: "text" }>,
): Condition {
	const { sign, values, field: name } = comparison;
	const ops = OPS[sign];
	if (ops === undefined) {
		throw badFilter(
			text,
			comparison,
			`${name.name} is a text, not a number`,
			'Compare it with ==, !=, in (...), or with a pattern: ~ "/etc/*", !~.',
		);
	}
	const op = ops[negated ? 1 : 0];
	const wanted = values.map((value) => bytesOf(text, comparison, value, op, field.lengthMax));
	return anyOf(
		field.operands.map((operand) => {
			const tests = wanted.map(
				(bytes): Condition => ({ kind: "text", op, operand, bytes, span: comparison }),
			);
			return sign === "in" && negated ? allOf(tests) : anyOf(tests);
		}),
	);
}

function bytesOf(
	text: string,
	{ field }: Comparison,
	value: Value,
	op: TextOp,
	lengthMax = Number.POSITIVE_INFINITY,
): Uint8Array {
	if (
		value.kind === "number" ||
		value.kind === "device" ||
		(value.kind === "name" && value.negative)
	) {
		throw badFilter(text, value, `${field.name} is a text`, `Put the value in quotes: "...".`);
	}
	const bytes = value.kind === "text" ? value.bytes : Buffer.from(value.name);
	if (op === "is" || op === "isNot") {
		if (bytes.length <= lengthMax) return bytes;
		throw badFilter(
			text,
			value,
			`${field.name} is never as long as this`,
			`It has ${lengthMax} bytes at most; a pattern takes the rest: ~ "${Buffer.from(bytes.subarray(0, lengthMax)).toString()}*".`,
		);
	}
	checkPattern(text, value, bytes);
	return bytes;
}

export function checkPattern(text: string, value: Value, bytes: Uint8Array): void {
	if (bytes.length > PATTERN_MAX) {
		throw badFilter(
			text,
			value,
			`a pattern has ${PATTERN_MAX} bytes at most`,
			"Shorten it with *, or use == for the whole text.",
		);
	}
	if (!isWholePattern(bytes)) {
		throw badFilter(
			text,
			value,
			"a [ of this pattern is not closed",
			'Close it, as in "[a-z]*"; \\[ is the bracket itself.',
		);
	}
}
