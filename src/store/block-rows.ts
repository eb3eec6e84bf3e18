import { IO_COLUMNS, IO_TABLE, REQUEST_COLUMNS, REQUEST_TABLE } from "./block-tables.js";
import { NumberBlock } from "./number-block.js";
import type { RowBuffer } from "./row-buffer.js";
import type { RowSink } from "./row-sink.js";

/** Times of a request or a bio, ns; NaN where they are not known. */
export interface BlockTimes {
	/** Of its queueing, since the time base. */
	ts: number;
	q2i: number;
	i2d: number;
	d2c: number;
	q2c: number;
}

/** What a row says beside its times. */
export interface BlockSubject {
	readonly id: number;
	readonly dev: number;
	readonly bytes: number;
	readonly op: number;
	readonly flags: number;
	readonly error: number;
}

/** Rows of requests, of the bios that were queued, and of the devices they went to. */
export class BlockRows {
	readonly #sink: RowSink;
	readonly #devices: RowBuffer;
	readonly #named = new Map<number, string | null>();
	#requests = new NumberBlock(REQUEST_TABLE, REQUEST_COLUMNS.length);
	#ios = new NumberBlock(IO_TABLE, IO_COLUMNS.length);

	constructor(sink: RowSink) {
		this.#sink = sink;
		this.#devices = sink.table("block_device_row");
	}

	/** A device that is met, or whose name becomes known. */
	device(dev: number, name: string | null): void {
		this.#named.set(dev, name ?? this.#named.get(dev) ?? null);
	}

	request(
		subject: BlockSubject,
		times: BlockTimes,
		sector: number,
		thread: number,
		bios: number,
		requeues: number,
	): void {
		const block = this.#requests;
		write(block, subject, times, sector, thread, bios, requeues);
		if (block.full) this.#requests = this.#sink.numbers(block);
	}

	/** `request` and `parent` are NaN where there is none. */
	io(
		subject: BlockSubject,
		times: BlockTimes,
		sector: number,
		thread: number,
		request: number,
		parent: number,
	): void {
		const block = this.#ios;
		write(block, subject, times, sector, thread, request, parent);
		if (block.full) this.#ios = this.#sink.numbers(block);
	}

	finish(): void {
		for (const [dev, name] of this.#named) this.#devices.add(dev, name);
	}

	flush(): void {
		if (this.#requests.rows > 0) this.#requests = this.#sink.numbers(this.#requests);
		if (this.#ios.rows > 0) this.#ios = this.#sink.numbers(this.#ios);
		this.#devices.flush();
	}
}

/** In the order of SHARED_COLUMNS, TIME_COLUMNS and the table's own. */
function write(
	block: NumberBlock,
	{ id, dev, bytes, op, flags, error }: BlockSubject,
	{ ts, q2i, i2d, d2c, q2c }: BlockTimes,
	sector: number,
	thread: number,
	first: number,
	second: number,
): void {
	const { values } = block;
	let at = block.newRow();
	values[at++] = ts;
	values[at++] = id;
	values[at++] = dev;
	values[at++] = sector;
	values[at++] = bytes;
	values[at++] = op;
	values[at++] = flags;
	values[at++] = thread;
	values[at++] = q2i;
	values[at++] = i2d;
	values[at++] = d2c;
	values[at++] = q2c;
	values[at++] = error;
	values[at++] = first;
	values[at] = second;
}
