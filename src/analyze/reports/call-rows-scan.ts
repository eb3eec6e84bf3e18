import { PLACE_SCALE_KEY } from "../../store/tables.js";
import type { QueryDatabase, SqlValue } from "../query/query-database.js";
import type { PathPattern } from "./path-pattern.js";
import type { Scope } from "./report.js";

/** A condition on rows of `syscall_row s`, and what it binds. */
export interface ScanCondition {
	readonly sql: string;
	readonly values: readonly SqlValue[];
}

/** Whether calls can be read from the table behind the view. */
export function hasCallRows(database: QueryDatabase): boolean {
	return database.hasTable("syscall_row") && database.hasTable("caller");
}

/** Number of the caller of a row of `syscall_row s`. */
export const CALLER_OF_ROW = `(s.place / (SELECT value FROM store_value WHERE key = '${PLACE_SCALE_KEY}'))`;

/**
 * Calls asked about, by conditions on their own rows: the table is read once from end to end. Through
 * the view, SQLite would begin at the files or the threads and look for the rows of each, which takes
 * many times as long as soon as they are a tenth of all.
 */
export function scanCondition(scope: Scope, names: ScanCondition): ScanCondition {
	const conditions: string[] = [];
	const values: SqlValue[] = [];
	const { since, until } = scope.range;
	if (since !== undefined) {
		conditions.push("s.ts >= ?");
		values.push(since);
	}
	if (until !== undefined) {
		conditions.push("s.ts < ?");
		values.push(until);
	}
	const callers = [names.sql];
	values.push(...names.values);
	if (scope.pid !== undefined) {
		callers.push("pid = ?");
		values.push(scope.pid);
	}
	if (scope.comm !== undefined) {
		callers.push("comm = ?");
		values.push(scope.comm);
	}
	conditions.push(`${CALLER_OF_ROW} IN (SELECT id FROM caller WHERE ${callers.join(" AND ")})`);
	if (scope.path !== undefined) {
		const named = pathCondition(scope.path);
		conditions.push(`s.paths IN (SELECT id FROM call_paths WHERE ${named.sql})`);
		values.push(...named.values);
	}
	return { sql: conditions.join(" AND "), values };
}

function pathCondition(path: PathPattern): ScanCondition {
	const columns = ["path", "path2", "fd_path", "fd_path2"];
	return {
		sql: columns.map((column) => path.condition(column)).join(" OR "),
		values: columns.map(() => path.text),
	};
}
