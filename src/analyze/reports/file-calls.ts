import { isNamedError } from "../../store/call-windows.js";
import { readFileFigures } from "../../store/file-figures.js";
import { PLACE_SCALE_KEY } from "../../store/tables.js";
import type { QueryDatabase, SqlValue } from "../query/query-database.js";
import { type CallEffects, effectsOf } from "./call-effects.js";
import { type Caller, readCallers } from "./callers.js";
import { type FileCalls, type FileFigures, FileUse } from "./file-use.js";
import type { Scope } from "./report.js";
import type { TimeRange } from "./time-range.js";
import { type WholeRange, wholeWindows } from "./whole-windows.js";

/** What one process did to one file. */
export interface ProcessFile {
	/** One of the callers of the process. */
	readonly caller: Caller;
	/** Of the process: the same for all its callers. */
	readonly process: string;
	readonly path: string;
	readonly figures: FileFigures;
}

/** Whether the session's calls tell which files they name. */
export function hasFiles(database: QueryDatabase): boolean {
	return database.hasTable("call_paths") && database.hasColumn("syscall_row", "paths");
}

/**
 * Sums up the calls that name a file by process and file: as figures where windows lie whole in the
 * range, and row by row at its ends.
 */
export function readFileUse(database: QueryDatabase, scope: Scope): readonly ProcessFile[] {
	const tally = new Tally(database, scope);
	const { range } = scope;
	const whole = wholeWindows(database, "file_window", range);
	if (whole === undefined) readRows(database, range, tally);
	else {
		readRows(database, { since: range.since, until: whole.since }, tally);
		readWindows(database, whole, tally);
		readRows(database, { since: whole.until, until: range.until }, tally);
	}
	return tally.files();
}

/** Numbers of processes and files by rows of the dictionaries, and what was done. */
class Tally {
	readonly #processes = new Map<string, number>();
	readonly #callers: Caller[] = [];
	/** By row of `caller`: number of the process, -1: not asked about; and what its call does. */
	readonly #processOf: number[] = [-1];
	readonly #effectsOf: CallEffects[] = [effectsOf("")];
	readonly #paths: string[] = [];
	/** By row of `call_paths`: numbers of files, -1: none, or not asked about. */
	readonly #first: number[] = [];
	readonly #second: number[] = [];
	readonly #use = new FileUse();

	constructor(database: QueryDatabase, scope: Scope) {
		for (const caller of readCallers(database)) this.#addCaller(caller, scope);
		this.#readPaths(database, scope);
	}

	add(caller: number, paths: number, made: FileCalls): void {
		const process = this.#processOf[caller] ?? -1;
		if (process < 0) return;
		const [first, second] = [this.#first[paths] ?? -1, this.#second[paths] ?? -1];
		const effects = this.#effectsOf[caller];
		if (effects !== undefined) this.#use.add(process, effects, first, second, made);
	}

	files(): readonly ProcessFile[] {
		const { pairs } = this.#use;
		const found: ProcessFile[] = [];
		for (let pair = 0; pair < pairs.count; pair++) {
			const caller = this.#callers[pairs.firsts[pair] ?? -1];
			const path = this.#paths[pairs.seconds[pair] ?? -1];
			if (caller === undefined || path === undefined) continue;
			const process = processKey(caller);
			found.push({ caller, process, path, figures: this.#use.figures(pair) });
		}
		return found;
	}

	/** They come in the order of their numbers, so the arrays have no gaps. */
	#addCaller(caller: Caller, { pid, comm }: Scope): void {
		const asked =
			(pid === undefined || caller.pid === pid) && (comm === undefined || caller.comm === comm);
		const key = processKey(caller);
		let process = this.#processes.get(key);
		if (process === undefined) {
			process = this.#callers.push(caller) - 1;
			this.#processes.set(key, process);
		}
		this.#processOf[caller.id] = asked ? process : -1;
		this.#effectsOf[caller.id] = effectsOf(caller.name);
	}

	#readPaths(database: QueryDatabase, { path }: Scope): void {
		const asked = (column: string): string =>
			path === undefined ? column : `CASE WHEN ${path.condition(column)} THEN ${column} END`;
		const values = path === undefined ? [] : [path.text, path.text];
		const rows = database.numberRows<[number, string | null, string | null]>(
			`SELECT id, ${asked("first")}, ${asked("second")} FROM (
				SELECT id, coalesce(path, fd_path) AS first, coalesce(path2, fd_path2) AS second FROM call_paths)
			 ORDER BY id`,
			...values,
		);
		const numbers = new Map<string, number>();
		const numberOf = (file: string | null): number => {
			if (file === null) return -1;
			let number = numbers.get(file);
			if (number === undefined) {
				number = this.#paths.push(file) - 1;
				numbers.set(file, number);
			}
			return number;
		};
		for (const [id, first, second] of rows) {
			this.#first[id] = numberOf(first);
			this.#second[id] = numberOf(second);
		}
	}
}

/** A process that is known, or whoever had the pid. */
function processKey({ upid, pid }: Caller): string {
	return String(upid ?? `pid ${pid}`);
}

function readWindows(database: QueryDatabase, whole: WholeRange, tally: Tally): void {
	// Strays of later windows began in these.
	const rows = database.rows<[bigint, Uint8Array]>(
		"SELECT begin_ts, figures FROM file_window WHERE begin_ts >= ? ORDER BY begin_ts",
		whole.since,
	);
	const single = { calls: 1, errors: 0, total: 0, bytes: 0 };
	for (const [begin, figures] of rows) {
		const covered = begin < whole.until;
		readFileFigures(
			figures,
			(group) => {
				if (covered) tally.add(group.caller, group.paths, group);
			},
			(stray) => {
				const ts = begin - BigInt(stray.before);
				if (ts < whole.since || ts >= whole.until) return;
				single.errors = Number(stray.failed);
				single.total = Number.isNaN(stray.dur) ? 0 : stray.dur;
				single.bytes = stray.bytes;
				tally.add(stray.caller, stray.paths, single);
			},
		);
	}
}

/** What a call returns is bytes where it is above 0 and no address. */
const MOST_BYTES = 0xffff_ffff;

function readRows(database: QueryDatabase, { since, until }: TimeRange, tally: Tally): void {
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
	const single = { calls: 1, errors: 0, total: 0, bytes: 0 };
	for (const [caller, paths, dur, ret] of rows) {
		single.errors = Number(ret !== null && isNamedError(ret));
		single.total = dur ?? 0;
		single.bytes = ret !== null && ret > 0 ? ret : 0;
		tally.add(caller, paths, single);
	}
}
