import type { QueryDatabase } from "../query/query-database.js";
import type { Scope } from "./report.js";

/** What is known of a process itself. */
export interface ProcessLife {
	readonly upid: number;
	readonly pid: number;
	readonly ppid: number | null;
	readonly uid: number | null;
	readonly comm: string | null;
	readonly exe: string | null;
	readonly cmdline: string | null;
	/** ns from the session's start; null: it ran already, or it still ran at the end. */
	readonly startNs: bigint | null;
	readonly endNs: bigint | null;
	readonly durationNs: bigint | null;
	/** As a shell reports it; null when it is not known. */
	readonly exitStatus: number | null;
}

/** Processes that lived in the range. */
export function readProcessLives(database: QueryDatabase, scope: Scope): ProcessLife[] {
	const exit = database.has("process", "exit_status") ? "exit_status" : "NULL";
	const rows = database.rows<
		[
			bigint,
			bigint,
			bigint | null,
			bigint | null,
			string | null,
			string | null,
			string | null,
			bigint | null,
			bigint | null,
			bigint | null,
		]
	>(
		`SELECT upid, pid, ppid, uid, comm, exe, cmdline, start_ts, end_ts, ${exit} FROM process
		 WHERE (@since IS NULL OR end_ts IS NULL OR end_ts >= @since) AND (@until IS NULL OR start_ts IS NULL OR start_ts < @until)
		   AND (@pid IS NULL OR pid = @pid) AND (@comm IS NULL OR comm = @comm)`,
		{
			since: scope.range.since ?? null,
			until: scope.range.until ?? null,
			pid: scope.pid ?? null,
			comm: scope.comm ?? null,
		},
	);
	const { start } = scope.facts;
	const described: ProcessLife[] = [];
	for (const [upid, pid, ppid, uid, comm, exe, cmdline, startTs, endTs, exitStatus] of rows) {
		const began = startTs === null || startTs < start ? null : startTs - start;
		const ended = endTs === null ? null : endTs - start;
		described.push({
			upid: Number(upid),
			pid: Number(pid),
			ppid: optionalNumber(ppid),
			uid: optionalNumber(uid),
			comm,
			exe,
			cmdline,
			startNs: began,
			endNs: ended,
			durationNs: began === null || ended === null ? null : ended - began,
			exitStatus: optionalNumber(exitStatus),
		});
	}
	return described;
}

function optionalNumber(value: bigint | null): number | null {
	return value === null ? null : Number(value);
}
