/** What a filter says, straight from its syntax, over decoded values: slow, and in three values. */
import { ERRNO_NAMES } from "../../src/base/errno.js";
import { patternMatches } from "../../src/filter/pattern.js";
import type { Comparison, Expression, Value } from "../../src/filter/syntax.js";

/** Of an event's field: an integer, a text's bytes, the ids of a task's cgroups, or not there. */
export type FieldValue = bigint | Uint8Array | ReadonlySet<bigint> | undefined;

/** SQL's logic: undefined is what is not known. */
export function interpret(
	expression: Expression,
	fieldOf: (name: string) => FieldValue,
): boolean | undefined {
	switch (expression.kind) {
		case "not": {
			const part = interpret(expression.part, fieldOf);
			return part === undefined ? undefined : !part;
		}
		case "and":
		case "or": {
			const decisive = expression.kind === "or";
			const parts = expression.parts.map((part) => interpret(part, fieldOf));
			if (parts.includes(decisive)) return decisive;
			return parts.includes(undefined) ? undefined : !decisive;
		}
		case "comparison":
			return compare(expression, fieldOf(expression.field.name));
	}
}

function compare({ sign, values }: Comparison, field: FieldValue): boolean | undefined {
	if (field === undefined) return undefined;
	if (sign === "in") return values.some((value) => isEqual(field, value));
	const [value] = values;
	if (value === undefined) throw new Error("a comparison without a value");
	switch (sign) {
		case "==":
			return isEqual(field, value);
		case "!=":
			return !isEqual(field, value);
		case "~":
			return patternMatches(bytesOf(value), field as Uint8Array);
		case "!~":
			return !patternMatches(bytesOf(value), field as Uint8Array);
		case "<":
			return (field as bigint) < numberOf(value);
		case "<=":
			return (field as bigint) <= numberOf(value);
		case ">":
			return (field as bigint) > numberOf(value);
		case ">=":
			return (field as bigint) >= numberOf(value);
		case "&":
			return (BigInt.asUintN(64, field as bigint) & BigInt.asUintN(64, numberOf(value))) !== 0n;
	}
}

function isEqual(field: Exclude<FieldValue, undefined>, value: Value): boolean {
	if (typeof field === "bigint") return field === numberOf(value);
	if (field instanceof Uint8Array) return Buffer.compare(field, bytesOf(value)) === 0;
	return field.has(numberOf(value));
}

function numberOf(value: Value): bigint {
	if (value.kind === "number" || value.kind === "device") return value.value;
	if (value.kind === "text") throw new Error("a text is no number");
	const [errno] = [...ERRNO_NAMES].find(([, name]) => name === value.name) ?? [];
	if (errno === undefined) throw new Error(`no errno ${value.name}`);
	return value.negative ? -BigInt(errno) : BigInt(errno);
}

function bytesOf(value: Value): Uint8Array {
	if (value.kind === "text") return value.bytes;
	if (value.kind === "name") return Buffer.from(value.name);
	throw new Error("a number is no text");
}
