/** Conditions as SQL over the columns of a view; every value is bound. */
import type { SqlValue } from "../analyze/query/query-database.js";
import { assertUnreachable } from "../base/assert.js";
import { ERRNO_NAMES } from "../base/errno.js";
import { nearestName } from "../base/nearest-name.js";
import type { Comparison, Expression, Value } from "../filter/syntax.js";
import type { ComparisonSign } from "../filter/tokens.js";
import { symbolNames, symbolValue } from "./argument-symbols.js";
import { globOf } from "./glob.js";
import type { WrittenCondition } from "./rule.js";
import { badRule } from "./rule-error.js";

export interface SqlText {
	readonly sql: string;
	readonly values: readonly SqlValue[];
}

export interface ConditionScope {
	readonly view: string;
	readonly columns: readonly string[];
	readonly definitions: ReadonlyMap<Expression, WrittenCondition>;
}

const OPERATORS: Readonly<Record<Exclude<ComparisonSign, "&" | "~" | "!~">, string>> = {
	"==": "=",
	"!=": "<>",
	"<": "<",
	"<=": "<=",
	">": ">",
	">=": ">=",
};
/** Stands for the files that a row names. Not fd_path2, which of most calls is a file that is read. */
const ANY_FILE = "file";
const FILE_COLUMNS = ["path", "path2", "fd_path"];
/** Registers: a word that is compared with one is the name of a number. */
const ARGUMENT = /^arg[0-5]$/;

/** @throws RelayscopeError BAD_RULE */
export function conditionSql(condition: WrittenCondition, scope: ConditionScope): SqlText {
	const values: SqlValue[] = [];
	const compile = (expression: Expression, written: WrittenCondition): string => {
		const origin = scope.definitions.get(expression) ?? written;
		switch (expression.kind) {
			case "not":
				return `NOT (${compile(expression.part, origin)})`;
			case "and":
			case "or":
				return `(${expression.parts.map((part) => compile(part, origin)).join(` ${expression.kind.toUpperCase()} `)})`;
			case "comparison":
				return comparisonSql(expression, origin, scope, values);
			default:
				return assertUnreachable(expression);
		}
	};
	return { sql: compile(condition.expression, condition), values };
}

function comparisonSql(
	comparison: Comparison,
	written: WrittenCondition,
	{ view, columns }: Pick<ConditionScope, "view" | "columns">,
	values: SqlValue[],
): string {
	const { field, sign } = comparison;
	if (field.name === ANY_FILE) return anyFileSql(comparison, written, { view, columns }, values);
	if (!columns.includes(field.name)) {
		const nearest = nearestName(field.name, columns);
		const meant = nearest === undefined ? "" : `Did you mean ${nearest}? `;
		throw mistake(
			written,
			comparison.field,
			`view ${view} has no column ${field.name}`,
			`${meant}Columns of ${view}: ${columns.join(", ")}.`,
		);
	}
	const column = `v."${field.name}"`;
	const bind = (value: Value): string => {
		values.push(boundValue(value, comparison, written));
		return "?";
	};
	const [first] = comparison.values;
	if (first === undefined) throw new Error("a comparison has a value");
	switch (sign) {
		case "in":
			return `${column} IN (${comparison.values.map(bind).join(", ")})`;
		case "&": {
			const mask = bind(first);
			if (typeof values.at(-1) === "bigint") return `(${column} & ${mask}) <> 0`;
			throw mistake(
				written,
				first,
				"& needs a number",
				"Compare bits: arg2 & O_CREAT, arg1 & 0x3.",
			);
		}
		case "~":
		case "!~": {
			const value = boundValue(first, comparison, written);
			if (typeof value !== "string") {
				throw mistake(written, first, "a pattern is a text", 'Put it in quotes: path ~ "/etc/*".');
			}
			values.push(globOf(value));
			return `${column} ${sign === "~" ? "GLOB" : "NOT GLOB"} ?`;
		}
		default:
			return `${column} ${OPERATORS[sign]} ${bind(first)}`;
	}
}

/** Whether any of the row's files is meant. Of none at all `!=` and `!~` hold. */
function anyFileSql(
	comparison: Comparison,
	written: WrittenCondition,
	{ view, columns }: Pick<ConditionScope, "view" | "columns">,
	values: SqlValue[],
): string {
	const files = FILE_COLUMNS.filter((column) => columns.includes(column));
	const { field, sign } = comparison;
	if (files.length === 0) {
		const hint = `Columns of ${view}: ${columns.join(", ")}.`;
		throw mistake(written, field, `view ${view} has no files`, hint);
	}
	const positive = sign === "!=" ? "==" : sign === "!~" ? "~" : sign;
	const any = files.map((name) =>
		comparisonSql(
			{ ...comparison, field: { ...field, name }, sign: positive },
			written,
			{ view, columns },
			values,
		),
	);
	const holds = any.map((each) => `coalesce(${each}, 0)`).join(" OR ");
	return positive === sign ? `(${holds})` : `NOT (${holds})`;
}

function boundValue(value: Value, { field }: Comparison, written: WrittenCondition): SqlValue {
	switch (value.kind) {
		case "number":
		case "device":
			return value.value;
		case "text":
			return Buffer.from(value.bytes).toString();
		case "name":
			return namedValue(value, field.name, written);
		default:
			return assertUnreachable(value);
	}
}

/** A word: an errno behind a minus, the name of a number beside an argument, else a text. */
function namedValue(
	value: Extract<Value, { kind: "name" }>,
	column: string,
	written: WrittenCondition,
): SqlValue {
	const { name, negative } = value;
	if (negative) {
		const [code] = [...ERRNO_NAMES].find(([, known]) => known === name) ?? [];
		if (code !== undefined) return BigInt(-code);
		throw mistake(written, value, `${name} is no errno`, "Write ret == -EACCES, or a number.");
	}
	if (!ARGUMENT.test(column)) return name;
	const number = symbolValue(name);
	if (number !== undefined) return BigInt(number);
	const nearest = nearestName(name, symbolNames());
	const meant = nearest === undefined ? "" : `Did you mean ${nearest}? `;
	throw mistake(
		written,
		value,
		`${name} is no value of an argument`,
		`${meant}A number will do, too.`,
	);
}

function mistake(
	{ text, place }: WrittenCondition,
	{ start, end }: { readonly start: number; readonly end: number },
	problem: string,
	hint: string,
): Error {
	const line = text.replaceAll(/\s/g, " ");
	const mark = "^".repeat(Math.max(1, end - start));
	return badRule(place, `${problem}\n    ${line}\n    ${" ".repeat(start)}${mark}`, hint);
}
