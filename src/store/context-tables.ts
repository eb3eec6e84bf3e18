import type { InsertColumn } from "./batched-insert.js";
import type { StoredTable } from "./stored-table.js";

/**
 * Contexts of records are rows of their own, so that a session without them pays nothing, and refer
 * to a stack by number: the same few stacks come again and again.
 */
export const CONTEXT_TABLES = `
CREATE TABLE context_event (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE namespace_row (
	id INTEGER PRIMARY KEY,
	pid_ns INTEGER,
	net_ns INTEGER,
	user_ns INTEGER,
	uts_ns INTEGER,
	ipc_ns INTEGER,
	cgroup_ns INTEGER,
	time_ns INTEGER
);
CREATE TABLE cgroup_row (id INTEGER PRIMARY KEY, path TEXT NOT NULL);
CREATE TABLE frame_row (
	id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL,
	address INTEGER NOT NULL,
	symbol TEXT,
	symbol_offset INTEGER,
	object TEXT,
	object_offset INTEGER
);
CREATE TABLE stack_row (
	stack INTEGER,
	level INTEGER,
	frame INTEGER NOT NULL,
	PRIMARY KEY (stack, level)
) WITHOUT ROWID;
CREATE TABLE context_row (
	ts INTEGER NOT NULL,
	cpu INTEGER NOT NULL,
	thread INTEGER NOT NULL,
	event INTEGER NOT NULL,
	kernel_stack INTEGER,
	user_stack INTEGER,
	cgroup INTEGER,
	namespaces INTEGER,
	flags INTEGER NOT NULL
);
CREATE VIEW context AS
	SELECT c.ts, c.cpu, t.pid, t.tid, t.comm, e.name AS event, c.kernel_stack, c.user_stack, c.cgroup,
		n.pid_ns, n.net_ns, n.user_ns, n.uts_ns, n.ipc_ns, n.cgroup_ns, n.time_ns,
		c.flags >> 3 & 1 AS interrupt, c.flags & 1 AS kernel_cut, (c.flags & 6) <> 0 AS user_cut,
		g.path AS cgroup_path
	FROM context_row c CROSS JOIN named_thread t ON t.id = c.thread
		CROSS JOIN context_event e ON e.id = c.event
		LEFT JOIN namespace_row n ON n.id = c.namespaces
		LEFT JOIN cgroup_row g ON g.id = c.cgroup;
CREATE VIEW stacks AS
	SELECT s.stack, f.kind, s.level, f.address, f.symbol, f.symbol_offset, f.object, f.object_offset
	FROM stack_row s CROSS JOIN frame_row f ON f.id = s.frame;
`;

export const CONTEXT_INDICES = "CREATE INDEX context_row_ts ON context_row (ts);";

export function contextTables(time: (name: string) => InsertColumn): readonly StoredTable[] {
	return [
		{ name: "context_event", columns: ["id", "name"], batch: 1 },
		{ name: "cgroup_row", columns: ["id", "path"], batch: 20 },
		{
			name: "namespace_row",
			columns: [
				...["id", "pid_ns", "net_ns", "user_ns", "uts_ns"],
				...["ipc_ns", "cgroup_ns", "time_ns"],
			],
			batch: 1,
		},
		{
			name: "frame_row",
			columns: [
				...["id", "kind", "address", "symbol"],
				...["symbol_offset", "object", "object_offset"],
			],
			batch: 50,
		},
		{ name: "stack_row", columns: ["stack", "level", "frame"], batch: 100 },
		{
			name: "context_row",
			columns: [
				...[time("ts"), "cpu", "thread", "event"],
				...["kernel_stack", "user_stack", "cgroup", "namespaces", "flags"],
			],
			batch: 50,
		},
	];
}
