import type { QueryDatabase, SqlValue } from "../analyze/query/query-database.js";
import type { Alert } from "./alert.js";
import { type AuditRow, cellOf } from "./audited-view.js";

/** A row behind an alert, whole. */
export interface ExplainedRow {
	/** Of a sequence; undefined for a rule of one condition. */
	readonly step: string | undefined;
	readonly view: string;
	readonly columns: readonly string[];
	readonly values: readonly SqlValue[];
}

export function explainAlert({ rule, rows }: Alert, database: QueryDatabase): ExplainedRow[] {
	return rows.flatMap((row, index) => {
		const step = rule.steps.length > 1 ? rule.steps[index]?.name : undefined;
		const { name: view } = row.view;
		return wholeRows(row, database).map((found) => ({ step, view, ...found }));
	});
}

function wholeRows({ view, ...row }: AuditRow, database: QueryDatabase) {
	const conditions = view.key.map((column) => `"${column}" IS ?`).join(" AND ");
	const values = view.key.map((column) => cellOf({ view, ...row }, column));
	const columns = database.views().find(({ name }) => name === view.name)?.columns ?? [];
	const sql = `SELECT * FROM "${view.name}" WHERE ${conditions}`;
	return [...database.rows<readonly SqlValue[]>(sql, ...values)].map((found) => ({
		columns,
		values: found,
	}));
}
