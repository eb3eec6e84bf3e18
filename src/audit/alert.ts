import type { SqlValue } from "../analyze/query/query-database.js";
import { type AuditRow, cellOf, rowId } from "./audited-view.js";
import type { Rule } from "./rule.js";

/** What a rule found. */
export interface Alert {
	readonly rule: Rule;
	/** Of the row that completed it, CLOCK_MONOTONIC. */
	readonly ts: bigint;
	readonly pid: bigint | null;
	readonly comm: string | null;
	readonly message: string;
	readonly sourceView: string;
	/** What tells that row from others of the view. */
	readonly sourceId: string;
	/** One for each step. */
	readonly rows: readonly AuditRow[];
	/** Further rows that the rule folds into this alert (once_per). */
	repeats: number;
}

export function alertOf(rule: Rule, rows: readonly AuditRow[]): Alert {
	const last = rows.at(-1);
	if (last === undefined) throw new Error("an alert has a row");
	const pid = cellOf(last, "pid");
	const comm = cellOf(last, "comm");
	return {
		...{ rule, rows, ts: last.ts, repeats: 0 },
		pid: typeof pid === "bigint" ? pid : null,
		comm: typeof comm === "string" ? comm : null,
		message: messageOf(rule, rows, last),
		...{ sourceView: last.view.name, sourceId: rowId(last) },
	};
}

function messageOf(rule: Rule, rows: readonly AuditRow[], last: AuditRow): string {
	const parts = rule.message.map((part) => {
		if (typeof part === "string") return part;
		const index = rule.steps.findIndex(({ name }) => name === part.step);
		return written(cellOf(rows[index] ?? last, part.column));
	});
	return parts.join("");
}

function written(value: SqlValue): string {
	if (value === null) return "?";
	return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value);
}
