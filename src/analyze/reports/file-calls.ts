import { isNamedError } from "../../store/call-windows.js";
import { readFileFigures } from "../../store/file-figures.js";
import { PLACE_SCALE_KEY } from "../../store/tables.js";
import type { QueryDatabase, SqlValue } from "../query/query-database.js";
import { type Caller, readCallers } from "./callers.js";
import type { Scope } from "./report.js";
import type { TimeRange } from "./time-range.js";
import { type WholeRange, wholeWindows } from "./whole-windows.js";

/** Calls of one caller that name the same files. The object is written over. */
export interface FileCalls {
	calls: number;
	errors: number;
	/** ns, of those that finished. */
	total: number;
	/** Sum of what they returned, where that was above 0. */
	bytes: number;
}

export interface FileSink {
	add(calls: FileCalls): void;
}

/** What calls name: a row of `call_paths`, as the files that it stands for. */
export interface NamedFiles {
	/** Of the path or the only descriptor; undefined: not asked about. */
	readonly first: string | undefined;
	readonly second: string | undefined;
}

/** Where calls go; asked once for each caller and what it names. Undefined: nowhere. */
export type FileSinkOf = (caller: Caller, files: NamedFiles) => FileSink | undefined;

/** Whether the session's calls tell which files they name. */
export function hasFiles(database: QueryDatabase): boolean {
	return database.hasTable("call_paths") && database.hasColumn("syscall_row", "paths");
}

/**
 * Hands out the calls that name a file, as figures where windows lie whole in the range and row by
 * row at its ends.
 */
export function readFileCalls(database: QueryDatabase, scope: Scope, sinkOf: FileSinkOf): void {
	const sinks = new Sinks(database, scope, sinkOf);
	const { range } = scope;
	const whole = wholeWindows(database, "file_window", range);
	if (whole === undefined) {
		readRows(database, range, sinks);
		return;
	}
	readRows(database, { since: range.since, until: whole.since }, sinks);
	readWindows(database, whole, sinks);
	readRows(database, { since: whole.until, until: range.until }, sinks);
}

class Sinks {
	readonly #callers: (Caller | undefined)[] = [];
	readonly #files: readonly (NamedFiles | undefined)[];
	readonly #sinkOf: FileSinkOf;
	/** By caller, then by what is named; null: nowhere. */
	readonly #known: Map<number, FileSink | null>[] = [];

	constructor(database: QueryDatabase, scope: Scope, sinkOf: FileSinkOf) {
		for (const caller of readCallers(database)) {
			const { id, pid, comm } = caller;
			if (scope.pid !== undefined && pid !== scope.pid) continue;
			if (scope.comm === undefined || comm === scope.comm) this.#callers[id] = caller;
		}
		this.#files = readNamedFiles(database, scope);
		this.#sinkOf = sinkOf;
	}

	add(caller: number, paths: number, calls: FileCalls): void {
		let known = this.#known[caller];
		if (known === undefined) {
			known = new Map();
			this.#known[caller] = known;
		}
		let sink = known.get(paths);
		if (sink === undefined) {
			const [who, files] = [this.#callers[caller], this.#files[paths]];
			sink = (who && files && this.#sinkOf(who, files)) ?? null;
			known.set(paths, sink);
		}
		sink?.add(calls);
	}
}

/** By row of `call_paths`; nothing where none of its files is asked about. */
function readNamedFiles(database: QueryDatabase, { path }: Scope): (NamedFiles | undefined)[] {
	const asked = (column: string): string =>
		path === undefined ? column : `CASE WHEN ${path.condition(column)} THEN ${column} END`;
	const values = path === undefined ? [] : [path.text, path.text];
	const rows = database.numberRows<[number, string | null, string | null]>(
		`SELECT id, ${asked("first")}, ${asked("second")} FROM (
			SELECT id, coalesce(path, fd_path) AS first, coalesce(path2, fd_path2) AS second FROM call_paths)`,
		...values,
	);
	const files: (NamedFiles | undefined)[] = [];
	for (const [id, first, second] of rows) {
		if (first === null && second === null) continue;
		files[id] = { first: first ?? undefined, second: second ?? undefined };
	}
	return files;
}

function readWindows(database: QueryDatabase, whole: WholeRange, sinks: Sinks): void {
	// Strays of later windows began in these.
	const rows = database.rows<[bigint, Uint8Array]>(
		"SELECT begin_ts, figures FROM file_window WHERE begin_ts >= ? ORDER BY begin_ts",
		whole.since,
	);
	const single: FileCalls = { calls: 1, errors: 0, total: 0, bytes: 0 };
	for (const [begin, figures] of rows) {
		const covered = begin < whole.until;
		readFileFigures(
			figures,
			(group) => {
				if (covered) sinks.add(group.caller, group.paths, group);
			},
			(stray) => {
				const ts = begin - BigInt(stray.before);
				if (ts < whole.since || ts >= whole.until) return;
				single.errors = Number(stray.failed);
				single.total = Number.isNaN(stray.dur) ? 0 : stray.dur;
				single.bytes = stray.bytes;
				sinks.add(stray.caller, stray.paths, single);
			},
		);
	}
}

/** What a call returns is bytes where it is above 0 and no address. */
const MOST_BYTES = 0xffff_ffff;

function readRows(database: QueryDatabase, { since, until }: TimeRange, sinks: Sinks): void {
	if (since !== undefined && until !== undefined && since >= until) return;
	const conditions = ["paths <> 0"];
	const values: SqlValue[] = [];
	if (since !== undefined) {
		conditions.push("ts >= ?");
		values.push(since);
	}
	if (until !== undefined) {
		conditions.push("ts < ?");
		values.push(until);
	}
	const rows = database.numberRows<[number, number, number | null, number | null]>(
		`SELECT place / (SELECT value FROM store_value WHERE key = '${PLACE_SCALE_KEY}'), paths, dur,
			CASE WHEN ret > -65536 AND ret <= ${MOST_BYTES} THEN ret END
		 FROM syscall_row WHERE ${conditions.join(" AND ")}`,
		...values,
	);
	const single: FileCalls = { calls: 1, errors: 0, total: 0, bytes: 0 };
	for (const [caller, paths, dur, ret] of rows) {
		single.errors = Number(ret !== null && isNamedError(ret));
		single.total = dur ?? 0;
		single.bytes = ret !== null && ret > 0 ? ret : 0;
		sinks.add(caller, paths, single);
	}
}
