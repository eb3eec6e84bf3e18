import { ERRNO_MAX, ERRNO_NAMES } from "../base/errno.js";
import type { EventSchema } from "../schema/event-schema.js";
import { eventTableDdl } from "../schema/table-ddl.js";
import { ALERT_TABLES } from "./alert-tables.js";
import { argumentTables } from "./argument-tables.js";
import { BLOCK_TABLES, causesView } from "./block-tables.js";
import { callDetailDdl } from "./call-detail-tables.js";
import { callPathDdl, PATH_COLUMNS, pathsJoin } from "./call-path-tables.js";
import { CONTEXT_TABLES } from "./context-tables.js";
import { PlaceCode } from "./place.js";

/** Key of `store_value` for the factor that places have (see PlaceCode). */
export const PLACE_SCALE_KEY = "place_scale";

/** Values of `end_state`: ftrace's letters, and NULL for a slice whose end nobody knows. */
export const END_STATES = [null, "R", "R+", "S", "D", "T", "t", "X", "Z", "P", "I"] as const;
export type EndState = Exclude<(typeof END_STATES)[number], null>;

export interface TablesOptions {
	readonly cpuIds: number;
	/** Whether strings of system calls were recorded: calls have paths then. */
	readonly strings: boolean;
	/** Events that have a table and a view of their own. */
	readonly events: readonly EventSchema[];
}

/**
 * Row tables, and over them the views that are the public contract. Nothing here needs more than
 * the bare sqlite3 shell.
 *
 * Rows of calls and slices are clustered by their absolute time: a condition on `ts` in a view is a
 * search in the table itself, and no second index takes space. Who did it (thread, name at that
 * time, call) is a row of a dictionary. CROSS JOIN keeps SQLite from turning the join round, which
 * would search the large table once per dictionary row.
 */
export function tablesDdl(options: TablesOptions): string {
	const place = new PlaceCode(options.cpuIds);
	return [
		SMALL_TABLES,
		errnoTable(),
		argumentTables(),
		callPathDdl(options.strings),
		syscallTables(place, options.strings),
		callDetailDdl(options.strings),
		schedTables(place),
		LOG_TABLES,
		CONTEXT_TABLES,
		ALERT_TABLES,
		BLOCK_TABLES,
		causesView(place),
		...options.events.map(eventTableDdl),
	].join("\n");
}

const SMALL_TABLES = `
CREATE TABLE store_value (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE session_value (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE VIEW session AS
	SELECT key, value FROM session_value;

CREATE TABLE process_row (
	upid INTEGER PRIMARY KEY,
	pid INTEGER NOT NULL,
	ppid INTEGER,
	uid INTEGER,
	comm TEXT,
	exe TEXT,
	argv BLOB,
	cmdline TEXT,
	start_ts INTEGER,
	end_ts INTEGER,
	exit_status INTEGER,
	euid INTEGER,
	gid INTEGER,
	loginuid INTEGER,
	session_id INTEGER,
	cgroup TEXT,
	container TEXT
);
CREATE VIEW process AS
	SELECT upid, pid, ppid, uid, comm, exe, cmdline, start_ts, end_ts, exit_status, euid, gid,
		loginuid, session_id, cgroup, container
	FROM process_row;

CREATE TABLE thread_row (
	utid INTEGER PRIMARY KEY,
	upid INTEGER NOT NULL,
	tid INTEGER NOT NULL,
	comm TEXT
);
CREATE VIEW thread AS
	SELECT utid, upid, tid, comm FROM thread_row;

CREATE TABLE loss_row (
	ts_begin INTEGER,
	ts_end INTEGER,
	channel TEXT NOT NULL,
	cpu INTEGER,
	lost INTEGER
);
CREATE VIEW losses AS
	SELECT ts_begin, ts_end, channel, cpu, lost FROM loss_row;

CREATE TABLE stat_row (
	channel TEXT NOT NULL,
	cpu INTEGER,
	name TEXT NOT NULL,
	value INTEGER NOT NULL
);
CREATE VIEW stats AS
	SELECT channel, cpu, name, value FROM stat_row;
`;

function errnoTable(): string {
	const rows = [...ERRNO_NAMES].map(([code, name]) => `(${code}, '${name}')`);
	return `
CREATE TABLE errno_name (code INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO errno_name VALUES ${rows.join(", ")};
`;
}

function syscallTables(place: PlaceCode, strings: boolean): string {
	return `
CREATE TABLE caller (
	id INTEGER PRIMARY KEY,
	utid INTEGER NOT NULL,
	pid INTEGER NOT NULL,
	tid INTEGER NOT NULL,
	comm TEXT,
	name TEXT NOT NULL,
	abi TEXT NOT NULL
);
CREATE TABLE syscall_row (
	ts INTEGER,
	place INTEGER,
	dur INTEGER,
	ret INTEGER,${strings ? "\n\tpaths INTEGER NOT NULL," : ""}
	arg0 INTEGER,
	arg1 INTEGER,
	arg2 INTEGER,
	arg3 INTEGER,
	arg4 INTEGER,
	arg5 INTEGER,
	PRIMARY KEY (ts, place)
) WITHOUT ROWID;
CREATE TABLE call_window (
	begin_ts INTEGER PRIMARY KEY,
	end_ts INTEGER NOT NULL,
	figures BLOB NOT NULL
);
CREATE VIEW syscalls AS
	SELECT s.ts, s.dur, ${place.cpuSql("s.place")} AS cpu, c.pid, c.tid, c.comm, c.name,
		s.arg0, s.arg1, s.arg2, s.arg3, s.arg4, s.arg5, s.ret,
		CASE WHEN s.ret BETWEEN -${ERRNO_MAX} AND -1
			THEN (SELECT e.name FROM errno_name e WHERE e.code = -s.ret) END AS errno,
		${strings ? PATH_COLUMNS.recorded : PATH_COLUMNS.absent},
		c.abi
	FROM syscall_row s ${strings ? `${pathsJoin("s")} ` : ""}CROSS JOIN caller c ON c.id = ${place.idSql("s.place")};
`;
}

function schedTables(place: PlaceCode): string {
	return `
CREATE TABLE named_thread (
	id INTEGER PRIMARY KEY,
	utid INTEGER NOT NULL,
	pid INTEGER,
	tid INTEGER,
	comm TEXT
);
INSERT INTO named_thread VALUES (0, 0, NULL, NULL, NULL);
CREATE TABLE slice_row (
	ts INTEGER,
	place INTEGER,
	dur INTEGER,
	end_state TEXT,
	PRIMARY KEY (ts, place)
) WITHOUT ROWID;
CREATE VIEW sched_slices AS
	SELECT s.ts, s.dur, ${place.cpuSql("s.place")} AS cpu, t.pid, t.tid, t.comm, s.end_state
	FROM slice_row s CROSS JOIN named_thread t ON t.id = ${place.idSql("s.place")};
`;
}

const LOG_TABLES = `
CREATE TABLE log_row (
	id INTEGER PRIMARY KEY,
	ts INTEGER NOT NULL,
	cpu INTEGER NOT NULL,
	thread INTEGER NOT NULL,
	source TEXT NOT NULL,
	text TEXT NOT NULL,
	data BLOB,
	truncated INTEGER NOT NULL
);
CREATE VIEW logs AS
	SELECT l.ts, l.cpu, t.pid, t.comm, l.text, t.tid, l.source, l.data, l.truncated
	FROM log_row l CROSS JOIN named_thread t ON t.id = l.thread;
`;
