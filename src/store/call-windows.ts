import { ERRNO_MAX, ERRNO_NAMES } from "../base/errno.js";
import { BUCKETS, bucketOf } from "../base/log-linear.js";
import type { RowBuffer } from "./row-buffer.js";
import { ByteWriter } from "./varint.js";
import {
	addErrno,
	emptyGroup,
	endGroups,
	type Stray,
	writeGroup,
	writeStray,
} from "./window-figures.js";

/** Calls in a window: what a report reads row by row at either end of a range. */
const CALLS = 2 ** 18;
/** A total stays exact in a double; a group that would pass this is written as two. */
const TOTAL_MAX = 2 ** 52;
/** Fewer durations are sorted rather than looked for among all buckets. */
const FEW = 64;

const UNFINISHED = 1;
const ERRNO_UNIT = 2;

const NAMED_ERRORS = Uint8Array.from({ length: ERRNO_MAX + 1 }, (_, code) =>
	ERRNO_NAMES.has(code) ? 1 : 0,
);

/** Number of a call's error where its `errno` in the view is a name; else 0. */
export function namedErrno(ret: number | bigint): number {
	if (typeof ret !== "number" || ret >= 0 || ret < -ERRNO_MAX) return 0;
	return NAMED_ERRORS[-ret] === 1 ? -ret : 0;
}

/** Whether a call's `errno` in the view is a name. */
export function isNamedError(ret: number | bigint): boolean {
	return namedErrno(ret) !== 0;
}

/**
 * Figures of the calls of every quarter of a million, by caller: what reports sum up instead of
 * reading rows. A window takes in the calls that began between its two times; one that ends in a
 * later window, as long ones do, is kept in that one as a stray. Nothing but reports reads these:
 * the table may be emptied or dropped.
 */
export class CallWindows {
	readonly #rows: RowBuffer;
	readonly #limit: number;
	readonly #caller: Int32Array;
	readonly #dur: Float64Array;
	readonly #ts: Float64Array;
	readonly #flags: Uint16Array;
	#strays: Stray[] = [];
	#count = 0;
	#begin = 0;
	/** Latest time that any call was known to be in. */
	#latest = 0;
	readonly #order: Uint32Array;
	/** By caller: how many calls, then where the next one goes; all 0 between windows. */
	#placeOf = new Int32Array(1024);
	readonly #group = emptyGroup();
	readonly #found = new Uint16Array(FEW);
	/** By bucket; all 0 between groups. */
	readonly #counts = new Uint32Array(BUCKETS);
	readonly #writer = new ByteWriter();

	/** `rows` are those of `call_window`. */
	constructor(rows: RowBuffer, limit = CALLS) {
		this.#rows = rows;
		this.#limit = limit;
		this.#caller = new Int32Array(limit);
		this.#dur = new Float64Array(limit);
		this.#ts = new Float64Array(limit);
		this.#flags = new Uint16Array(limit);
		this.#order = new Uint32Array(limit);
	}

	add(ts: number, caller: number, dur: number, ret: number | bigint): void {
		const finished = dur >= 0;
		const end = finished ? ts + dur : ts;
		if (end > this.#latest) this.#latest = end;
		const errno = namedErrno(ret);
		if (ts < this.#begin) {
			this.#strays.push({ before: this.#begin - ts, caller, dur, errno });
			if (this.#strays.length >= this.#limit) this.#close();
			return;
		}
		const at = this.#count++;
		this.#caller[at] = caller;
		this.#dur[at] = dur;
		this.#ts[at] = ts;
		this.#flags[at] = errno * ERRNO_UNIT + (finished ? 0 : UNFINISHED);
		if (this.#count === this.#limit) this.#close();
	}

	/** Closes the last window. */
	finish(): void {
		if (this.#count > 0 || this.#strays.length > 0) this.#close();
	}

	#close(): void {
		const writer = this.#writer;
		writer.clear();
		const met = this.#sortByCaller();
		let from = 0;
		for (let index = 0; index < met.length; index++) {
			const caller = met[index] as number;
			// Where the sort left off in this caller's calls is where they end.
			const to = this.#placeOf[caller] as number;
			this.#placeOf[caller] = 0;
			this.#writeCalls(caller, from, to);
			from = to;
		}
		endGroups(writer);
		for (const stray of this.#strays) writeStray(writer, stray);
		// A call that begins at the latest time may still come: it would be a stray of the next one.
		const end = Math.max(this.#latest, this.#begin) + 1;
		this.#rows.add(this.#begin, end, writer.bytes());
		this.#begin = end;
		this.#strays = [];
		this.#count = 0;
	}

	/** A counting sort: brings each caller's calls together in `#order`, and returns the callers. */
	#sortByCaller(): number[] {
		const callers = this.#caller;
		const count = this.#count;
		let largest = 0;
		for (let index = 0; index < count; index++) {
			const caller = callers[index] as number;
			if (caller > largest) largest = caller;
		}
		if (largest >= this.#placeOf.length) this.#placeOf = new Int32Array(2 * largest);
		const placeOf = this.#placeOf;
		const met: number[] = [];
		for (let index = 0; index < count; index++) {
			const caller = callers[index] as number;
			const calls = placeOf[caller] as number;
			if (calls === 0) met.push(caller);
			placeOf[caller] = calls + 1;
		}
		let place = 0;
		for (let index = 0; index < met.length; index++) {
			const caller = met[index] as number;
			const calls = placeOf[caller] as number;
			placeOf[caller] = place;
			place += calls;
		}
		const order = this.#order;
		for (let index = 0; index < count; index++) {
			const caller = callers[index] as number;
			const at = placeOf[caller] as number;
			order[at] = index;
			placeOf[caller] = at + 1;
		}
		return met;
	}

	#writeCalls(caller: number, from: number, to: number): void {
		const group = this.#group;
		const order = this.#order;
		const durations = this.#dur;
		const flagsOf = this.#flags;
		const times = this.#ts;
		const counts = this.#counts;
		const few = to - from < FEW;
		this.#start(caller);
		for (let at = from; at < to; at++) {
			const index = order[at] as number;
			const flags = flagsOf[index] as number;
			const errno = Math.floor(flags / ERRNO_UNIT);
			if ((flags & UNFINISHED) !== 0) {
				group.unfinished++;
				if (errno !== 0) {
					group.unfinishedErrors++;
					addErrno(group.errnos, errno, (times[index] as number) - this.#begin);
				}
				continue;
			}
			const dur = durations[index] as number;
			if (group.total + dur > TOTAL_MAX && group.finished > 0) {
				this.#end(few);
				this.#start(caller);
			}
			if (dur < group.min) group.min = dur;
			if (dur > group.max) group.max = dur;
			group.total += dur;
			if (errno !== 0) {
				group.errors++;
				addErrno(group.errnos, errno, (times[index] as number) - this.#begin);
			}
			const bucket = bucketOf(dur);
			if (few) this.#insert(bucket, group.finished);
			else counts[bucket] = (counts[bucket] as number) + 1;
			group.finished++;
		}
		this.#end(few);
	}

	/** Puts a bucket among those found so far, which are sorted. */
	#insert(bucket: number, count: number): void {
		const found = this.#found;
		let at = count;
		for (; at > 0 && (found[at - 1] as number) > bucket; at--) found[at] = found[at - 1] as number;
		found[at] = bucket;
	}

	#start(caller: number): void {
		const group = this.#group;
		group.caller = caller;
		group.finished = 0;
		group.errors = 0;
		group.unfinished = 0;
		group.unfinishedErrors = 0;
		group.min = Number.POSITIVE_INFINITY;
		group.max = 0;
		group.total = 0;
		group.size = 0;
		group.errnos.size = 0;
	}

	#end(few: boolean): void {
		const group = this.#group;
		if (few) {
			for (let index = 0; index < group.finished; index++) {
				const bucket = this.#found[index] as number;
				const last = group.size - 1;
				if (last >= 0 && group.buckets[last] === bucket) {
					group.counts[last] = (group.counts[last] as number) + 1;
				} else this.#append(bucket, 1);
			}
		} else if (group.finished > 0) {
			const last = bucketOf(group.max);
			for (let bucket = bucketOf(group.min); bucket <= last; bucket++) {
				const count = this.#counts[bucket] as number;
				if (count === 0) continue;
				this.#append(bucket, count);
				this.#counts[bucket] = 0;
			}
		}
		writeGroup(this.#writer, group);
	}

	#append(bucket: number, count: number): void {
		const group = this.#group;
		group.buckets[group.size] = bucket;
		group.counts[group.size] = count;
		group.size++;
	}
}
