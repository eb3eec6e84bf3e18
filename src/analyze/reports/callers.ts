import type { QueryDatabase } from "../query/query-database.js";

/** A thread under a name, and a call that it made. */
export interface Caller {
	readonly id: number;
	readonly pid: number;
	readonly comm: string | null;
	readonly name: string;
	readonly upid: number | null;
	readonly processComm: string | null;
}

/** The dictionary of callers. */
export function* readCallers(database: QueryDatabase): Generator<Caller> {
	const rows = database.numberRows<
		[number, number, string | null, string, number | null, string | null]
	>(
		`SELECT c.id, c.pid, c.comm, c.name, t.upid, p.comm FROM caller c
		 LEFT JOIN thread_row t ON t.utid = c.utid LEFT JOIN process_row p ON p.upid = t.upid`,
	);
	for (const [id, pid, comm, name, upid, processComm] of rows) {
		yield { id, pid, comm, name, upid, processComm };
	}
}
