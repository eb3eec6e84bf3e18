import type Database from "better-sqlite3";

/** What was learnt about threads after rows had named them; gone with the connection. */
export const CORRECTION_TABLE = `
CREATE TEMP TABLE correction (id INTEGER PRIMARY KEY, utid INTEGER NOT NULL, pid INTEGER, comm TEXT);
`;

/** Puts into the dictionaries what was learnt, in the order in which it was. */
export function applyCorrections(database: Database.Database): void {
	const corrections = database
		.prepare<[], { utid: number; pid: number | null; comm: string | null }>(
			"SELECT utid, pid, comm FROM correction ORDER BY id",
		)
		.all();
	if (corrections.length === 0) return;
	for (const table of ["caller", "named_thread"]) {
		database.exec(`CREATE INDEX correction_utid ON ${table} (utid)`);
		const pids = database.prepare(`UPDATE ${table} SET pid = ? WHERE utid = ?`);
		const comms = database.prepare(`UPDATE ${table} SET comm = ? WHERE utid = ? AND comm IS NULL`);
		for (const { utid, pid, comm } of corrections) {
			if (pid !== null) pids.run(pid, utid);
			if (comm !== null) comms.run(comm, utid);
		}
		database.exec("DROP INDEX correction_utid");
	}
}
