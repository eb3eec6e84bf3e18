import type { QueryDatabase } from "../query/query-database.js";

/** Rows looked at before giving up: a story is not worth reading a whole session for. */
const BACKWARD = 50_000;
const FORWARD = 1_000_000;

/** The call during which its thread queued something. */
export interface CausingCall {
	readonly name: string;
	readonly path: string | null;
	readonly fdPath: string | null;
}

/** Undefined: none is known, or it began too long before. */
export function callAt(database: QueryDatabase, tid: number, ts: bigint): CausingCall | undefined {
	if (!database.has("syscalls")) return undefined;
	const rows = database.rows<[string, string | null, string | null]>(
		`SELECT name, path, fd_path FROM (
			SELECT ts, dur, tid, name, path, fd_path FROM syscalls WHERE ts <= @ts ORDER BY ts DESC LIMIT ${BACKWARD})
		 WHERE tid = @tid AND (dur IS NULL OR ts + dur >= @ts) LIMIT 1`,
		{ ts, tid },
	);
	for (const [name, path, fdPath] of rows) return { name, path, fdPath };
	return undefined;
}

/** Requests that a thread queued during a call. */
export interface CausedRequests {
	readonly count: number;
	readonly bytes: bigint;
	/** The slowest one's. */
	readonly longestNs: bigint | null;
	readonly devices: readonly string[];
}

export function requestsDuring(
	database: QueryDatabase,
	tid: number,
	from: bigint,
	to: bigint,
): CausedRequests | undefined {
	if (!database.has("block_requests", "tid")) return undefined;
	const rows = database.rows<[bigint, bigint | null, bigint | null, string | null]>(
		`SELECT count(*), sum(bytes), max(q2c), group_concat(DISTINCT dev) FROM (
			SELECT tid, bytes, q2c, dev FROM block_requests WHERE ts >= @from AND ts < @to LIMIT ${FORWARD})
		 WHERE tid = @tid`,
		{ from, to, tid },
	);
	for (const [count, bytes, longestNs, devices] of rows) {
		if (count === 0n) return undefined;
		const found = devices === null ? [] : devices.split(",");
		return { count: Number(count), bytes: bytes ?? 0n, longestNs, devices: found };
	}
	return undefined;
}
