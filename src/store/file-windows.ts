import { isNamedError } from "./call-windows.js";
import { endFileGroups, type FileStray, writeFileGroup, writeFileStray } from "./file-figures.js";
import type { RowBuffer } from "./row-buffer.js";
import { ByteWriter } from "./varint.js";

/** Calls in a window: what a report reads row by row at either end of a range. */
const CALLS = 2 ** 18;
/** Sums stay exact in a double; a group that would pass this is written as two. */
const SUM_MAX = 2 ** 52;

/**
 * Sums up the calls that name a file, window by window: see file-figures.ts. Memory is one window's,
 * however many files and callers there are. Nothing but reports reads these: the table may be
 * emptied or dropped.
 */
export class FileWindows {
	readonly #rows: RowBuffer;
	readonly #limit: number;
	/** Open addressing: group + 1, or 0 where the place is free. */
	readonly #places: Int32Array;
	readonly #caller: Int32Array;
	readonly #paths: Int32Array;
	readonly #calls: Uint32Array;
	readonly #errors: Uint32Array;
	readonly #unfinished: Uint32Array;
	readonly #total: Float64Array;
	readonly #bytes: Float64Array;
	readonly #writer = new ByteWriter();
	#strays: FileStray[] = [];
	#groups = 0;
	#count = 0;
	#begin = 0;
	/** Latest time that any call was known to be in. */
	#latest = 0;

	/** `rows` are those of `file_window`. */
	constructor(rows: RowBuffer, limit = CALLS) {
		this.#rows = rows;
		this.#limit = limit;
		this.#places = new Int32Array(2 ** Math.ceil(Math.log2(limit * 2)));
		this.#caller = new Int32Array(limit);
		this.#paths = new Int32Array(limit);
		this.#calls = new Uint32Array(limit);
		this.#errors = new Uint32Array(limit);
		this.#unfinished = new Uint32Array(limit);
		this.#total = new Float64Array(limit);
		this.#bytes = new Float64Array(limit);
	}

	/** `dur` and `ret` are NaN where there is none. */
	add(ts: number, caller: number, paths: number, dur: number, ret: number | bigint): void {
		const finished = dur >= 0;
		const end = finished ? ts + dur : ts;
		if (end > this.#latest) this.#latest = end;
		const failed = isNamedError(ret);
		// What is no number is an address: no count of bytes is so large.
		const bytes = typeof ret === "number" && ret > 0 && ret <= 0xffff_ffff ? ret : 0;
		if (ts < this.#begin) {
			this.#strays.push({ before: this.#begin - ts, caller, paths, dur, failed, bytes });
			if (this.#strays.length >= this.#limit) this.#close();
			return;
		}
		const group = this.#groupOf(caller, paths, finished ? dur : 0, bytes);
		this.#calls[group] = (this.#calls[group] as number) + 1;
		if (failed) this.#errors[group] = (this.#errors[group] as number) + 1;
		if (finished) this.#total[group] = (this.#total[group] as number) + dur;
		else this.#unfinished[group] = (this.#unfinished[group] as number) + 1;
		this.#bytes[group] = (this.#bytes[group] as number) + bytes;
		if (++this.#count === this.#limit) this.#close();
	}

	/** Closes the last window. */
	finish(): void {
		if (this.#count > 0 || this.#strays.length > 0) this.#close();
	}

	#groupOf(caller: number, paths: number, dur: number, bytes: number): number {
		const places = this.#places;
		const mask = places.length - 1;
		let at = (Math.imul(caller, 0x9e3779b1) ^ Math.imul(paths, 0x85ebca6b)) & mask;
		for (;;) {
			const found = (places[at] as number) - 1;
			if (found < 0) break;
			if (this.#caller[found] === caller && this.#paths[found] === paths) {
				const fits =
					(this.#total[found] as number) + dur <= SUM_MAX &&
					(this.#bytes[found] as number) + bytes <= SUM_MAX;
				if (fits) return found;
				break;
			}
			at = (at + 1) & mask;
		}
		const group = this.#groups++;
		places[at] = group + 1;
		this.#caller[group] = caller;
		this.#paths[group] = paths;
		this.#calls[group] = 0;
		this.#errors[group] = 0;
		this.#unfinished[group] = 0;
		this.#total[group] = 0;
		this.#bytes[group] = 0;
		return group;
	}

	#close(): void {
		const writer = this.#writer;
		writer.clear();
		for (let group = 0; group < this.#groups; group++) {
			writeFileGroup(writer, {
				caller: this.#caller[group] as number,
				paths: this.#paths[group] as number,
				calls: this.#calls[group] as number,
				errors: this.#errors[group] as number,
				unfinished: this.#unfinished[group] as number,
				total: this.#total[group] as number,
				bytes: this.#bytes[group] as number,
			});
		}
		endFileGroups(writer);
		for (const stray of this.#strays) writeFileStray(writer, stray);
		// A call that begins at the latest time may still come: it would be a stray of the next one.
		const end = Math.max(this.#latest, this.#begin) + 1;
		this.#rows.add(this.#begin, end, writer.bytes());
		this.#begin = end;
		this.#strays = [];
		this.#places.fill(0);
		this.#groups = 0;
		this.#count = 0;
	}
}
