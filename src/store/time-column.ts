import type { InsertColumn } from "./batched-insert.js";

/**
 * A column that holds CLOCK_MONOTONIC ns and is given ns since the session's time base. The base is
 * added by SQLite, in 64-bit integers: after 104 days of uptime the sum is beyond what a double
 * holds exactly.
 */
export function timeColumn(name: string, timeBase: bigint): InsertColumn {
	return { name, expression: `CAST(? AS INTEGER) + ${timeBase}` };
}
