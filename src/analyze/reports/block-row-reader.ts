import { BLOCK_WHAT } from "../../store/block-figures.js";
import { type BlockNumbers, SERIES_COUNT } from "../../store/block-numbers.js";
import { BLOCK_KIND, DEVICE_ROWS, IO_TABLE, REQUEST_TABLE } from "../../store/block-tables.js";
import { isNamedError } from "../../store/call-windows.js";
import type { QueryDatabase, SqlValue } from "../query/query-database.js";
import { Arrivals } from "../tracking/block/arrivals.js";
import type { TimeRange } from "./time-range.js";

const SECTOR = 512;

/** A bio or a request, with the numbers that windows sum up. The object is written over. */
export interface BlockRowNumbers {
	/** BLOCK_WHAT. */
	what: number;
	device: number;
	thread: number;
	op: number;
	failed: boolean;
	readonly numbers: BlockNumbers;
}

type Row = readonly [
	sole: number,
	ts: number,
	origin: number,
	kind: number,
	sector: number,
	bytes: number,
	inserted: number | null,
	issued: number | null,
	completed: number | null,
	error: number | null,
];

/** Hands out the rows of a range in the order of time. */
export function readBlockRows(
	database: QueryDatabase,
	start: bigint,
	range: TimeRange,
	visit: (row: BlockRowNumbers) => void,
): void {
	const arrivals = arrivalsBefore(database, start, range.since);
	const row: BlockRowNumbers = {
		...{ what: 0, device: 0, thread: 0, op: 0, failed: false },
		numbers: new Float64Array(SERIES_COUNT),
	};
	const { where, values } = conditionsOf(range);
	const columns = "ts - ?, origin, kind, sector, bytes, inserted, issued, completed, error";
	const rows = database.numberRows<Row>(
		`SELECT ${BLOCK_WHAT.request} AS what, ${columns}, id FROM ${REQUEST_TABLE} ${where}
		 UNION ALL SELECT ${BLOCK_WHAT.io}, ${columns}, id FROM ${IO_TABLE} ${where} ORDER BY 2, id`,
		...[start, ...values, start, ...values],
	);
	for (const [what, ts, origin, kind, sector, bytes, inserted, issued, completed, error] of rows) {
		const sole = what === BLOCK_WHAT.request && (kind & BLOCK_KIND.sole) !== 0;
		row.what = sole ? BLOCK_WHAT.both : what;
		row.device = origin % DEVICE_ROWS;
		row.thread = Math.floor(origin / DEVICE_ROWS);
		row.op = kind & (BLOCK_KIND.flags - 1);
		row.failed = error !== null && isNamedError(error);
		const { numbers } = row;
		numbers[0] = Number.NaN;
		numbers[1] = Number.NaN;
		if ((row.what & BLOCK_WHAT.io) !== 0) {
			const end = sector + Math.ceil(bytes / SECTOR);
			const before = arrivalsOf(arrivals, row.device);
			numbers[0] = before.gap(ts);
			numbers[1] = before.seek(sector, end);
			before.note(ts, sector, end);
		}
		// Times count from its queueing, where that was seen.
		const queued = (kind & BLOCK_KIND.unqueued) === 0 ? 0 : Number.NaN;
		const at = (time: number | null): number => time ?? Number.NaN;
		numbers[2] = at(inserted) - queued;
		numbers[3] = at(issued) - at(inserted);
		numbers[4] = at(completed) - at(issued);
		numbers[5] = at(completed) - queued;
		numbers[6] = bytes;
		visit(row);
	}
}

function conditionsOf({ since, until }: TimeRange): {
	readonly where: string;
	readonly values: readonly SqlValue[];
} {
	const conditions: string[] = [];
	const values: SqlValue[] = [];
	if (since !== undefined) {
		conditions.push("ts >= ?");
		values.push(since);
	}
	if (until !== undefined) {
		conditions.push("ts < ?");
		values.push(until);
	}
	return { where: conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`, values };
}

function arrivalsOf(arrivals: Arrivals[], device: number): Arrivals {
	let found = arrivals[device];
	if (found === undefined) {
		found = new Arrivals();
		arrivals[device] = found;
	}
	return found;
}

/** The last bio of each device before the range. */
function arrivalsBefore(
	database: QueryDatabase,
	start: bigint,
	since: bigint | undefined,
): Arrivals[] {
	const arrivals: Arrivals[] = [];
	if (since === undefined) return arrivals;
	const devices = [...database.numberRows<[number]>("SELECT id FROM block_device_row")];
	// The order is that of the column itself, or else every row would be sorted.
	const lastOf = (table: string, condition: string): string =>
		`SELECT * FROM (SELECT ts - @start, id, sector, bytes FROM ${table}
			WHERE ts < @since AND origin % ${DEVICE_ROWS} = @device ${condition}
			ORDER BY ts DESC, id DESC LIMIT 1)`;
	for (const [device] of devices) {
		const rows = database.numberRows<[number, number, number, number]>(
			`${lastOf(REQUEST_TABLE, `AND kind & ${BLOCK_KIND.sole}`)} UNION ALL ${lastOf(IO_TABLE, "")}
			 ORDER BY 1 DESC, 2 DESC LIMIT 1`,
			{ start, since, device },
		);
		for (const [ts, , sector, bytes] of rows) {
			arrivalsOf(arrivals, device).note(ts, sector, sector + Math.ceil(bytes / SECTOR));
		}
	}
	return arrivals;
}
