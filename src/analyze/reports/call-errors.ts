import { ERRNO_MAX, ERRNO_NAMES } from "../../base/errno.js";
import { namedErrno } from "../../store/call-windows.js";
import { PLACE_SCALE_KEY } from "../../store/tables.js";
import { readFigures } from "../../store/window-figures.js";
import type { QueryDatabase, SqlValue } from "../query/query-database.js";
import { readCallers } from "./callers.js";
import { ProcessLookup } from "./process-lookup.js";
import { CALL_PATHS, filterOf, type Scope } from "./report.js";
import type { TimeRange } from "./time-range.js";
import { type WholeRange, wholeWindows } from "./whole-windows.js";

/** Whose calls failed. */
export interface FailedCaller {
	readonly name: string;
	readonly pid: number;
	/** Null: which process had the pid is not known. */
	readonly upid: number | null;
	/** The process's, not that of the thread that made the call. */
	readonly comm: string | null;
}

/**
 * `count` calls that failed with `errno`; `first` and `last` are when such ones began, ns from the
 * session's start. `path`: the file that they name, where that was asked for and is known.
 */
export type ErrorSink = (
	caller: FailedCaller,
	path: string | null,
	errno: string,
	count: number,
	first: number,
	last: number,
) => void;

/**
 * Hands out the failed calls that a report is asked about. What the store's windows cover whole
 * comes as figures, unless paths are asked for; the rest row by row.
 */
export function readCallErrors(
	database: QueryDatabase,
	scope: Scope,
	withPaths: boolean,
	sink: ErrorSink,
): void {
	if (!database.hasTable("syscall_row")) {
		if (database.has("syscalls")) readView(database, scope, sink);
		return;
	}
	const source = new ErrorSource(database, scope, withPaths, sink);
	const byRows = withPaths || scope.path !== undefined;
	const whole = byRows ? undefined : wholeWindows(database, "call_window", scope.range);
	if (whole === undefined) {
		source.readRows(scope.range);
		return;
	}
	source.readRows({ since: scope.range.since, until: whole.since });
	source.readWindows(whole);
	source.readRows({ since: whole.until, until: scope.range.until });
}

class ErrorSource {
	readonly #database: QueryDatabase;
	readonly #scope: Scope;
	readonly #sink: ErrorSink;
	/** By number; nothing where nobody asked. */
	readonly #callers: (FailedCaller | undefined)[] = [];
	/** By row of `call_paths`. */
	readonly #paths: readonly (string | null)[];
	readonly #hasPaths: boolean;

	constructor(database: QueryDatabase, scope: Scope, withPaths: boolean, sink: ErrorSink) {
		this.#database = database;
		this.#scope = scope;
		this.#sink = sink;
		this.#hasPaths = database.hasColumn("syscall_row", "paths");
		for (const { id, name, pid, comm, upid, processComm } of readCallers(database)) {
			if (scope.pid !== undefined && pid !== scope.pid) continue;
			if (scope.comm !== undefined && comm !== scope.comm) continue;
			this.#callers[id] = { name, pid, upid, comm: processComm };
		}
		this.#paths = withPaths && this.#hasPaths ? readPaths(database) : [];
	}

	readWindows({ since, until }: WholeRange): void {
		const { start } = this.#scope.facts;
		// Strays of later windows began in these.
		const rows = this.#database.rows<[bigint, Uint8Array]>(
			"SELECT begin_ts, figures FROM call_window WHERE begin_ts >= ? ORDER BY begin_ts",
			since,
		);
		for (const [begin, figures] of rows) {
			const covered = begin < until;
			const from = Number(begin - start);
			readFigures(
				figures,
				({ caller, errnos }) => {
					if (!covered) return;
					const { codes, counts, first, last } = errnos;
					for (let index = 0; index < errnos.size; index++) {
						const times = counts[index] as number;
						const [at, to] = [from + (first[index] as number), from + (last[index] as number)];
						this.#tell(caller, null, codes[index] as number, times, at, to);
					}
				},
				({ before, caller, errno }) => {
					const ts = begin - BigInt(before);
					if (errno === 0 || ts < since || ts >= until) return;
					this.#tell(caller, null, errno, 1, from - before, from - before);
				},
			);
		}
	}

	readRows({ since, until }: TimeRange): void {
		if (since !== undefined && until !== undefined && since >= until) return;
		const { path, facts } = this.#scope;
		if (path !== undefined && !this.#hasPaths) return;
		const conditions = [`ret BETWEEN -${ERRNO_MAX} AND -1`];
		const values: SqlValue[] = [facts.start];
		if (since !== undefined) {
			conditions.push("ts >= ?");
			values.push(since);
		}
		if (until !== undefined) {
			conditions.push("ts < ?");
			values.push(until);
		}
		if (path !== undefined) {
			const matches = CALL_PATHS.path.map((column) => path.condition(column)).join(" OR ");
			conditions.push(`paths IN (SELECT id FROM call_paths WHERE ${matches})`);
			values.push(...CALL_PATHS.path.map(() => path.text));
		}
		const rows = this.#database.numberRows<[number, number, number, number]>(
			`SELECT place / (SELECT value FROM store_value WHERE key = '${PLACE_SCALE_KEY}'), ret,
				ts - ?, ${this.#hasPaths ? "paths" : "0"}
			 FROM syscall_row WHERE ${conditions.join(" AND ")}`,
			...values,
		);
		for (const [caller, ret, at, paths] of rows) {
			const errno = namedErrno(ret);
			if (errno !== 0) this.#tell(caller, this.#paths[paths] ?? null, errno, 1, at, at);
		}
	}

	#tell(
		id: number,
		path: string | null,
		errno: number,
		count: number,
		first: number,
		last: number,
	): void {
		const caller = this.#callers[id];
		const name = ERRNO_NAMES.get(errno);
		if (caller === undefined || name === undefined) return;
		this.#sink(caller, path, name, count, first, last);
	}
}

function readPaths(database: QueryDatabase): readonly (string | null)[] {
	const paths: (string | null)[] = [];
	const rows = database.numberRows<[number, string | null]>(
		"SELECT id, coalesce(path, fd_path) FROM call_paths",
	);
	for (const [id, path] of rows) paths[id] = path;
	return paths;
}

/** From a database that is not of the store's making, such as an older one: by what its view tells. */
function readView(database: QueryDatabase, scope: Scope, sink: ErrorSink): void {
	const { where, values } = filterOf(scope, CALL_PATHS);
	const rows = database.numberRows<[string, number, string, number, string | null]>(
		`SELECT name, pid, errno, ts - ?, coalesce(path, fd_path) FROM syscalls
		 ${where === "" ? "WHERE" : `${where} AND`} errno IS NOT NULL`,
		scope.facts.start,
		...values,
	);
	const lookup = new ProcessLookup(database, scope.facts.start);
	for (const [name, pid, errno, at, path] of rows) {
		const { upid = null, comm = null } = lookup.at(pid, at) ?? {};
		sink({ name, pid, upid, comm }, path, errno, 1, at, at);
	}
}
