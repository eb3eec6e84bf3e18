import type { QueryDatabase } from "../query/query-database.js";
import type { TimeRange } from "./time-range.js";

/** Tables of windows: begin_ts, end_ts and a blob of figures. */
export type WindowTable = "call_window" | "file_window" | "block_window";

export interface WholeRange {
	readonly since: bigint;
	readonly until: bigint;
}

/** Windows follow one another without a gap, so those that a range covers whole are a range, too. */
export function wholeWindows(
	database: QueryDatabase,
	table: WindowTable,
	{ since, until }: TimeRange,
): WholeRange | undefined {
	if (!database.hasTable(table)) return undefined;
	const rows = database.rows<[bigint | null, bigint | null]>(
		`SELECT min(begin_ts), max(end_ts) FROM ${table}
		 WHERE (@since IS NULL OR begin_ts >= @since) AND (@until IS NULL OR end_ts <= @until)`,
		{ since: since ?? null, until: until ?? null },
	);
	for (const [begin, end] of rows) {
		if (begin !== null && end !== null) return { since: begin, until: end };
	}
	return undefined;
}
