import type { RowBuffer } from "./row-buffer.js";
import type { RowSink } from "./row-sink.js";

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
	readonly euid: number | null;
	readonly gid: number | null;
	/** null: unset, or not known; as the audit session. */
	readonly loginuid: number | null;
	readonly sessionId: number | null;
	/** Path in the hierarchy. */
	readonly cgroup: string | null;
	/** Id of the container that the path names. */
	readonly container: string | null;
}

export interface ThreadRow {
	readonly utid: number;
	readonly upid: number;
	readonly tid: number;
	readonly comm: string | null;
}

/** Rows of processes and threads, and what was learnt about them after rows had named them. */
export class LifeRows {
	readonly #processes: RowBuffer;
	readonly #threads: RowBuffer;
	readonly #corrections: RowBuffer;

	constructor(sink: RowSink) {
		this.#processes = sink.table("process_row");
		this.#threads = sink.table("thread_row");
		this.#corrections = sink.table("correction");
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
			...[row.euid, row.gid, row.loginuid, row.sessionId, row.cgroup, row.container],
		);
	}

	thread(row: ThreadRow): void {
		this.#threads.add(row.utid, row.upid, row.tid, row.comm);
	}

	/** A thread that was met without its history turns out to belong to this process. */
	reassigned(utid: number, pid: number): void {
		this.#corrections.add(utid, pid, null);
	}

	/** A thread that was met without a name had this one until now. */
	named(utid: number, comm: string): void {
		this.#corrections.add(utid, null, comm);
	}

	flush(): void {
		this.#processes.flush();
		this.#threads.flush();
		this.#corrections.flush();
	}
}

/** Arguments joined by spaces, for reading; where one ends is only in `argv`. */
function commandLine(argv: Buffer): string {
	const end = argv.at(-1) === 0 ? argv.length - 1 : argv.length;
	return argv.toString("utf8", 0, end).replaceAll("\0", " ");
}
