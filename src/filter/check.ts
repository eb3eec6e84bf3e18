/** Looks a filter's fields and values up in a source, and draws its negations into comparisons. */
import { assertUnreachable } from "../base/assert.js";
import { nearestName } from "../base/nearest-name.js";
import { checkCallName, checkCallNumber } from "./check-call.js";
import { checkNumber } from "./check-number.js";
import { checkText } from "./check-text.js";
import { allOf, anyOf, type Condition } from "./condition.js";
import { type FilterSource, fieldNames, findField, isCallText } from "./fields.js";
import { badFilter } from "./filter-error.js";
import type { Comparison, Expression, ParsedFilter } from "./syntax.js";

/** What must be asked of the machine. */
export interface FilterHost {
	/** The id of the cgroup of this path below the cgroup2 mount; undefined: there is none. */
	cgroupId(path: string): bigint | undefined;
}

/** @throws RelayscopeError BAD_FILTER */
export function checkFilter(
	{ text, expression }: ParsedFilter,
	source: FilterSource,
	host: FilterHost,
): Condition {
	const lower = (part: Expression, negated: boolean): Condition => {
		switch (part.kind) {
			case "not":
				return lower(part.part, !negated);
			case "and":
			case "or": {
				const parts = part.parts.map((each) => lower(each, negated));
				return (part.kind === "and") === negated ? anyOf(parts) : allOf(parts);
			}
			case "comparison":
				return checkComparison(text, part, negated, source, host);
			default:
				return assertUnreachable(part);
		}
	};
	return lower(expression, false);
}

/** Whether the source has every field that is asked for. */
export function canAsk({ expression }: ParsedFilter, source: FilterSource): boolean {
	return comparisonsOf(expression).every(
		({ field }) => findField(source, field.name) !== undefined,
	);
}

/** The first field that none of the sources has; undefined: they have each, but no source has all. */
export function unknownField(
	{ expression }: ParsedFilter,
	sources: readonly FilterSource[],
): Comparison["field"] | undefined {
	return comparisonsOf(expression)
		.map(({ field }) => field)
		.find(({ name }) => sources.every((source) => findField(source, name) === undefined));
}

export function noSuchField(
	text: string,
	field: Comparison["field"],
	sources: readonly FilterSource[],
): Error {
	if (isCallText(field.name) && sources.some(({ calls }) => calls !== undefined)) {
		return badFilter(
			text,
			field,
			`${field.name} is not recorded`,
			"Add --strings: paths of system calls are read and recorded with it.",
		);
	}
	const where = sources.map(({ name }) => name).join(", ");
	const known = [...new Set(sources.flatMap(fieldNames))];
	const nearest = nearestName(field.name, known);
	const hint =
		nearest === undefined
			? `There are: ${known.sort().join(", ")}.`
			: `Did you mean ${nearest}? docs/events.md lists all fields.`;
	return badFilter(text, field, `there is no field ${field.name} in ${where}`, hint);
}

function comparisonsOf(expression: Expression): readonly Comparison[] {
	switch (expression.kind) {
		case "comparison":
			return [expression];
		case "not":
			return comparisonsOf(expression.part);
		case "and":
		case "or":
			return expression.parts.flatMap(comparisonsOf);
		default:
			return assertUnreachable(expression);
	}
}

function checkComparison(
	text: string,
	comparison: Comparison,
	negated: boolean,
	source: FilterSource,
	host: FilterHost,
): Condition {
	const field = findField(source, comparison.field.name);
	if (field === undefined) throw noSuchField(text, comparison.field, [source]);
	switch (field.kind) {
		case "number":
			return checkNumber(text, comparison, negated, field);
		case "text":
			return checkText(text, comparison, negated, field);
		case "call-name":
			return checkCallName(text, comparison, negated, field.calls);
		case "call-number":
			return checkCallNumber(text, comparison, negated, field.calls);
		case "cgroup":
			return checkCgroup(text, comparison, negated, host);
		default:
			return assertUnreachable(field);
	}
}

function checkCgroup(
	text: string,
	{ sign, values, ...span }: Comparison,
	negated: boolean,
	host: FilterHost,
): Condition {
	if (sign !== "==" && sign !== "!=" && sign !== "in") {
		throw badFilter(
			text,
			span,
			`${sign} means nothing for a cgroup`,
			'A task is in it or below it, or not: cgroup == "/system.slice", cgroup in ("/a", "/b").',
		);
	}
	const op = (sign === "!=") === negated ? "under" : "notUnder";
	const tests = values.map((value): Condition => {
		if (value.kind === "number" && value.value >= 0n) {
			return { kind: "cgroup", op, id: value.value, span: value };
		}
		const id =
			value.kind === "text" ? host.cgroupId(Buffer.from(value.bytes).toString()) : undefined;
		if (id !== undefined) return { kind: "cgroup", op, id, span: value };
		throw badFilter(
			text,
			value,
			"there is no such cgroup",
			'Give its path below the cgroup2 file system, as `cat /proc/PID/cgroup` shows it: "/system.slice/ssh.service".',
		);
	});
	return op === "under" ? anyOf(tests) : allOf(tests);
}
