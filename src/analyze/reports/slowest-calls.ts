import type { QueryDatabase, SqlValue } from "../query/query-database.js";
import type { CallSink } from "./call-figures.js";
import { hasCallRows, scanCondition } from "./call-rows-scan.js";
import { readCallsIn } from "./calls-in-scope.js";
import { Histogram } from "./histogram.js";
import { CALL_PATHS, filterOf, type Scope } from "./report.js";
import { WAITING_CALLS } from "./waiting-calls.js";

export interface SlowCall {
	readonly ts: bigint;
	readonly dur: bigint;
	readonly cpu: number;
	readonly pid: number;
	readonly tid: number;
	readonly comm: string | null;
	readonly name: string;
	readonly ret: bigint | null;
	readonly errno: string | null;
	readonly path: string | null;
	readonly path2: string | null;
	readonly fdPath: string | null;
}

export interface SlowestCalls {
	/** Longest first. */
	readonly calls: readonly SlowCall[];
	/** Finished calls in scope. */
	readonly of: number;
	/** Calls in scope that were left out because waiting is what they are for. */
	readonly waiting: number;
}

/** The longest finished calls of those asked about. */
export function slowestCalls(
	database: QueryDatabase,
	scope: Scope,
	most: number,
	withWaiting: boolean,
): SlowestCalls {
	const counted = countDurations(database, scope, withWaiting);
	const of = counted.histogram.count;
	// Few rows are that long, and only these are joined with who made them.
	const least = counted.histogram.lowerBoundOfLargest(most);
	if (least === undefined || most === 0) return { calls: [], of, waiting: counted.waiting };
	const { where, values } = filterOf(scope, CALL_PATHS);
	const conditions = [`dur >= ?`];
	const bound: SqlValue[] = [...values, BigInt(least)];
	const names = withWaiting
		? { sql: "1", values: [] }
		: {
				sql: `name NOT IN (${[...WAITING_CALLS].map(() => "?").join(", ")})`,
				values: [...WAITING_CALLS],
			};
	conditions.push(names.sql);
	bound.push(...names.values);
	if (scope.path === undefined && hasCallRows(database)) {
		const scan = scanCondition(scope, names);
		conditions.push(
			`ts IN (SELECT s.ts FROM syscall_row s WHERE s.dur >= ? AND ${scan.sql}
				ORDER BY s.dur DESC, s.ts LIMIT ${most})`,
		);
		bound.push(BigInt(least), ...scan.values);
	}
	const rows = database.rows<
		[
			bigint,
			bigint,
			bigint,
			bigint,
			bigint,
			string | null,
			string,
			bigint | null,
			string | null,
			string | null,
			string | null,
			string | null,
		]
	>(
		`SELECT ts, dur, cpu, pid, tid, comm, name, ret, errno, path, path2, fd_path FROM syscalls
		 ${where === "" ? "WHERE" : `${where} AND`} ${conditions.join(" AND ")}
		 ORDER BY dur DESC, ts, tid LIMIT ${most}`,
		...bound,
	);
	const calls: SlowCall[] = [];
	for (const [ts, dur, cpu, pid, tid, comm, name, ret, errno, path, path2, fdPath] of rows) {
		calls.push({
			...{ ts, dur, cpu: Number(cpu), pid: Number(pid), tid: Number(tid), comm, name },
			...{ ret, errno, path, path2, fdPath },
		});
	}
	return { calls, of, waiting: counted.waiting };
}

class Durations implements CallSink {
	readonly histogram = new Histogram();

	group({ finished, size, buckets, counts, min, max }: Parameters<CallSink["group"]>[0]): void {
		if (finished === 0) return;
		this.histogram.addBuckets(buckets, counts, size);
		this.histogram.extend(min, max);
	}

	call(duration: number | null): void {
		if (duration !== null) this.histogram.add(duration);
	}
}

function countDurations(
	database: QueryDatabase,
	scope: Scope,
	withWaiting: boolean,
): { readonly histogram: Histogram; readonly waiting: number } {
	const durations = new Durations();
	const left = new Durations();
	readCallsIn(database, scope, ({ name }) =>
		!withWaiting && WAITING_CALLS.has(name) ? left : durations,
	);
	return { histogram: durations.histogram, waiting: left.histogram.count };
}
