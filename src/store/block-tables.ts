import { ERRNO_MAX } from "../base/errno.js";
import type { InsertColumn } from "./batched-insert.js";
import type { PlaceCode } from "./place.js";
import type { StoredTable } from "./stored-table.js";

/** Names of the kinds of requests, and as blkparse writes them, in the order of their numbers. */
const OPS: readonly (readonly [name: string, letters: string])[] = [
	["read", "R"],
	["write", "W"],
	["discard", "D"],
	["flush", "F"],
	["write_zeroes", "WZ"],
	["passthrough", "N"],
	["zone_append", "ZA"],
	["zone_reset", "ZR"],
	["zone_reset_all", "ZRA"],
	["zone_finish", "ZF"],
	["zone_open", "ZO"],
	["zone_close", "ZC"],
	["other", "N"],
	["secure_erase", "DE"],
];

/** Names of the kinds of requests, in the order of their numbers. */
export const BLOCK_OP_NAMES = OPS.map(([name]) => name);

/**
 * `kind` of a row: what it is, its flags, and what else there is to say, in one integer. A column of
 * its own for each would cost a tenth of the time that a row takes.
 */
export const BLOCK_KIND = {
	/** BLOCK_OP in the lowest four bits, BLOCK_FLAG in the next five. */
	flags: 1 << 4,
	/** Of a request: made of one whole bio, whose row this is, too. */
	sole: 1 << 9,
	/** The queueing was not seen; `ts` is when the request was first met. */
	unqueued: 1 << 10,
	/** Of a request: how many bios went into it, from here on. */
	bios: 1 << 11,
} as const;

/** Who and where by one integer: the row of the thread times this, plus the row of the device. */
export const DEVICE_ROWS = 65536;

export const REQUEST_TABLE = "block_request_row";
export const IO_TABLE = "block_io_row";

/**
 * `inserted`, `issued` and `completed` count from `ts`; NULL: not seen. Clustered by time, as calls
 * and slices are.
 */
const SHARED_COLUMNS = [
	"ts",
	"id",
	"origin",
	"sector",
	"bytes",
	"kind",
	"inserted",
	"issued",
	"completed",
	"error",
	"parent",
];
export const REQUEST_COLUMNS = [...SHARED_COLUMNS, "requeues"];
export const IO_COLUMNS = [...SHARED_COLUMNS, "request"];

/** Of a request's or a bio's row, where there is something to say. */
export const ORIGIN_TABLE = "block_origin_row";
export const ORIGIN_COLUMNS = ["id", "inode_dev", "inode", "cgroup", "queuer"];
/** The call that the bio of a row was queued in, by the key of the call's own row. */
export const CAUSE_TABLE = "block_cause_row";
export const CAUSE_COLUMNS = ["ts", "id", "call_ts", "call_place"];

export function blockTables(time: (name: string) => InsertColumn): StoredTable[] {
	return [
		{ name: "block_device_row", columns: ["id", "dev", "name"], batch: 1 },
		{ name: REQUEST_TABLE, columns: [time("ts"), ...REQUEST_COLUMNS.slice(1)], batch: 100 },
		{ name: IO_TABLE, columns: [time("ts"), ...IO_COLUMNS.slice(1)], batch: 100 },
		{ name: ORIGIN_TABLE, columns: ORIGIN_COLUMNS, batch: 100 },
		{ name: CAUSE_TABLE, columns: [time("ts"), "id", time("call_ts"), "call_place"], batch: 100 },
		{ name: "block_window", columns: [time("begin_ts"), time("end_ts"), "figures"], batch: 1 },
	];
}

function table(name: string, columns: readonly string[]): string {
	const list = columns.map((column) => `${column} INTEGER`).join(", ");
	return `CREATE TABLE ${name} (${list}, PRIMARY KEY (ts, id)) WITHOUT ROWID;`;
}

function ofKind(texts: readonly string[]): string {
	const cases = texts.map((text, index) => `WHEN ${index} THEN '${text}'`).join(" ");
	return `CASE x.kind & 15 ${cases} END`;
}

/** F for a flush before, the kind, then fua, readahead, sync, meta. */
function rwbsSql(): string {
	const flag = (bit: number, letter: string): string =>
		`CASE WHEN x.kind & ${bit * BLOCK_KIND.flags} THEN '${letter}' ELSE '' END`;
	const rest = [flag(2, "F"), flag(8, "A"), flag(1, "S"), flag(16, "M")].join(" || ");
	return `${flag(4, "F")} || ${ofKind(OPS.map(([, letters]) => letters))} || ${rest}`;
}

/** Columns that requests and bios have. */
function sharedSql(): string {
	const sinceQueued = (column: string): string =>
		`CASE WHEN NOT x.kind & ${BLOCK_KIND.unqueued} THEN ${column} END`;
	return `x.ts, d.dev, x.sector, x.bytes, ${ofKind(BLOCK_OP_NAMES)} AS op,
		${rwbsSql()} AS rwbs, t.pid, t.comm,
		${sinceQueued("x.inserted")} AS q2i, x.issued - x.inserted AS i2d,
		x.completed - x.issued AS d2c, ${sinceQueued("x.completed")} AS q2c,
		CASE WHEN x.error BETWEEN -${ERRNO_MAX} AND -1
			THEN (SELECT e.name FROM errno_name e WHERE e.code = -x.error) END AS error, t.tid`;
}

/** Asked for only where a query names them. */
function originSql(): string {
	const of = (sql: string): string => `(SELECT ${sql} FROM ${ORIGIN_TABLE} f WHERE f.id = x.id)`;
	const minors = 2 ** 20;
	return `${of(`(f.inode_dev / ${minors}) || ':' || (f.inode_dev % ${minors})`)} AS file_dev,
		${of("f.inode")} AS inode, ${of("f.cgroup")} AS cgroup,
		coalesce((SELECT q.tid FROM ${ORIGIN_TABLE} f JOIN named_thread q ON q.id = f.queuer
			WHERE f.id = x.id), t.tid) AS queue_tid`;
}

function joined(name: string): string {
	return `${name} x CROSS JOIN block_device_row d ON d.id = x.origin % ${DEVICE_ROWS}
		CROSS JOIN named_thread t ON t.id = x.origin / ${DEVICE_ROWS}`;
}

export const BLOCK_TABLES = `
CREATE TABLE block_device_row (id INTEGER PRIMARY KEY, dev TEXT NOT NULL, name TEXT);
CREATE VIEW block_devices AS
	SELECT dev, name FROM block_device_row;
${table(REQUEST_TABLE, REQUEST_COLUMNS)}
${table(IO_TABLE, IO_COLUMNS)}
CREATE TABLE block_window (
	begin_ts INTEGER PRIMARY KEY,
	end_ts INTEGER NOT NULL,
	figures BLOB NOT NULL
);
CREATE VIEW block_requests AS
	SELECT ${sharedSql()}, x.id AS request, x.kind / ${BLOCK_KIND.bios} AS bios,
		coalesce(x.requeues, 0) AS requeues, ${originSql()}
	FROM ${joined(REQUEST_TABLE)};
CREATE VIEW block_ios AS
	SELECT ${sharedSql()}, x.id AS request, x.id AS io, x.parent, ${originSql()}
	FROM ${joined(REQUEST_TABLE)} WHERE x.kind & ${BLOCK_KIND.sole}
	UNION ALL
	SELECT ${sharedSql()}, x.request, x.id AS io, x.parent, ${originSql()}
	FROM ${joined(IO_TABLE)};
CREATE TABLE ${ORIGIN_TABLE} (id INTEGER PRIMARY KEY, inode_dev INTEGER, inode INTEGER,
	cgroup INTEGER, queuer INTEGER NOT NULL);
CREATE TABLE ${CAUSE_TABLE} (ts INTEGER, id INTEGER, call_ts INTEGER NOT NULL,
	call_place INTEGER NOT NULL, PRIMARY KEY (ts, id)) WITHOUT ROWID;
`;

/** Each bio that was queued in a system call, with the call. */
export function causesView(place: PlaceCode): string {
	const branch = (name: string, request: string, more: string): string => `
	SELECT x.ts, d.dev, x.sector, x.bytes, ${ofKind(BLOCK_OP_NAMES)} AS op, x.completed AS q2c,
		${request} AS request, x.id AS io, s.ts AS call_ts, c.name, c.pid, c.tid, c.comm, s.dur
	FROM ${CAUSE_TABLE} k CROSS JOIN ${name} x ON x.ts = k.ts AND x.id = k.id${more}
		CROSS JOIN block_device_row d ON d.id = x.origin % ${DEVICE_ROWS}
		CROSS JOIN syscall_row s ON s.ts = k.call_ts AND s.place = k.call_place
		CROSS JOIN caller c ON c.id = ${place.idSql("k.call_place")}`;
	const sole = ` AND x.kind & ${BLOCK_KIND.sole}`;
	return `CREATE VIEW io_causes AS${branch(REQUEST_TABLE, "x.id", sole)}
	UNION ALL${branch(IO_TABLE, "x.request", "")};
`;
}
