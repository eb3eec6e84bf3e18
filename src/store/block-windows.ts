import { BUCKETS, bucketOf } from "../base/log-linear.js";
import {
	type BlockStray,
	type BlockSubjectKey,
	endBlockGroups,
	writeBlockStray,
} from "./block-figures.js";
import { SERIES_COUNT } from "./block-numbers.js";
import { isNamedError } from "./call-windows.js";
import type { RowBuffer } from "./row-buffer.js";
import { emptySeries, writeSeries } from "./series.js";
import { ByteWriter } from "./varint.js";

/** Rows in a window: what a report reads row by row at either end of a range. */
const ROWS = 2 ** 17;
/** A total stays exact in a double; a group that would pass this is written as two. */
const TOTAL_MAX = 2 ** 52;
/** Fewer values are sorted rather than looked for among all buckets. */
const FEW = 64;
/** What, and kinds, are numbered below these. */
const WHATS = 4;
const OPS = 16;

/** What is summed up of a row: as BlockRow has it. */
interface SummedRow {
	readonly deviceRow: number;
	readonly thread: number;
	readonly op: number;
	readonly bytes: number;
	readonly error: number;
	readonly queued: number;
	readonly inserted: number;
	readonly issued: number;
	readonly gap: number;
	readonly seek: number;
}

/**
 * Sums up bios, or requests, window by window: see block-figures.ts. Memory is one window's. Nothing
 * but reports reads these: the table may be emptied or dropped.
 */
export class BlockWindows {
	readonly #rows: RowBuffer;
	readonly #limit: number;
	/** Number of the group, by device, what and kind, then by thread. */
	readonly #keys = new Map<number, Map<number, number>>();
	#groups: BlockSubjectKey[] = [];
	#sizes: number[] = [];
	readonly #group: Int32Array;
	readonly #failed: Uint8Array;
	readonly #values: Float64Array;
	readonly #numbers = new Float64Array(SERIES_COUNT);
	readonly #order: Uint32Array;
	#strays: BlockStray[] = [];
	#count = 0;
	#begin = 0;
	/** Latest time that any was known to be in flight. */
	#latest = 0;
	readonly #series = emptySeries();
	readonly #few = new Float64Array(FEW);
	/** By bucket; all 0 between series. */
	readonly #counts = new Uint32Array(BUCKETS);
	readonly #writer = new ByteWriter();

	constructor(rows: RowBuffer, limit = ROWS) {
		this.#rows = rows;
		this.#limit = limit;
		this.#group = new Int32Array(limit);
		this.#failed = new Uint8Array(limit);
		this.#values = new Float64Array(limit * SERIES_COUNT);
		this.#order = new Uint32Array(limit);
	}

	/** `what` is one of BLOCK_WHAT; `met` and `completed` as BlockRows has them. */
	add(row: SummedRow, what: number, completed: number, met: number): void {
		const { deviceRow: device, thread, op, queued, inserted, issued } = row;
		const ts = queued >= 0 ? queued : met;
		if (ts > this.#latest) this.#latest = ts;
		// What has not ended has NaN here.
		if (completed > this.#latest) this.#latest = completed;
		const failed = isNamedError(row.error);
		const numbers = this.#numbers;
		numbers[0] = row.gap;
		numbers[1] = row.seek;
		numbers[2] = inserted - queued;
		numbers[3] = issued - inserted;
		numbers[4] = completed - issued;
		numbers[5] = completed - queued;
		numbers[6] = row.bytes;
		if (ts < this.#begin) {
			const before = this.#begin - ts;
			const copied = numbers.slice();
			this.#strays.push({ before, what, device, thread, op, failed, numbers: copied });
			if (this.#strays.length >= this.#limit) this.#close();
			return;
		}
		const at = this.#count++;
		const group = this.#groupOf(what, device, thread, op);
		this.#group[at] = group;
		this.#sizes[group] = (this.#sizes[group] as number) + 1;
		this.#failed[at] = Number(failed);
		const from = at * SERIES_COUNT;
		for (let index = 0; index < SERIES_COUNT; index++) {
			this.#values[from + index] = numbers[index] as number;
		}
		if (this.#count === this.#limit) this.#close();
	}

	/** Closes the last window. */
	finish(): void {
		if (this.#count > 0 || this.#strays.length > 0) this.#close();
	}

	#groupOf(what: number, device: number, thread: number, op: number): number {
		const place = (device * WHATS + what) * OPS + op;
		let ofPlace = this.#keys.get(place);
		if (ofPlace === undefined) {
			ofPlace = new Map();
			this.#keys.set(place, ofPlace);
		}
		let group = ofPlace.get(thread);
		if (group === undefined) {
			group = this.#groups.push({ what, device, thread, op }) - 1;
			this.#sizes.push(0);
			ofPlace.set(thread, group);
		}
		return group;
	}

	#close(): void {
		const writer = this.#writer;
		writer.clear();
		this.#sortByGroup();
		let from = 0;
		for (const [group, key] of this.#groups.entries()) {
			const to = from + (this.#sizes[group] as number);
			while (from < to) {
				const end = this.#whereTotalsFit(from, to);
				this.#writeGroup(key, from, end);
				from = end;
			}
		}
		endBlockGroups(writer);
		for (const stray of this.#strays) writeBlockStray(writer, stray);
		// One that begins at the latest time may still come: it would be a stray of the next window.
		const end = Math.max(this.#latest, this.#begin) + 1;
		this.#rows.add(this.#begin, end, writer.bytes());
		this.#begin = end;
		this.#strays = [];
		this.#keys.clear();
		this.#groups = [];
		this.#sizes = [];
		this.#count = 0;
	}

	/** A counting sort: brings each group's rows together in `#order`. */
	#sortByGroup(): void {
		const places: number[] = [];
		let place = 0;
		for (const size of this.#sizes) {
			places.push(place);
			place += size;
		}
		for (let row = 0; row < this.#count; row++) {
			const group = this.#group[row] as number;
			const at = places[group] as number;
			this.#order[at] = row;
			places[group] = at + 1;
		}
	}

	/** How far from `from` on no total of a series passes what a double holds. */
	#whereTotalsFit(from: number, to: number): number {
		const totals = new Float64Array(SERIES_COUNT);
		for (let at = from; at < to; at++) {
			const row = (this.#order[at] as number) * SERIES_COUNT;
			for (let index = 0; index < SERIES_COUNT; index++) {
				const value = this.#values[row + index] as number;
				if (!(value >= 0)) continue;
				totals[index] = (totals[index] as number) + value;
				if ((totals[index] as number) > TOTAL_MAX && at > from) return at;
			}
		}
		return to;
	}

	#writeGroup({ what, device, thread, op }: BlockSubjectKey, from: number, to: number): void {
		let errors = 0;
		for (let at = from; at < to; at++) errors += this.#failed[this.#order[at] as number] as number;
		const writer = this.#writer;
		writer.varint(to - from);
		writer.varint(what);
		writer.varint(device);
		writer.varint(thread);
		writer.varint(op);
		writer.varint(errors);
		for (let index = 0; index < SERIES_COUNT; index++) this.#writeSeries(index, from, to);
	}

	#writeSeries(index: number, from: number, to: number): void {
		const series = this.#series;
		const few = to - from <= FEW;
		series.count = 0;
		series.min = Number.POSITIVE_INFINITY;
		series.max = 0;
		series.total = 0;
		series.size = 0;
		for (let at = from; at < to; at++) {
			const value = this.#values[(this.#order[at] as number) * SERIES_COUNT + index] as number;
			if (!(value >= 0)) continue;
			if (value < series.min) series.min = value;
			if (value > series.max) series.max = value;
			series.total += value;
			if (few) this.#few[series.count] = value;
			else {
				const bucket = bucketOf(value);
				this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
			}
			series.count++;
		}
		if (series.count > 0) {
			if (few) this.#bucketsOfFew(series.count);
			else this.#bucketsOfMany();
		}
		writeSeries(this.#writer, series);
	}

	#bucketsOfFew(count: number): void {
		const values = this.#few.subarray(0, count).sort();
		for (let at = 0; at < count; at++) this.#countIn(bucketOf(values[at] as number), 1);
	}

	#bucketsOfMany(): void {
		const { min, max } = this.#series;
		const last = bucketOf(max);
		for (let bucket = bucketOf(min); bucket <= last; bucket++) {
			const count = this.#counts[bucket] as number;
			if (count === 0) continue;
			this.#countIn(bucket, count);
			this.#counts[bucket] = 0;
		}
	}

	/** Buckets come in order. */
	#countIn(bucket: number, count: number): void {
		const series = this.#series;
		const last = series.size - 1;
		if (last >= 0 && series.buckets[last] === bucket) {
			series.counts[last] = (series.counts[last] as number) + count;
			return;
		}
		series.buckets[series.size] = bucket;
		series.counts[series.size] = count;
		series.size++;
	}
}
