import type { QueryDatabase, SqlValue } from "../query/query-database.js";
import type { SessionFacts } from "../query/session-facts.js";
import type { Device } from "./device.js";
import type { PathPattern } from "./path-pattern.js";
import type { TimeRange } from "./time-range.js";

/** What a report is asked about. */
export interface Scope {
	readonly facts: SessionFacts;
	readonly range: TimeRange;
	readonly pid: number | undefined;
	readonly comm: string | undefined;
	readonly path: PathPattern | undefined;
	readonly device: Device | undefined;
	/** One of the report's `by`. */
	readonly by: string;
	/** Most rows of a list; undefined: all. */
	readonly limit: number | undefined;
}

/** How a column's values are to be read; whoever prints them decides how that looks. */
export type CellKind =
	| "text"
	| "id"
	| "count"
	| "bytes"
	| "duration"
	| "offset"
	| "percent"
	| "decimal"
	| "wall-clock"
	/** A share of the column's largest value, drawn as long as there is room. */
	| "bar";
export type Cell = string | number | bigint | null;

export interface ReportColumn {
	readonly title: string;
	readonly kind: CellKind;
	/** May be cut on a narrow terminal. */
	readonly shrinks?: boolean;
}

export interface ReportTable {
	readonly title: string;
	readonly columns: readonly ReportColumn[];
	readonly rows: readonly (readonly Cell[])[];
	/** Rows that the limit left out. */
	readonly omitted: number;
	/** Said instead of an empty table. */
	readonly whenEmpty: string;
	readonly notes?: readonly string[];
}

/** What a report can be narrowed to, as the options are called. */
export const REPORT_FILTERS = ["pid", "comm", "path", "device"] as const;
export type ReportFilter = (typeof REPORT_FILTERS)[number];

/** A report's typed answer is data; its tables are made from that and nothing else. */
export interface ReportDefinition<Result> {
	readonly name: string;
	readonly summary: string;
	/** What rows can stand for; the first is the default. */
	readonly by: readonly string[];
	/** Filters that it takes, beside the time range that all take. */
	readonly filters: readonly ReportFilter[];
	build(database: QueryDatabase, scope: Scope): Result;
	tables(result: Result, scope: Scope): readonly ReportTable[];
}

export interface ReportAnswer {
	readonly data: object;
	readonly tables: readonly ReportTable[];
}

/** A ReportDefinition with its result type closed over, so that different ones fit in a list. */
export interface Report {
	readonly name: string;
	readonly summary: string;
	readonly by: readonly string[];
	readonly filters: readonly ReportFilter[];
	answer(database: QueryDatabase, scope: Scope): ReportAnswer;
}

export function defineReport<Result extends object>(definition: ReportDefinition<Result>): Report {
	const { name, summary, by, filters } = definition;
	const answer = (database: QueryDatabase, scope: Scope): ReportAnswer => {
		const data = definition.build(database, scope);
		return { data, tables: definition.tables(data, scope) };
	};
	return { name, summary, by, filters, answer };
}

export interface Filter {
	/** Starts with WHERE, or is empty. */
	readonly where: string;
	readonly values: readonly SqlValue[];
}

/** Columns of a view by which it can be narrowed, beside ts, pid and comm. */
export interface FilterColumns {
	/** Paths of which one has to match. */
	readonly path?: readonly string[];
	readonly device?: string;
}

/** Columns of the view `syscalls` that name what a call was about. */
export const CALL_PATHS = { path: ["path", "path2", "fd_path"] } as const satisfies FilterColumns;

/** Rows of a view with ts, pid and comm that are asked about: those that begin in the range. */
export function filterOf(scope: Scope, columns: FilterColumns = {}): Filter {
	const conditions: string[] = [];
	const values: SqlValue[] = [];
	const add = (condition: string, value: SqlValue | undefined): void => {
		if (value === undefined) return;
		conditions.push(condition);
		values.push(value);
	};
	add("ts >= ?", scope.range.since);
	add("ts < ?", scope.range.until);
	add("pid = ?", scope.pid);
	add("comm = ?", scope.comm);
	const { path, device } = scope;
	if (path !== undefined) {
		const paths = columns.path ?? [];
		conditions.push(`(${paths.map((column) => path.condition(column)).join(" OR ")})`);
		values.push(...paths.map(() => path.text));
	}
	if (device !== undefined) add(`${columns.device} = ?`, device.dev);
	return { where: conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`, values };
}

export interface Limited<Row> {
	readonly rows: readonly Row[];
	readonly omitted: number;
}

export function limited<Row>(rows: readonly Row[], limit: number | undefined): Limited<Row> {
	if (limit === undefined || rows.length <= limit) return { rows, omitted: 0 };
	return { rows: rows.slice(0, limit), omitted: rows.length - limit };
}
