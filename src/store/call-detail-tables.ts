import { ERRNO_MAX } from "../base/errno.js";
import { callerJoin, emptyView } from "./call-path-tables.js";
import type { StoredTable } from "./stored-table.js";

const ERRNO = `CASE WHEN r.ret BETWEEN -${ERRNO_MAX} AND -1
		THEN (SELECT e.name FROM errno_name e WHERE e.code = -r.ret) END AS errno`;

const CALL = ["ts", "dur", "pid", "tid", "comm", "name"];

/** Columns of the views, for a session that has no such rows. */
const VIEWS: Readonly<Record<string, readonly string[]>> = {
	execs: [
		...[...CALL, "upid", "ppid", "path", "path_given"],
		...["argv", "command", "env", "truncated", "ret", "errno"],
	],
	socket_calls: [...CALL, "fd", "socket", "side", "family", "address", "port", "ret", "errno"],
	sockets: ["socket", "ts", "family", "local", "local_port", "peer", "peer_port"],
	credentials: [
		...["ts", "upid", "pid", "tid", "uid", "euid", "gid", "egid"],
		...["loginuid", "session_id", "comm"],
	],
};

/** What only some calls have: the texts of an execve, the address of a socket; and who tasks are. */
export function callDetailDdl(strings: boolean): string {
	if (!strings) {
		return Object.entries(VIEWS)
			.map(([name, columns]) => emptyView(name, columns))
			.join("");
	}
	return `
CREATE TABLE exec_row (
	ts INTEGER NOT NULL,
	caller INTEGER NOT NULL,
	upid INTEGER,
	ppid INTEGER,
	dur INTEGER,
	ret INTEGER,
	paths INTEGER NOT NULL,
	argv TEXT,
	command TEXT,
	env TEXT,
	truncated INTEGER NOT NULL
);
CREATE VIEW execs AS
	SELECT r.ts, r.dur, c.pid, c.tid, c.comm, c.name, r.upid, r.ppid, p.path,
		coalesce(p.path_given, p.path) AS path_given, r.argv, r.command, r.env, r.truncated, r.ret,
		${ERRNO}
	FROM exec_row r ${callerJoin("r")} LEFT JOIN call_paths p ON p.id = r.paths;

CREATE TABLE address_row (
	id INTEGER PRIMARY KEY,
	family TEXT NOT NULL,
	address TEXT,
	port INTEGER
);
CREATE TABLE socket_call_row (
	ts INTEGER NOT NULL,
	caller INTEGER NOT NULL,
	dur INTEGER,
	ret INTEGER,
	fd INTEGER NOT NULL,
	socket TEXT,
	side TEXT NOT NULL,
	address INTEGER NOT NULL
);
CREATE VIEW socket_calls AS
	SELECT r.ts, r.dur, c.pid, c.tid, c.comm, c.name, r.fd, r.socket, r.side, a.family, a.address,
		a.port, r.ret, ${ERRNO}
	FROM socket_call_row r ${callerJoin("r")} CROSS JOIN address_row a ON a.id = r.address;
CREATE VIEW sockets AS
	SELECT s.socket, s.ts, a.family, l.address AS local, l.port AS local_port, p.address AS peer,
		p.port AS peer_port
	FROM (
		SELECT r.socket, min(r.ts) AS ts, max(r.address) AS address,
			(SELECT l.address FROM socket_call_row l WHERE l.socket = r.socket AND l.side = 'local'
				AND l.ret >= 0 ORDER BY l.ts DESC LIMIT 1) AS local,
			(SELECT p.address FROM socket_call_row p WHERE p.socket = r.socket AND p.side = 'peer'
				AND (p.ret >= 0 OR p.ret = -115) ORDER BY p.ts DESC LIMIT 1) AS peer
		FROM socket_call_row r WHERE r.socket IS NOT NULL GROUP BY r.socket
	) s CROSS JOIN address_row a ON a.id = s.address
		LEFT JOIN address_row l ON l.id = s.local
		LEFT JOIN address_row p ON p.id = s.peer;

CREATE TABLE credential_row (
	ts INTEGER NOT NULL,
	upid INTEGER NOT NULL,
	pid INTEGER NOT NULL,
	tid INTEGER NOT NULL,
	comm TEXT,
	uid INTEGER NOT NULL,
	euid INTEGER NOT NULL,
	gid INTEGER NOT NULL,
	egid INTEGER NOT NULL,
	loginuid INTEGER,
	session_id INTEGER
);
CREATE VIEW credentials AS
	SELECT ts, upid, pid, tid, uid, euid, gid, egid, loginuid, session_id, comm FROM credential_row;
`;
}

export const CALL_DETAIL_INDICES = `
CREATE INDEX exec_row_ts ON exec_row (ts);
CREATE INDEX socket_call_row_ts ON socket_call_row (ts);
CREATE INDEX socket_call_row_socket ON socket_call_row (socket, side, ts);
CREATE INDEX credential_row_ts ON credential_row (ts);
CREATE INDEX credential_row_upid ON credential_row (upid, ts);
`;

export function callDetailTables(
	time: (name: string) => StoredTable["columns"][number],
): readonly StoredTable[] {
	return [
		{
			name: "exec_row",
			columns: [
				...[time("ts"), "caller", "upid", "ppid", "dur", "ret", "paths"],
				...["argv", "command", "env", "truncated"],
			],
			batch: 20,
		},
		{ name: "address_row", columns: ["id", "family", "address", "port"], batch: 20 },
		{
			name: "socket_call_row",
			columns: [time("ts"), "caller", "dur", "ret", "fd", "socket", "side", "address"],
			batch: 50,
		},
		{
			name: "credential_row",
			columns: [
				...[time("ts"), "upid", "pid", "tid", "comm"],
				...["uid", "euid", "gid", "egid", "loginuid", "session_id"],
			],
			batch: 20,
		},
	];
}
