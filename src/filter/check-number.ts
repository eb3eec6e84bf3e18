import { ERRNO_NAMES } from "../base/errno.js";
import { nearestName } from "../base/nearest-name.js";
import { allOf, anyOf, type Condition } from "./condition.js";
import { type NumberField, numberDomain } from "./fields.js";
import { badFilter } from "./filter-error.js";
import { CALL, type NumberOp, type NumberOperand } from "./program.js";
import type { Comparison, Value } from "./syntax.js";
import type { ComparisonSign } from "./tokens.js";

const ERRNOS: ReadonlyMap<string, bigint> = new Map(
	[...ERRNO_NAMES].map(([number, name]) => [name, BigInt(number)]),
);

/** By sign: what holds, and what does where it is negated. */
const OPS: Readonly<Partial<Record<ComparisonSign, readonly [NumberOp, NumberOp]>>> = {
	"==": ["eq", "ne"],
	"!=": ["ne", "eq"],
	"<": ["lt", "ge"],
	"<=": ["le", "gt"],
	">": ["gt", "le"],
	">=": ["ge", "lt"],
	"&": ["bits", "noBits"],
};

/** From so many values on, and below this, a set of bits is smaller than a test for each. */
const SET_FROM = 4;
const SET_BELOW = 2048n;

export function checkNumber(
	text: string,
	comparison: Comparison,
	negated: boolean,
	field: NumberField,
): Condition {
	const { sign } = comparison;
	const values = comparison.values.map((value) => numberOf(text, comparison, value, field));
	const conditions = field.operands.map((operand): Condition => {
		if (sign === "in") return oneOf(comparison, operand, values, negated);
		const ops = OPS[sign];
		const [value] = values;
		if (ops === undefined || value === undefined) {
			throw badFilter(
				text,
				comparison,
				`${comparison.field.name} is a number, not a text`,
				"Compare it with ==, !=, <, <=, >, >=, & or in (...).",
			);
		}
		return testOf(comparison, operand, ops[negated ? 1 : 0], value);
	});
	return anyOf(conditions);
}

function oneOf(
	span: Comparison,
	operand: NumberOperand,
	values: readonly bigint[],
	negated: boolean,
): Condition {
	const { min, max } = numberDomain(operand);
	const possible = values.map((value) => wrapped(value, min, max));
	if (
		possible.length >= SET_FROM &&
		possible.every((value) => value >= 0n && value < SET_BELOW && value <= max)
	) {
		const members = possible.map(Number);
		return { kind: "set", op: negated ? "notIn" : "in", operand, members, span };
	}
	const tests = possible.map((value) => testOf(span, operand, negated ? "ne" : "eq", value));
	return negated ? allOf(tests) : anyOf(tests);
}

function testOf(span: Comparison, operand: NumberOperand, op: NumberOp, wanted: bigint): Condition {
	const { min, max } = numberDomain(operand);
	if (op === "bits" || op === "noBits") {
		return { kind: "number", op, operand, value: BigInt.asUintN(64, wanted), span };
	}
	const value = op === "eq" || op === "ne" ? wrapped(wanted, min, max) : wanted;
	if (value >= min && value <= max) return { kind: "number", op, operand, value, span };
	const isAbove = value > max;
	const holds = op === "ne" || (isAbove ? op === "lt" || op === "le" : op === "gt" || op === "ge");
	// Where the event has the field at all.
	return holds
		? { kind: "number", op: "ge", operand, value: min, span }
		: { kind: "always", holds: false };
}

/** Registers have no sign: 64 bits may be written either way. */
function wrapped(value: bigint, min: bigint, max: bigint): bigint {
	const is64 = max === (1n << 63n) - 1n;
	return is64 && value > max && value < 1n << 64n && min < 0n ? value - (1n << 64n) : value;
}

function numberOf(text: string, comparison: Comparison, value: Value, field: NumberField): bigint {
	const { name } = comparison.field;
	if (value.kind === "number") return value.value;
	if (value.kind === "device") {
		if (field.isDevice) return value.value;
		throw badFilter(text, value, `${name} is no device`, "MAJOR:MINOR is a device's number.");
	}
	if (value.kind === "text") {
		throw badFilter(
			text,
			value,
			`${name} is a number, not a text`,
			"Write the number without quotes.",
		);
	}
	const number = field.names.get(value.name) ?? ERRNOS.get(value.name);
	if (number === undefined) {
		const known = [...field.names.keys(), ...ERRNOS.keys()];
		const nearest = nearestName(value.name, known);
		const hint =
			nearest === undefined
				? "A number, or an errno such as ENOENT; ret is minus the errno."
				: `Did you mean ${nearest}?`;
		throw badFilter(text, value, `${value.name} is no number that is known here`, hint);
	}
	if (isReturn(field) && !value.negative) {
		throw badFilter(
			text,
			value,
			"a call returns minus the errno",
			`Write ret ${comparison.sign} -${value.name}, or errno ${comparison.sign} ${value.name}.`,
		);
	}
	return value.negative ? -number : number;
}

function isReturn({ operands }: NumberField): boolean {
	return operands.some((operand) => operand.kind === "call" && operand.id === CALL.ret);
}
