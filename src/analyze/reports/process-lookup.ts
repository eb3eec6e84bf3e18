import type { QueryDatabase } from "../query/query-database.js";

export interface ProcessEntry {
	readonly upid: number;
	readonly pid: number;
	readonly comm: string | null;
	/** ns from the session's start; -1 for all that began before it. */
	readonly startOffset: number;
}

/** Which process a pid meant at a time: pids are recycled, so the pid alone does not tell. */
export class ProcessLookup {
	/** By pid, by start. */
	readonly #byPid = new Map<number, ProcessEntry[]>();

	constructor(database: QueryDatabase, sessionStart: bigint) {
		if (!database.has("process", "upid")) return;
		const rows = database.numberRows<[number, number, string | null, number]>(
			"SELECT upid, pid, comm, max(coalesce(start_ts - ?, -1), -1) AS start FROM process ORDER BY start, upid",
			sessionStart,
		);
		for (const [upid, pid, comm, startOffset] of rows) {
			const entry = { upid, pid, comm, startOffset };
			const known = this.#byPid.get(pid);
			if (known === undefined) this.#byPid.set(pid, [entry]);
			else known.push(entry);
		}
	}

	/** The last process to get the pid by then. */
	at(pid: number, offset: number): ProcessEntry | undefined {
		const entries = this.#byPid.get(pid);
		if (entries === undefined) return undefined;
		for (let index = entries.length - 1; index > 0; index--) {
			const entry = entries[index];
			if (entry !== undefined && entry.startOffset <= offset) return entry;
		}
		return entries[0];
	}
}
