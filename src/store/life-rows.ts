import type Database from "better-sqlite3";
import { BatchedInsert } from "./batched-insert.js";
import { timeColumn } from "./time-column.js";

export interface ProcessRow {
	readonly upid: number;
	readonly pid: number;
	readonly ppid: number | null;
	readonly uid: number | null;
	readonly comm: string | null;
	readonly exe: string | null;
	/** Each argument ended by NUL. */
	readonly argv: Buffer | null;
	/** ns since the time base; negative when older than the recording. */
	readonly startTs: bigint | null;
	readonly endTs: number | null;
	/** As a shell reports it. */
	readonly exitStatus: number | null;
}

export interface ThreadRow {
	readonly utid: number;
	readonly upid: number;
	readonly tid: number;
	readonly comm: string | null;
}

interface Correction {
	readonly utid: number;
	readonly pid: number | undefined;
	readonly comm: string | undefined;
}

/** Rows of processes and threads, and what was learnt about them after rows had named them. */
export class LifeRows {
	readonly #database: Database.Database;
	readonly #processes: BatchedInsert;
	readonly #threads: BatchedInsert;
	readonly #corrections: Correction[] = [];

	constructor(database: Database.Database, timeBase: bigint) {
		this.#database = database;
		this.#processes = new BatchedInsert(database, "process_row", [
			"upid",
			"pid",
			"ppid",
			"uid",
			"comm",
			"exe",
			"argv",
			"cmdline",
			timeColumn("start_ts", timeBase),
			timeColumn("end_ts", timeBase),
			"exit_status",
		]);
		this.#threads = new BatchedInsert(database, "thread_row", ["utid", "upid", "tid", "comm"]);
	}

	process(row: ProcessRow): void {
		const { upid, pid, ppid, uid, comm, exe, argv, startTs, endTs, exitStatus } = row;
		this.#processes.add(
			upid,
			pid,
			ppid,
			uid,
			comm,
			exe,
			argv,
			argv === null ? null : commandLine(argv),
			startTs,
			endTs,
			exitStatus,
		);
	}

	thread(row: ThreadRow): void {
		this.#threads.add(row.utid, row.upid, row.tid, row.comm);
	}

	/** A thread that was met without its history turns out to belong to this process. */
	reassigned(utid: number, pid: number): void {
		this.#corrections.push({ utid, pid, comm: undefined });
	}

	/** A thread that was met without a name had this one until now. */
	named(utid: number, comm: string): void {
		this.#corrections.push({ utid, pid: undefined, comm });
	}

	flush(): void {
		this.#processes.flush();
		this.#threads.flush();
	}

	correct(): void {
		if (this.#corrections.length === 0) return;
		for (const table of ["caller", "named_thread"]) {
			this.#database.exec(`CREATE INDEX correction ON ${table} (utid)`);
			const pids = this.#database.prepare(`UPDATE ${table} SET pid = ? WHERE utid = ?`);
			const comms = this.#database.prepare(
				`UPDATE ${table} SET comm = ? WHERE utid = ? AND comm IS NULL`,
			);
			for (const { utid, pid, comm } of this.#corrections) {
				if (pid !== undefined) pids.run(pid, utid);
				if (comm !== undefined) comms.run(comm, utid);
			}
			this.#database.exec("DROP INDEX correction");
		}
	}
}

/** Arguments joined by spaces, for reading; where one ends is only in `argv`. */
function commandLine(argv: Buffer): string {
	const end = argv.at(-1) === 0 ? argv.length - 1 : argv.length;
	return argv.toString("utf8", 0, end).replaceAll("\0", " ");
}
