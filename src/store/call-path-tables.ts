import type { StoredTable } from "./stored-table.js";

/** What calls without any path or descriptor have in place of a row of `call_paths`. */
export const NO_PATHS = 0;

/**
 * Which files calls name. What a call names is one row of a dictionary, because most calls name what
 * others did: a call's own row has one small number more, and only in sessions whose strings were
 * recorded. Others have the views alone: sixteen empty tables and indices are 300 kB.
 */
export function callPathDdl(strings: boolean): string {
	if (!strings) return emptyView("files", ["ts", "path", "dev", "ino", "type", "mode"]);
	return `
CREATE TABLE file_row (
	id INTEGER PRIMARY KEY,
	ts INTEGER NOT NULL,
	path TEXT NOT NULL,
	dev INTEGER NOT NULL,
	ino INTEGER NOT NULL,
	mode INTEGER NOT NULL
);
CREATE TABLE call_paths (
	id INTEGER PRIMARY KEY,
	path TEXT,
	path_given TEXT,
	path2 TEXT,
	path2_given TEXT,
	fd_path TEXT,
	fd_path2 TEXT,
	file INTEGER,
	path_truncated INTEGER NOT NULL
);
CREATE TABLE file_window (
	begin_ts INTEGER PRIMARY KEY,
	end_ts INTEGER NOT NULL,
	figures BLOB NOT NULL
);
CREATE VIEW files AS
	SELECT f.ts, f.path, f.dev, f.ino,
		CASE f.mode & 61440 WHEN 32768 THEN 'file' WHEN 16384 THEN 'directory' WHEN 49152 THEN 'socket'
			WHEN 4096 THEN 'pipe' WHEN 24576 THEN 'block' WHEN 8192 THEN 'char' WHEN 40960 THEN 'symlink'
			ELSE 'other' END AS type,
		f.mode & 4095 AS mode
	FROM file_row f;
`;
}

/** The view of a session that has no such rows. */
export function emptyView(name: string, columns: readonly string[]): string {
	const nothing = columns.map((column) => `NULL AS ${column}`);
	return `\nCREATE VIEW ${name} AS\n\tSELECT ${nothing.join(", ")} WHERE 0;\n`;
}

export const CALL_PATH_INDICES = `
CREATE INDEX file_row_inode ON file_row (dev, ino);
CREATE INDEX call_paths_path ON call_paths (path);
CREATE INDEX call_paths_path2 ON call_paths (path2);
CREATE INDEX call_paths_fd_path ON call_paths (fd_path);
`;

/** For all calls it would be taken for a shorter way through the whole table, which it is not. */
export const CALLS_BY_PATHS = `
CREATE INDEX syscall_row_paths ON syscall_row (paths) WHERE paths > ${NO_PATHS};
`;

/** Columns that the view of calls has from the dictionary, in a session with strings and without. */
export const PATH_COLUMNS = {
	recorded: `p.path, p.path2, p.fd_path,
		coalesce(p.path_given, p.path) AS path_given, coalesce(p.path2_given, p.path2) AS path2_given,
		p.fd_path2, coalesce(p.path_truncated, 0) AS path_truncated`,
	absent: `NULL AS path, NULL AS path2, NULL AS fd_path,
		NULL AS path_given, NULL AS path2_given, NULL AS fd_path2, NULL AS path_truncated`,
} as const;

export function callPathTables(
	time: (name: string) => StoredTable["columns"][number],
): readonly StoredTable[] {
	return [
		{ name: "file_row", columns: ["id", time("ts"), "path", "dev", "ino", "mode"], batch: 20 },
		{
			name: "call_paths",
			columns: [
				...["id", "path", "path_given", "path2", "path2_given"],
				...["fd_path", "fd_path2", "file", "path_truncated"],
			],
			batch: 50,
		},
		{
			name: "file_window",
			columns: [time("begin_ts"), time("end_ts"), "figures"],
			batch: 1,
		},
	];
}

/**
 * The join that PATH_COLUMNS.recorded needs, to stand before the CROSS JOIN of callers: a comparison
 * with a path then begins at the dictionary, and finds the calls by their index.
 */
export function pathsJoin(calls: string): string {
	return `LEFT JOIN call_paths p ON p.id = ${calls}.paths AND ${calls}.paths > ${NO_PATHS}`;
}

/** SQL for who made the call of a row that has its `caller`. */
export function callerJoin(row: string): string {
	return `CROSS JOIN caller c ON c.id = ${row}.caller`;
}
