/** Rules held against a database's views: what is asked of each view, in one question. */
import type { QueryDatabase, SqlValue } from "../analyze/query/query-database.js";
import { RelayscopeError } from "../base/error.js";
import { nearestName } from "../base/nearest-name.js";
import { AuditedView } from "./audited-view.js";
import { conditionSql, type SqlText } from "./condition-sql.js";
import { narrowingSql } from "./narrowing.js";
import type { Rule, Step, StepTest } from "./rule.js";
import { badRule, type Place } from "./rule-error.js";

/** All that is looked for in one view. */
export interface ViewScan extends SqlText {
	readonly view: AuditedView;
	/** Their results stand behind the view's columns, in this order. */
	readonly tests: readonly StepTest[];
}

export interface CompiledRules {
	readonly rules: readonly Rule[];
	readonly scans: readonly ViewScan[];
	/** Rules about views that the session does not have, by view. */
	readonly skipped: ReadonlyMap<string, readonly Rule[]>;
}

/** Views of sources that a session need not have. */
const VIEWS_OF_SOURCES = [
	...["syscalls", "execs", "sockets", "socket_calls", "credentials", "files"],
	...["block_requests", "block_ios", "io_causes", "sched_slices", "logs", "context", "alerts"],
];

/** @throws RelayscopeError BAD_RULE */
export function compileRules(rules: readonly Rule[], database: QueryDatabase): CompiledRules {
	const columnsOf = new Map(database.views().map(({ name, columns }) => [name, columns]));
	const skipped = new Map<string, Rule[]>();
	const usable: Rule[] = [];
	for (const rule of rules) {
		const missing = rule.steps.find(({ view }) => !columnsOf.has(view));
		if (missing === undefined) {
			checkNames(rule, columnsOf);
			usable.push(rule);
		} else {
			requireKnown(missing, [...columnsOf.keys()]);
			skipped.set(missing.view, [...(skipped.get(missing.view) ?? []), rule]);
		}
	}
	const tests = new Map<string, StepTest[]>();
	for (const rule of usable) {
		for (const [index, { view }] of rule.steps.entries()) {
			tests.set(view, [...(tests.get(view) ?? []), { rule, index }]);
		}
	}
	const scans = [...tests].map(([view, own]) =>
		scanOf(view, columnsOf.get(view) ?? [], own, database),
	);
	return { rules: usable, scans, skipped };
}

function scanOf(
	name: string,
	columns: readonly string[],
	tests: readonly StepTest[],
	database: QueryDatabase,
): ViewScan {
	const view = new AuditedView(name, columns, wantedColumns(tests, columns));
	const conditions = tests.map((test) => stepSql(test, name, columns, database));
	const values: SqlValue[] = [];
	const use = ({ sql, values: bound }: SqlText): string => {
		values.push(...bound);
		return `(${sql})`;
	};
	const selected = view.columns.map((column) => `v."${column}"`);
	const results = conditions.map(use);
	const narrowed = narrowingSql(tests);
	const before = narrowed === undefined ? "" : `${use(narrowed)} AND `;
	const sql = `SELECT ${[...selected, ...results].join(", ")} FROM "${name}" v
		WHERE ${before}(${conditions.map(use).join(" OR ")}) ORDER BY v.ts`;
	return { view, tests, sql, values };
}

function stepSql(
	{ rule, index }: StepTest,
	view: string,
	columns: readonly string[],
	database: QueryDatabase,
): SqlText {
	const step = rule.steps[index] as Step;
	const scope = { view, columns, definitions: rule.definitions };
	const parts = step.when.map((each) => conditionSql(each, scope));
	for (const each of step.unless) {
		const { sql, values } = conditionSql(each, scope);
		// Where it is neither true nor false it is no exception.
		parts.push({ sql: `(${sql}) IS NOT TRUE`, values });
	}
	if (step.sql !== undefined) parts.push({ sql: checkedSql(step.sql, view, database), values: [] });
	return {
		sql: parts.map(({ sql }) => sql).join(" AND "),
		values: parts.flatMap(({ values }) => values),
	};
}

function checkedSql(
	{ text, place }: { readonly text: string; readonly place: Place },
	view: string,
	database: QueryDatabase,
): string {
	try {
		// By itself, so that what is wrong is this rule's.
		const { rows } = database.ask(`SELECT 1 FROM "${view}" v WHERE (\n${text}\n) LIMIT 0`);
		for (const _ of rows) break;
	} catch (error) {
		if (!(error instanceof RelayscopeError)) throw error;
		throw badRule(place, error.message, error.hint ?? "Give an expression over the columns.");
	}
	return `\n${text}\n`;
}

function wantedColumns(
	tests: readonly StepTest[],
	columns: readonly string[],
): ReadonlySet<string> {
	const wanted = tests.flatMap(({ rule, index }) => columnsOfStep(rule, index));
	return new Set(wanted.filter((column) => columns.includes(column)));
}

/** What links, the message and once_per read of a step's row. */
function columnsOfStep(rule: Rule, index: number): readonly string[] {
	const step = rule.steps[index];
	const isLast = index === rule.steps.length - 1;
	const own = (step?.links ?? []).map(({ column }) => column);
	const asked = rule.steps
		.flatMap(({ links }) => links)
		.filter((link) => link.step === step?.name)
		.map(({ stepColumn }) => stepColumn);
	const told = rule.message.flatMap((part) => {
		if (typeof part === "string") return [];
		const isOwn = part.step === step?.name || (part.step === undefined && isLast);
		return isOwn ? [part.column] : [];
	});
	const alike = isLast ? rule.oncePer.map(({ column }) => column) : [];
	return [...own, ...asked, ...told, ...alike];
}

function requireKnown({ view, viewPlace }: Step, views: readonly string[]): void {
	if (VIEWS_OF_SOURCES.includes(view)) return;
	const known = [...new Set([...views, ...VIEWS_OF_SOURCES])].sort();
	const nearest = nearestName(view, known);
	const meant = nearest === undefined ? "" : `Did you mean ${nearest}? `;
	throw badRule(viewPlace, `there is no view ${view}`, `${meant}Views: ${known.join(", ")}.`);
}

/** Columns that links, messages and once_per name. */
function checkNames(rule: Rule, columnsOf: ReadonlyMap<string, readonly string[]>): void {
	const last = rule.steps.at(-1) ?? rule.steps[0];
	const require = (step: Step | undefined, column: string, place: Place): void => {
		if (step === undefined) return;
		const columns = columnsOf.get(step.view) ?? [];
		if (columns.includes(column)) return;
		const nearest = nearestName(column, columns);
		const meant = nearest === undefined ? "" : `Did you mean ${nearest}? `;
		throw badRule(
			place,
			`view ${step.view} has no column ${column}`,
			`${meant}Columns of ${step.view}: ${columns.join(", ")}.`,
		);
	};
	const named = (name: string) => rule.steps.find((step) => step.name === name);
	for (const step of rule.steps) {
		require(step, "ts", step.viewPlace);
		for (const { column, step: other, stepColumn, place } of step.links) {
			require(step, column, place);
			require(named(other), stepColumn, place);
		}
	}
	for (const { column, place } of rule.oncePer) require(last, column, place);
	for (const part of rule.message) {
		if (typeof part === "string") continue;
		const step = part.step === undefined ? last : named(part.step);
		if (step === undefined) {
			const known = rule.steps.map(({ name }) => name).join(", ");
			const hint = `Steps of this rule: ${known}.`;
			throw badRule(rule.messagePlace, `there is no step ${part.step}`, hint);
		}
		require(step, part.column, rule.messagePlace);
	}
}
