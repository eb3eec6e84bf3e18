import { BLOCK_WHAT, type BlockGroup, readBlockFigures } from "../../store/block-figures.js";
import type { BlockNumbers } from "../../store/block-numbers.js";
import { BLOCK_OP_NAMES, IO_TABLE } from "../../store/block-tables.js";
import type { QueryDatabase } from "../query/query-database.js";
import { readBlockRows } from "./block-row-reader.js";
import type { Scope } from "./report.js";
import { type WholeRange, wholeWindows } from "./whole-windows.js";

/** A thread under a name, with its process. */
interface BlockThread {
	readonly pid: number;
	readonly comm: string | null;
	readonly upid: number | null;
	readonly processComm: string | null;
}

/** Whose they are, and of which kind. */
export interface BlockOwner extends BlockThread {
	/** `major:minor`. */
	readonly dev: string;
	readonly deviceName: string | null;
	readonly op: string;
}

export interface BlockSink {
	/** Many; the object is written over when this returns. */
	group(group: BlockGroup): void;
	/** One; the array is written over, too. */
	one(numbers: BlockNumbers, failed: boolean): void;
}

export interface BlockSinks {
	readonly ios: BlockSink;
	readonly requests: BlockSink;
}

/** Where an owner's go; asked once for each. */
export type BlockSinksOf = (owner: BlockOwner) => BlockSinks;

export function hasBlockRows(database: QueryDatabase): boolean {
	return database.hasTable(IO_TABLE);
}

/**
 * Hands out the bios and requests that began in the range: as figures where windows lie whole in it,
 * row by row at its ends.
 */
export function readBlocksIn(database: QueryDatabase, scope: Scope, sinksOf: BlockSinksOf): void {
	const known = new KnownSinks(database, scope, sinksOf);
	const { range, facts } = scope;
	const readRows = (since: bigint | undefined, until: bigint | undefined): void => {
		if (since !== undefined && until !== undefined && since >= until) return;
		readBlockRows(database, facts.start, { since, until }, (row) => {
			const sinks = known.of(row.device, row.thread, row.op);
			if (sinks === null) return;
			if ((row.what & BLOCK_WHAT.io) !== 0) sinks.ios.one(row.numbers, row.failed);
			if ((row.what & BLOCK_WHAT.request) !== 0) sinks.requests.one(row.numbers, row.failed);
		});
	};
	const whole = wholeWindows(database, "block_window", range);
	if (whole === undefined) {
		readRows(range.since, range.until);
		return;
	}
	readRows(range.since, whole.since);
	readWindows(database, whole, known);
	readRows(whole.until, range.until);
}

/** More than there are kinds. */
const OPS = 16;

class KnownSinks {
	readonly #threads: (BlockThread | undefined)[] = [];
	readonly #devices: ({ readonly dev: string; readonly name: string | null } | undefined)[] = [];
	readonly #sinksOf: BlockSinksOf;
	/** By device, then by thread and kind; null: not asked about. */
	readonly #known: Map<number, BlockSinks | null>[] = [];

	constructor(database: QueryDatabase, { pid, comm, device }: Scope, sinksOf: BlockSinksOf) {
		this.#sinksOf = sinksOf;
		const threads = database.numberRows<
			[number, number, string | null, number | null, string | null]
		>(
			`SELECT n.id, n.pid, n.comm, t.upid, p.comm FROM named_thread n
			 LEFT JOIN thread_row t ON t.utid = n.utid LEFT JOIN process_row p ON p.upid = t.upid`,
		);
		for (const [id, itsPid, itsComm, upid, processComm] of threads) {
			if (pid !== undefined && itsPid !== pid) continue;
			if (comm !== undefined && itsComm !== comm) continue;
			this.#threads[id] = { pid: itsPid, comm: itsComm, upid, processComm };
		}
		const devices = database.numberRows<[number, string, string | null]>(
			"SELECT id, dev, name FROM block_device_row",
		);
		for (const [id, dev, name] of devices) {
			if (device === undefined || device.dev === dev) this.#devices[id] = { dev, name };
		}
	}

	of(device: number, thread: number, op: number): BlockSinks | null {
		let ofDevice = this.#known[device];
		if (ofDevice === undefined) {
			ofDevice = new Map();
			this.#known[device] = ofDevice;
		}
		const key = thread * OPS + op;
		let sinks = ofDevice.get(key);
		if (sinks === undefined) {
			sinks = this.#make(device, thread, op);
			ofDevice.set(key, sinks);
		}
		return sinks;
	}

	#make(device: number, thread: number, op: number): BlockSinks | null {
		const [who, where] = [this.#threads[thread], this.#devices[device]];
		if (who === undefined || where === undefined) return null;
		const { dev, name } = where;
		return this.#sinksOf({ ...who, dev, deviceName: name, op: BLOCK_OP_NAMES[op] ?? "other" });
	}
}

function readWindows(database: QueryDatabase, whole: WholeRange, known: KnownSinks): void {
	// Strays of later windows began in these.
	const rows = database.rows<[bigint, Uint8Array]>(
		"SELECT begin_ts, figures FROM block_window WHERE begin_ts >= ? ORDER BY begin_ts",
		whole.since,
	);
	for (const [begin, figures] of rows) {
		const covered = begin < whole.until;
		readBlockFigures(
			figures,
			(group) => {
				const sinks = covered ? known.of(group.device, group.thread, group.op) : null;
				if (sinks === null) return;
				if ((group.what & BLOCK_WHAT.io) !== 0) sinks.ios.group(group);
				if ((group.what & BLOCK_WHAT.request) !== 0) sinks.requests.group(group);
			},
			({ before, what, device, thread, op, failed, numbers }) => {
				const ts = begin - BigInt(before);
				if (ts < whole.since || ts >= whole.until) return;
				const sinks = known.of(device, thread, op);
				if (sinks === null) return;
				if ((what & BLOCK_WHAT.io) !== 0) sinks.ios.one(numbers, failed);
				if ((what & BLOCK_WHAT.request) !== 0) sinks.requests.one(numbers, failed);
			},
		);
	}
}
