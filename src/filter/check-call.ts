import { nearestName } from "../base/nearest-name.js";
import type { CallNames } from "./call-names.js";
import { checkNumber } from "./check-number.js";
import { checkPattern } from "./check-text.js";
import { allOf, anyOf, type Condition } from "./condition.js";
import { CALL_NUMBER } from "./fields.js";
import { badFilter } from "./filter-error.js";
import { patternMatches } from "./pattern.js";
import { CALL, type NumberOperand } from "./program.js";
import type { Comparison, Value } from "./syntax.js";

const KEY: NumberOperand = { kind: "call", id: CALL.key, signed: false };
const NUMBER: NumberOperand = { kind: "call", id: CALL.nr, signed: true };

/** How a call outside the table is named everywhere. */
const OUTSIDE = /^syscall_(\d{1,9})$/;

export function checkCallName(
	text: string,
	comparison: Comparison,
	negated: boolean,
	calls: CallNames,
): Condition {
	const { sign, values } = comparison;
	if (!["==", "!=", "in", "~", "!~"].includes(sign)) {
		throw badFilter(
			text,
			comparison,
			`${sign} means nothing for a call's name`,
			'Use name == openat, name in (openat, read) or name ~ "open*".',
		);
	}
	const isNegative = (sign === "!=" || sign === "!~") !== negated;
	const isPattern = sign === "~" || sign === "!~";
	const found = values.map((value) =>
		isPattern ? keysLike(text, value, calls) : keysNamed(text, value, calls),
	);
	return callTest(comparison, isNegative, found);
}

/** Numbers are those of the call's own table; names are looked up in all of them. */
export function checkCallNumber(
	text: string,
	comparison: Comparison,
	negated: boolean,
	calls: CallNames,
): Condition {
	const named = comparison.values.filter((value) => value.kind === "name");
	if (named.length === 0) return checkNumber(text, comparison, negated, CALL_NUMBER);
	const numbers = comparison.values.filter((value) => value.kind !== "name");
	const byName = checkCallName(text, { ...comparison, values: named }, negated, calls);
	if (numbers.length === 0) return byName;
	const byNumber = checkNumber(text, { ...comparison, values: numbers }, negated, CALL_NUMBER);
	return negated ? allOf([byName, byNumber]) : anyOf([byName, byNumber]);
}

interface Found {
	readonly keys: readonly number[];
	/** Of a call that no table has. */
	readonly outside: readonly bigint[];
}

function callTest(span: Comparison, negated: boolean, found: readonly Found[]): Condition {
	const keys = [...new Set(found.flatMap((each) => each.keys))];
	const outside = found.flatMap((each) => each.outside);
	const op = negated ? "ne" : "eq";
	const tests = outside.map(
		(value): Condition => ({ kind: "number", op, operand: NUMBER, value, span }),
	);
	const [key, ...others] = keys;
	if (others.length > 0) {
		const kind = negated ? "notIn" : "in";
		tests.push({ kind: "set", op: kind, operand: KEY, members: keys, span });
	} else if (key !== undefined) {
		tests.push({ kind: "number", op, operand: KEY, value: BigInt(key), span });
	}
	return negated ? allOf(tests) : anyOf(tests);
}

function keysNamed(text: string, value: Value, calls: CallNames): Found {
	const name = nameOf(text, value);
	const keys = calls.keysOf(name);
	if (keys !== undefined) return { keys, outside: [] };
	const [, nr] = OUTSIDE.exec(name) ?? [];
	if (nr !== undefined) return { keys: [], outside: [BigInt(nr)] };
	const nearest = nearestName(name, calls.names);
	throw badFilter(
		text,
		value,
		`there is no system call ${name}`,
		nearest === undefined
			? 'Calls have the kernel\'s names: openat, newfstatat, mmap; a pattern finds more: name ~ "*stat*".'
			: `Did you mean ${nearest}?`,
	);
}

function keysLike(text: string, value: Value, calls: CallNames): Found {
	const pattern = Buffer.from(nameOf(text, value));
	checkPattern(text, value, pattern);
	const names = calls.names.filter((name) => patternMatches(pattern, Buffer.from(name)));
	if (names.length === 0) {
		throw badFilter(text, value, "no system call has such a name", 'An example: name ~ "open*".');
	}
	return { keys: names.flatMap((name) => calls.keysOf(name) ?? []), outside: [] };
}

function nameOf(text: string, value: Value): string {
	if (value.kind === "text") return Buffer.from(value.bytes).toString();
	if (value.kind === "name" && !value.negative) return value.name;
	throw badFilter(
		text,
		value,
		"a call's name is due here",
		"As in name == openat; nr takes numbers.",
	);
}
