import { BLOCK_WHAT } from "./block-figures.js";
import {
	BLOCK_KIND,
	CAUSE_COLUMNS,
	CAUSE_TABLE,
	DEVICE_ROWS,
	IO_COLUMNS,
	IO_TABLE,
	ORIGIN_COLUMNS,
	ORIGIN_TABLE,
	REQUEST_COLUMNS,
	REQUEST_TABLE,
} from "./block-tables.js";
import { BlockWindows } from "./block-windows.js";
import { NumberBlock } from "./number-block.js";
import type { PlaceCode } from "./place.js";
import type { RowBuffer } from "./row-buffer.js";
import type { RowSink } from "./row-sink.js";

/** What rows of requests and bios have in common. Times are ns since the time base. */
export interface BlockRow {
	/** Of requests and bios together. */
	readonly id: number;
	/** Row of the device, as `device` gave it. */
	readonly deviceRow: number;
	/** Row of named_thread. */
	thread: number;
	readonly op: number;
	readonly flags: number;
	readonly bytes: number;
	/** errno, negative; 0: none. */
	readonly error: number;
	/** NaN where they are not known. */
	queued: number;
	inserted: number;
	issued: number;
	/** Of a bio, or of the only one of a request: ns and sectors from the one before; NaN: none. */
	readonly gap: number;
	readonly seek: number;
}

interface DeviceRow {
	readonly id: number;
	name: string | null;
}

const MINOR_BITS = 20;

/** Rows of requests, of the bios that were queued, and of the devices they went to. */
export class BlockRows {
	readonly #sink: RowSink;
	readonly #deviceTable: RowBuffer;
	readonly #devices = new Map<number, DeviceRow>();
	#requests = new NumberBlock(REQUEST_TABLE, REQUEST_COLUMNS.length);
	#ios = new NumberBlock(IO_TABLE, IO_COLUMNS.length);
	#origins = new NumberBlock(ORIGIN_TABLE, ORIGIN_COLUMNS.length);
	#causes = new NumberBlock(CAUSE_TABLE, CAUSE_COLUMNS.length);
	readonly #place: PlaceCode;
	readonly #windows: BlockWindows;

	constructor(sink: RowSink, place: PlaceCode) {
		this.#sink = sink;
		this.#place = place;
		this.#deviceTable = sink.table("block_device_row");
		this.#windows = new BlockWindows(sink.table("block_window"));
	}

	/** Row of a device, whose name becomes known with time. */
	device(dev: number, name: string | null): number {
		let device = this.#devices.get(dev);
		if (device === undefined) {
			device = { id: this.#devices.size + 1, name };
			this.#devices.set(dev, device);
		}
		device.name ??= name;
		return device.id;
	}

	/**
	 * `met`: when it was first heard of, should its queueing not be known. `sole`: it is the row of
	 * its only bio, too, whose `parent` it has. `parent` and `completed` are NaN where there is none.
	 */
	request(
		row: BlockRow,
		sector: number,
		completed: number,
		met: number,
		bios: number,
		sole: boolean,
		parent: number,
		requeues: number,
	): void {
		const block = this.#requests;
		const kind = bios * BLOCK_KIND.bios + (sole ? BLOCK_KIND.sole : 0);
		write(block, row, sector, completed, met, kind, parent, requeues === 0 ? Number.NaN : requeues);
		this.#windows.add(row, sole ? BLOCK_WHAT.both : BLOCK_WHAT.request, completed, met);
		if (block.full) this.#requests = this.#sink.numbers(block);
	}

	/** `request` and `parent` are NaN where there is none. */
	io(row: BlockRow, sector: number, completed: number, request: number, parent: number): void {
		const block = this.#ios;
		write(block, row, sector, completed, row.queued, 0, parent, request);
		this.#windows.add(row, BLOCK_WHAT.io, completed, row.queued);
		if (block.full) this.#ios = this.#sink.numbers(block);
	}

	/**
	 * Where the data of a request or a bio comes from; `inode` 0: the device itself. `queuer`: the row
	 * of the thread that queued it for the one that it belongs to.
	 */
	origin(id: number, inodeDev: number, inode: number, cgroup: number, queuer: number): void {
		const block = this.#origins;
		const { values } = block;
		let at = block.newRow();
		values[at++] = id;
		values[at++] = inodeDev === 0 ? Number.NaN : inodeDev;
		values[at++] = inode === 0 ? Number.NaN : inode;
		values[at++] = cgroup === 0 ? Number.NaN : cgroup;
		values[at] = queuer;
		if (block.full) this.#origins = this.#sink.numbers(block);
	}

	/** The system call that a bio was queued in; `ts` and `id` are those of the bio's row. */
	cause(ts: number, id: number, callTs: number, caller: number, cpu: number): void {
		const block = this.#causes;
		const { values } = block;
		let at = block.newRow();
		values[at++] = ts;
		values[at++] = id;
		values[at++] = callTs;
		values[at] = this.#place.encode(caller, cpu);
		if (block.full) this.#causes = this.#sink.numbers(block);
	}

	finish(): void {
		this.#windows.finish();
		for (const [dev, { id, name }] of this.#devices) {
			this.#deviceTable.add(id, `${dev >>> MINOR_BITS}:${dev & (2 ** MINOR_BITS - 1)}`, name);
		}
	}

	flush(): void {
		if (this.#requests.rows > 0) this.#requests = this.#sink.numbers(this.#requests);
		if (this.#ios.rows > 0) this.#ios = this.#sink.numbers(this.#ios);
		if (this.#origins.rows > 0) this.#origins = this.#sink.numbers(this.#origins);
		if (this.#causes.rows > 0) this.#causes = this.#sink.numbers(this.#causes);
		this.#deviceTable.flush();
	}
}

/** In the order of SHARED_COLUMNS and the table's own. */
function write(
	block: NumberBlock,
	{ id, deviceRow, thread, op, flags, bytes, error, queued, inserted, issued }: BlockRow,
	sector: number,
	completed: number,
	met: number,
	kind: number,
	parent: number,
	own: number,
): void {
	const { values } = block;
	const unqueued = Number.isNaN(queued);
	const ts = unqueued ? met : queued;
	let at = block.newRow();
	values[at++] = ts;
	values[at++] = id;
	values[at++] = thread * DEVICE_ROWS + deviceRow;
	values[at++] = sector;
	values[at++] = bytes;
	values[at++] = op + flags * BLOCK_KIND.flags + kind + (unqueued ? BLOCK_KIND.unqueued : 0);
	values[at++] = inserted - ts;
	values[at++] = issued - ts;
	values[at++] = completed - ts;
	values[at++] = error === 0 ? Number.NaN : error;
	values[at++] = parent;
	values[at] = own;
}
