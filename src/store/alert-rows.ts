import Database = require("better-sqlite3");

import { RelayscopeError } from "../base/error.js";

export interface AlertRow {
	readonly ts: bigint;
	readonly rule: string;
	readonly severity: string;
	readonly pid: bigint | null;
	readonly comm: string | null;
	readonly message: string;
	readonly sourceView: string;
	readonly sourceId: string;
	readonly pack: string;
	readonly repeats: number;
}

/** Reading goes on meanwhile, and another audit may be writing. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Puts the alerts of an audit in the place of those of the one before. False: the database can only
 * be read, as on a medium that is mounted so.
 */
export function replaceAlerts(databasePath: string, alerts: Iterable<AlertRow>): boolean {
	let database: Database.Database | undefined;
	try {
		database = new Database(databasePath, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
		const opened = database;
		const insert = opened.prepare(
			"INSERT INTO alert_row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'audit')",
		);
		opened
			.transaction(() => {
				opened.exec("DELETE FROM alert_row WHERE origin = 'audit'");
				for (const each of alerts) {
					const { ts, rule, severity, pid, comm, message, sourceView, sourceId } = each;
					insert.run(
						...[ts, rule, severity, pid, comm, message, sourceView, sourceId],
						...[each.pack, each.repeats],
					);
				}
			})
			.immediate();
		return true;
	} catch (cause) {
		if (!(cause instanceof Database.SqliteError)) throw cause;
		if (/^SQLITE_(READONLY|CANTOPEN)/.test(cause.code)) return false;
		throw new RelayscopeError("DATABASE", `the alerts cannot be kept: ${cause.message}`, {
			hint: "They were printed; try again, or leave them out with --no-store.",
			cause,
		});
	} finally {
		database?.close();
	}
}
