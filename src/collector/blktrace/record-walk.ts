import type { FaultCode } from "../../base/fault.js";
import { ByteQueue } from "./byte-queue.js";
import {
	BLKTRACE,
	BLKTRACE_MAGIC,
	BLKTRACE_V7,
	BLKTRACE_V7_SIZE,
	BLKTRACE_V8,
	BLKTRACE_V8_SIZE,
} from "./layout.js";

const MAGIC_SIZE = 4;
/** The magic's three bytes that are the same in every version. */
const LITTLE_ENDIAN_MAGIC = Buffer.from([0x74, 0x61, 0x65]);
const BIG_ENDIAN_MAGIC = Buffer.from([0x65, 0x61, 0x74]);
/** A time that is so much later than the one before has to be confirmed by the one behind it. */
const DOUBTFUL_STEP = 1_000_000;

/** `offset`: in the stream of bytes. */
export type OnFault = (code: FaultCode, offset: number) => void;

/**
 * One CPU's blktrace records out of a stream of bytes that comes in pieces. The walk *is* its
 * current record, as a cursor is. Damaged bytes are told and left out: the next record is found by
 * its magic.
 */
export class BlktraceWalk {
	/** ns since the time base; never falls. */
	ts = 0;
	version = 0;
	littleEndian = true;
	sequence = 0;
	sector = 0;
	/** Of the transfer. */
	length = 0;
	/** Low 16 bits: what; see BLKTRACE_ACTION. */
	action = 0;
	category = 0;
	pid = 0;
	device = 0;
	cpu = 0;
	error = 0;
	/** Index in `bytes` of the record itself, and of the data behind it. */
	at = 0;
	dataAt = 0;
	dataLength = 0;

	readonly #queue = new ByteQueue();
	readonly #onFault: OnFault;
	readonly #baseHigh: number;
	readonly #baseLow: number;
	#finished = false;
	/** Damage was told, and no record has been found since. */
	#lost = false;

	constructor(timeBase: bigint, onFault: OnFault) {
		this.#baseHigh = Number(timeBase >> 32n);
		this.#baseLow = Number(timeBase & 0xffff_ffffn);
		this.#onFault = onFault;
	}

	get bytes(): Uint8Array {
		return this.#queue.bytes;
	}

	get view(): DataView {
		return this.#queue.view;
	}

	append(piece: Uint8Array): void {
		this.#queue.append(piece);
	}

	/** No more bytes will come. */
	finish(): void {
		this.#finished = true;
	}

	/** `more`: the next record is not there as a whole. */
	// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one loop, which every event takes
	advance(): "record" | "more" | "ended" {
		const queue = this.#queue;
		for (;;) {
			const at = queue.start;
			const left = queue.end - at;
			if (left < BLKTRACE_V8_SIZE && !this.#finished) return "more";
			if (left < BLKTRACE_V7_SIZE) return this.#end(at);
			const { view } = queue;
			const version = this.#versionAt(at);
			if (version !== 7 && version !== 8) {
				if (!this.#seek(at, version === 0 ? "bad-magic" : "bad-version")) return "more";
				continue;
			}
			const { littleEndian } = this;
			const v7 = version === 7;
			const size = v7 ? BLKTRACE_V7_SIZE : BLKTRACE_V8_SIZE;
			const dataLength =
				left < size
					? 0
					: view.getUint16(at + (v7 ? BLKTRACE_V7 : BLKTRACE_V8).pdu_len, littleEndian);
			const next = at + size + dataLength;
			// The next one, too, says whether this one can be believed.
			if (next + BLKTRACE_V8_SIZE > queue.end && !this.#finished) return "more";
			if (!this.#isFollowed(at + size, next)) {
				this.#seek(at, next > queue.end ? "truncated" : "bad-length");
				continue;
			}
			this.version = version;
			this.at = at;
			this.dataAt = at + size;
			this.dataLength = dataLength;
			queue.start = next;
			this.#readFields(view, at, littleEndian, v7);
			this.#readTime(at, next);
			this.#lost = false;
			return "record";
		}
	}

	#readFields(view: DataView, at: number, littleEndian: boolean, v7: boolean): void {
		this.sequence = view.getUint32(at + BLKTRACE.sequence, littleEndian);
		const high = view.getUint32(at + BLKTRACE.sector + (littleEndian ? 4 : 0), littleEndian);
		const low = view.getUint32(at + BLKTRACE.sector + (littleEndian ? 0 : 4), littleEndian);
		this.sector = high * 2 ** 32 + low;
		this.length = view.getUint32(at + BLKTRACE.bytes, littleEndian);
		if (v7) {
			const action = view.getUint32(at + BLKTRACE_V7.action, littleEndian);
			this.action = action & 0xffff;
			this.category = action >>> 16;
			this.pid = view.getUint32(at + BLKTRACE_V7.pid, littleEndian);
			this.device = view.getUint32(at + BLKTRACE_V7.device, littleEndian);
			this.cpu = view.getUint32(at + BLKTRACE_V7.cpu, littleEndian);
			this.error = view.getUint16(at + BLKTRACE_V7.error, littleEndian);
			return;
		}
		const above = view.getUint32(at + BLKTRACE_V8.action + (littleEndian ? 4 : 0), littleEndian);
		const action = view.getUint32(at + BLKTRACE_V8.action + (littleEndian ? 0 : 4), littleEndian);
		this.action = action & 0xffff;
		// Of 48 bits the kernel uses 23.
		this.category = ((above << 16) | (action >>> 16)) >>> 0;
		this.pid = view.getUint32(at + BLKTRACE_V8.pid, littleEndian);
		this.device = view.getUint32(at + BLKTRACE_V8.device, littleEndian);
		this.cpu = view.getUint32(at + BLKTRACE_V8.cpu, littleEndian);
		this.error = view.getUint16(at + BLKTRACE_V8.error, littleEndian);
	}

	#readTime(at: number, next: number): void {
		const ts = this.#timeAt(at);
		const latest = this.ts;
		if (ts >= latest && ts - latest < DOUBTFUL_STEP) {
			this.ts = ts;
			return;
		}
		if (ts < latest) {
			this.#onFault("time-backwards", this.#queue.offsetOf(at));
		} else if (this.#isDoubtful(ts, next)) {
			this.#onFault("bad-time", this.#queue.offsetOf(at));
		} else this.ts = ts;
	}

	/** Times only grow: one that the next record's does not reach is damaged, if that one fits in. */
	#isDoubtful(ts: number, next: number): boolean {
		if (!Number.isSafeInteger(ts)) return true;
		if (next + BLKTRACE_V7_SIZE > this.#queue.end) return false;
		const following = this.#timeAt(next);
		return following < ts && following >= this.ts;
	}

	/** Exact below 2^53; above it some number that is not a safe integer. */
	#timeAt(at: number): number {
		const { view } = this.#queue;
		const { littleEndian } = this;
		const high = view.getUint32(at + BLKTRACE.time + (littleEndian ? 4 : 0), littleEndian);
		const low = view.getUint32(at + BLKTRACE.time + (littleEndian ? 0 : 4), littleEndian);
		return (high - this.#baseHigh) * 2 ** 32 + (low - this.#baseLow);
	}

	/** 0: there is no magic. */
	#versionAt(at: number): number {
		const { view } = this.#queue;
		const magic = view.getUint32(at, this.littleEndian);
		if ((magic & ~0xff) === BLKTRACE_MAGIC) return magic & 0xff;
		const swapped = view.getUint32(at, !this.littleEndian);
		if ((swapped & ~0xff) !== BLKTRACE_MAGIC) return 0;
		this.littleEndian = !this.littleEndian;
		return swapped & 0xff;
	}

	/**
	 * Whether a record can end at `next`: another begins there, or nothing. Damage behind a record
	 * looks like a wrong length of its own, unless there is a record within what it claims.
	 */
	#isFollowed(dataAt: number, next: number): boolean {
		const { end, view } = this.#queue;
		if (next === end) return true;
		if (next > end) return false;
		if (next + MAGIC_SIZE <= end) {
			const magic = view.getUint32(next, this.littleEndian);
			if ((magic & ~0xff) === BLKTRACE_MAGIC) return true;
		}
		const inside = this.#find(dataAt, next);
		return inside === undefined;
	}

	/** Tells the damage at `at` and goes to the next magic behind it; false: it is not there yet. */
	#seek(at: number, code: FaultCode): boolean {
		const queue = this.#queue;
		if (!this.#lost || code === "bad-version") this.#onFault(code, queue.offsetOf(at));
		this.#lost = true;
		const found = this.#find(at + 1, queue.end);
		if (found !== undefined) {
			queue.start = found;
			return true;
		}
		// Its first bytes may be there already.
		queue.start = this.#finished ? queue.end : Math.max(at + 1, queue.end - MAGIC_SIZE + 1);
		return this.#finished;
	}

	/** Index of the first whole magic in a range. */
	#find(from: number, to: number): number | undefined {
		const { bytes } = this.#queue;
		const little = bytes.subarray(0, to).indexOf(LITTLE_ENDIAN_MAGIC, from + 1) - 1;
		const big = bytes.subarray(0, to - 1).indexOf(BIG_ENDIAN_MAGIC, from);
		if (little < 0) return big < 0 ? undefined : big;
		return big < 0 ? little : Math.min(little, big);
	}

	#end(at: number): "ended" {
		const queue = this.#queue;
		if (queue.end > at && !this.#lost) this.#onFault("truncated", queue.offsetOf(at));
		queue.start = queue.end;
		return "ended";
	}
}
