import type { QueryDatabase } from "../query/query-database.js";
import { hasBlockRows, readBlocksIn } from "./block-in-scope.js";
import { BlockTotals } from "./block-totals.js";
import { filterOf, type Scope } from "./report.js";

export interface SlowRequest {
	readonly ts: bigint;
	/** ns, as the other times. */
	readonly q2c: bigint;
	readonly q2i: bigint | null;
	readonly i2d: bigint | null;
	readonly d2c: bigint | null;
	readonly dev: string;
	readonly sector: bigint;
	readonly bytes: bigint;
	readonly op: string;
	readonly rwbs: string;
	readonly pid: number;
	readonly tid: number;
	readonly comm: string | null;
	readonly error: string | null;
}

export interface SlowestRequests {
	/** Longest first. */
	readonly requests: readonly SlowRequest[];
	/** Completed requests in scope. */
	readonly of: number;
}

/** The requests that took longest from their first bio's queueing to their completion. */
export function slowestRequests(
	database: QueryDatabase,
	scope: Scope,
	most: number,
): SlowestRequests {
	if (!hasBlockRows(database)) return { requests: [], of: 0 };
	const [ios, totals] = [new BlockTotals(), new BlockTotals()];
	readBlocksIn(database, scope, ({ op }) => ({
		ios: ios.sinkOf(op),
		requests: totals.sinkOf(op),
	}));
	const { histogram } = totals.series.q2c;
	// Few rows are that long, and only these are joined with whose they are.
	const least = histogram.lowerBoundOfLargest(most);
	if (least === undefined || most === 0) return { requests: [], of: histogram.count };
	const { where, values } = filterOf(scope, { device: "dev" });
	const rows = database.rows<
		[
			bigint,
			bigint,
			bigint | null,
			bigint | null,
			bigint | null,
			string,
			bigint,
			bigint,
			string,
			string,
			bigint,
			bigint,
			string | null,
			string | null,
		]
	>(
		`SELECT ts, q2c, q2i, i2d, d2c, dev, sector, bytes, op, rwbs, pid, tid, comm, error
		 FROM block_requests ${where === "" ? "WHERE" : `${where} AND`} q2c >= ?
		 ORDER BY q2c DESC, ts, request LIMIT ${most}`,
		...[...values, BigInt(least)],
	);
	const requests: SlowRequest[] = [];
	for (const row of rows) {
		const [ts, q2c, q2i, i2d, d2c, dev, sector, bytes, op, rwbs, pid, tid, comm, error] = row;
		requests.push({
			...{ ts, q2c, q2i, i2d, d2c, dev, sector, bytes, op, rwbs },
			...{ pid: Number(pid), tid: Number(tid), comm, error },
		});
	}
	return { requests, of: histogram.count };
}
