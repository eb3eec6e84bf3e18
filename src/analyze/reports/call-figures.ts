import { isNamedError } from "../../store/call-windows.js";
import { PLACE_SCALE_KEY } from "../../store/tables.js";
import { type CallGroup, readFigures } from "../../store/window-figures.js";
import type { QueryDatabase, SqlValue } from "../query/query-database.js";
import { type Caller, readCallers } from "./callers.js";
import type { TimeRange } from "./time-range.js";
import { type WholeRange, wholeWindows } from "./whole-windows.js";

export interface CallSink {
	/** Many calls; the object is written over when this returns. */
	group(group: CallGroup): void;
	/** `duration` null: it had not returned. */
	call(duration: number | null, failed: boolean): void;
}

/** Where a caller's calls go; undefined: nobody asked for them. */
export type SinkOf = (caller: Caller) => CallSink | undefined;

/**
 * Hands out the calls that began in the range. What the store's windows cover whole comes as their
 * figures; only what the range cuts off at either end is read row by row. False: this database has
 * no such windows.
 */
export function readCallFigures(
	database: QueryDatabase,
	range: TimeRange,
	sinkOf: SinkOf,
): boolean {
	if (!database.hasTable("call_window")) return false;
	const sinks = new Sinks(database, sinkOf);
	const whole = wholeWindows(database, "call_window", range);
	if (whole === undefined) {
		readRows(database, range, sinks);
		return true;
	}
	readRows(database, { since: range.since, until: whole.since }, sinks);
	readWindows(database, whole, sinks);
	readRows(database, { since: whole.until, until: range.until }, sinks);
	return true;
}

class Sinks {
	readonly #sinks: (CallSink | undefined)[] = [];

	constructor(database: QueryDatabase, sinkOf: SinkOf) {
		for (const caller of readCallers(database)) this.#sinks[caller.id] = sinkOf(caller);
	}

	of(caller: number): CallSink | undefined {
		return this.#sinks[caller];
	}
}

function readWindows(database: QueryDatabase, whole: WholeRange, sinks: Sinks): void {
	// Strays of later windows began in these.
	const rows = database.rows<[bigint, Uint8Array]>(
		"SELECT begin_ts, figures FROM call_window WHERE begin_ts >= ? ORDER BY begin_ts",
		whole.since,
	);
	for (const [begin, figures] of rows) {
		const covered = begin < whole.until;
		readFigures(
			figures,
			(group) => {
				if (covered) sinks.of(group.caller)?.group(group);
			},
			({ before, caller, dur, errno }) => {
				const ts = begin - BigInt(before);
				if (ts < whole.since || ts >= whole.until) return;
				sinks.of(caller)?.call(Number.isNaN(dur) ? null : dur, errno !== 0);
			},
		);
	}
}

function readRows(database: QueryDatabase, { since, until }: TimeRange, sinks: Sinks): void {
	if (since !== undefined && until !== undefined && since >= until) return;
	const conditions: string[] = [];
	const values: SqlValue[] = [];
	if (since !== undefined) {
		conditions.push("ts >= ?");
		values.push(since);
	}
	if (until !== undefined) {
		conditions.push("ts < ?");
		values.push(until);
	}
	const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
	const rows = database.numberRows<[number, number | null, number | null]>(
		`SELECT place / (SELECT value FROM store_value WHERE key = '${PLACE_SCALE_KEY}'), dur,
			CASE WHEN ret < 0 AND ret > -65536 THEN ret END
		 FROM syscall_row ${where}`,
		...values,
	);
	for (const [caller, duration, ret] of rows) {
		sinks.of(caller)?.call(duration, ret !== null && isNamedError(ret));
	}
}
