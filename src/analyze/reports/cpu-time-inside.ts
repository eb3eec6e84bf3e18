import type { QueryDatabase } from "../query/query-database.js";

/** Slices looked at before giving up: a story is not worth reading a whole session for. */
const BACKWARD = 20_000;
const FORWARD = 1_000_000;

/**
 * Time that a thread had a CPU within [from, to), ns. Null when it is not known: scheduling was not
 * recorded, or a slice that reaches in is too far away to look for.
 */
export function cpuTimeInside(
	database: QueryDatabase,
	tid: number,
	from: bigint,
	to: bigint,
): bigint | null {
	if (!database.has("sched_slices")) return null;
	let before: bigint | null = null;
	// It ran when it made the call: its slice began a little earlier, among those of other CPUs.
	for (const [inside] of database.rows<[bigint | null]>(
		`SELECT max(0, min(ts + dur, @to) - @from)
		 FROM (SELECT ts, dur, tid FROM sched_slices WHERE ts < @from ORDER BY ts DESC LIMIT ${BACKWARD})
		 WHERE tid = @tid LIMIT 1`,
		{ from, to, tid },
	)) {
		before = inside;
	}
	if (before === null) return null;
	for (const [inside, slices] of database.rows<[bigint | null, bigint]>(
		`SELECT coalesce(sum(min(ts + coalesce(dur, @to - ts), @to) - ts) FILTER (WHERE tid = @tid), 0), count(*)
		 FROM (SELECT ts, dur, tid FROM sched_slices WHERE ts >= @from AND ts < @to LIMIT ${FORWARD})`,
		{ from, to, tid },
	)) {
		if (inside !== null && slices < FORWARD) return before + inside;
	}
	return null;
}
