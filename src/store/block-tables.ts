import { ERRNO_MAX } from "../base/errno.js";
import type { InsertColumn } from "./batched-insert.js";
import type { StoredTable } from "./stored-table.js";

/** Names of the kinds of requests, in the order of their numbers. */
export const BLOCK_OPS = [
	"read",
	"write",
	"discard",
	"flush",
	"write_zeroes",
	"passthrough",
	"zone_append",
	"zone_reset",
	"zone_reset_all",
	"zone_finish",
	"zone_open",
	"zone_close",
	"other",
	"secure_erase",
] as const;
/** As blkparse writes them. */
const RWBS = [
	"R",
	"W",
	"D",
	"F",
	"WZ",
	"N",
	"ZA",
	"ZR",
	"ZRA",
	"ZF",
	"ZO",
	"ZC",
	"N",
	"DE",
] as const;

export const REQUEST_TABLE = "block_request_row";
export const IO_TABLE = "block_io_row";

export function blockTables(time: (name: string) => InsertColumn): StoredTable[] {
	return [
		{ name: "block_device_row", columns: ["dev", "name"], batch: 1 },
		{ name: REQUEST_TABLE, columns: [time("ts"), ...REQUEST_COLUMNS.slice(1)], batch: 50 },
		{ name: IO_TABLE, columns: [time("ts"), ...IO_COLUMNS.slice(1)], batch: 50 },
	];
}

/** `thread` is a row of named_thread. */
const SHARED_COLUMNS = ["ts", "id", "dev", "sector", "bytes", "op", "flags", "thread"] as const;
const TIME_COLUMNS = ["q2i", "i2d", "d2c", "q2c"] as const;
export const REQUEST_COLUMNS = [...SHARED_COLUMNS, ...TIME_COLUMNS, "error", "bios", "requeues"];
export const IO_COLUMNS = [...SHARED_COLUMNS, ...TIME_COLUMNS, "error", "request", "parent"];

function table(name: string, columns: readonly string[]): string {
	const list = columns.map((column) => `${column} INTEGER`).join(", ");
	return `CREATE TABLE ${name} (${list}, PRIMARY KEY (ts, id)) WITHOUT ROWID;`;
}

const devSql = (column: string): string =>
	`(${column} >> 20) || ':' || (${column} & ${2 ** 20 - 1})`;

function chosen(column: string, texts: readonly string[]): string {
	const cases = texts.map((text, index) => `WHEN ${index} THEN '${text}'`).join(" ");
	return `CASE ${column} ${cases} END`;
}

/** F for a flush before, the kind, then fua, readahead, sync, meta. */
function rwbsSql(): string {
	const flag = (bit: number, letter: string): string =>
		`CASE WHEN x.flags & ${bit} THEN '${letter}' ELSE '' END`;
	const kind = chosen("x.op", RWBS);
	const rest = [flag(2, "F"), flag(8, "A"), flag(1, "S"), flag(16, "M")].join(" || ");
	return `${flag(4, "F")} || ${kind} || ${rest}`;
}

function view(name: string, from: string, more: string): string {
	return `
CREATE VIEW ${name} AS
	SELECT x.ts, ${devSql("x.dev")} AS dev, x.sector, x.bytes, ${chosen("x.op", BLOCK_OPS)} AS op,
		${rwbsSql()} AS rwbs, t.pid, t.comm, x.q2i, x.i2d, x.d2c, x.q2c,
		CASE WHEN x.error BETWEEN -${ERRNO_MAX} AND -1
			THEN (SELECT e.name FROM errno_name e WHERE e.code = -x.error) END AS error,
		t.tid, ${more}
	FROM ${from} x CROSS JOIN named_thread t ON t.id = x.thread;`;
}

export const BLOCK_TABLES = `
CREATE TABLE block_device_row (dev INTEGER PRIMARY KEY, name TEXT);
CREATE VIEW block_devices AS
	SELECT ${devSql("dev")} AS dev, name FROM block_device_row;
${table(REQUEST_TABLE, REQUEST_COLUMNS)}
${table(IO_TABLE, IO_COLUMNS)}
${view("block_requests", REQUEST_TABLE, "x.id AS request, x.bios, x.requeues")}
${view("block_ios", IO_TABLE, "x.request, x.id AS io, x.parent")}
`;
