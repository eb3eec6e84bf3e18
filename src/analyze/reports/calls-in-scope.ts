import type { QueryDatabase } from "../query/query-database.js";
import { type CallSink, readCallFigures } from "./call-figures.js";
import { ProcessLookup } from "./process-lookup.js";
import { CALL_PATHS, filterOf, type Scope } from "./report.js";

/** A process, and a call that it made. */
export interface CallOfProcess {
	readonly name: string;
	readonly pid: number;
	/** Null: which process had the pid is not known. */
	readonly upid: number | null;
	/** The process's, not that of the thread that made the call. */
	readonly comm: string | null;
}

/** Hands out the calls that a report is asked about: as figures where the store has them, else row by row. */
export function readCallsIn(
	database: QueryDatabase,
	scope: Scope,
	sinkOf: (call: CallOfProcess) => CallSink,
): void {
	// Figures are by caller: which call was about which file only the rows tell.
	if (scope.path === undefined) {
		const found = readCallFigures(database, scope.range, (caller) => {
			const { name, pid, comm, upid, processComm } = caller;
			if (scope.pid !== undefined && pid !== scope.pid) return undefined;
			if (scope.comm !== undefined && comm !== scope.comm) return undefined;
			return sinkOf({ name, pid, upid, comm: processComm });
		});
		if (found) return;
	}
	if (database.has("syscalls")) readCallRows(database, scope, sinkOf);
}

function readCallRows(
	database: QueryDatabase,
	scope: Scope,
	sinkOf: (call: CallOfProcess) => CallSink,
): void {
	const { where, values } = filterOf(scope, CALL_PATHS);
	const rows = database.numberRows<[string, number, number, number | null, number]>(
		`SELECT name, pid, ts - ?, dur, errno IS NOT NULL FROM syscalls ${where}`,
		scope.facts.start,
		...values,
	);
	const lookup = new ProcessLookup(database, scope.facts.start);
	const sinks = new Map<string, CallSink>();
	for (const [name, pid, offset, duration, failed] of rows) {
		const process = lookup.at(pid, offset);
		const key = `${process === undefined ? `pid ${pid}` : process.upid} ${name}`;
		let sink = sinks.get(key);
		if (sink === undefined) {
			sink = sinkOf({ name, pid, upid: process?.upid ?? null, comm: process?.comm ?? null });
			sinks.set(key, sink);
		}
		sink.call(duration, failed !== 0);
	}
}
