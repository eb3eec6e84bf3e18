import type { FaultCode, FaultLog } from "../base/fault.js";
import {
	alignRecord,
	RECORD,
	RECORD_HEADER_SIZE,
	SUBBUF_HEADER_SIZE,
	SUBBUF_MAGIC,
} from "./abi.js";
import { FileWindow, type LiveSource } from "./file-window.js";
import { SubbufHeader, type SubbufOrigin } from "./subbuf-header.js";

const MAGIC = new Uint8Array(new Uint32Array([SUBBUF_MAGIC]).buffer);

export interface SubbufFileOptions {
	readonly path: string;
	readonly channel: string;
	readonly origin: SubbufOrigin;
	readonly faults: FaultLog;
	/** The file is still being written. */
	readonly live?: LiveSource | undefined;
	/** Bytes to read at once; more is taken where a unit is larger. */
	readonly chunk?: number | undefined;
}

/**
 * One CPU's raw file, sub-buffer by sub-buffer. Damaged bytes are counted and skipped; whatever
 * has been done to the file, a sub-buffer whose own bytes are whole is found again.
 */
export class SubbufFile {
	/** Header of the current sub-buffer. */
	header = new SubbufHeader();
	/** Sub-buffers are missing between the one before and the current one. */
	gap = false;
	/** Indices in `bytes`: the current sub-buffer and the end of its records. */
	start = 0;
	end = 0;
	/** Records that a header promised in a sub-buffer which could not be used at all. */
	unusable = 0;

	readonly #options: SubbufFileOptions;
	readonly #window: FileWindow;
	#following = new SubbufHeader();
	#hasFollowing = false;
	/** File offsets: the current sub-buffer and where the next one is expected. */
	#offset = 0;
	#next = 0;
	#sequence = -1;
	#latest = Number.NEGATIVE_INFINITY;

	constructor(options: SubbufFileOptions) {
		this.#options = options;
		this.#window = new FileWindow(options.path, options.live, options.chunk);
	}

	get bytes(): Uint8Array {
		return this.#window.bytes;
	}

	get view(): DataView {
		return this.#window.view;
	}

	/** After `idle`: every record that will follow is at least this new. */
	get idleUntil(): number {
		return this.#window.idleUntil;
	}

	/** Header of the sub-buffer right behind the current one, when that is known already. */
	get following(): SubbufHeader | undefined {
		return this.#hasFollowing ? this.#following : undefined;
	}

	/** File offset of an index in `bytes`, within the current sub-buffer. */
	offsetOf(index: number): number {
		return this.#offset + index - this.start;
	}

	next(): "subbuf" | "idle" | "ended" {
		const window = this.#window;
		if (this.#next >= window.limit) window.refresh();
		while (this.#next < window.limit) {
			this.#offset = this.#next;
			if (this.#open() && this.#inSequence()) return "subbuf";
		}
		return window.final ? "ended" : "idle";
	}

	close(): void {
		this.#window.close();
	}

	/** Opens what is at #offset and sets #next; false: nothing usable there, and it is counted. */
	#open(): boolean {
		const window = this.#window;
		const index = window.load(this.#offset, SUBBUF_HEADER_SIZE);
		if (window.loaded(this.#offset) < SUBBUF_HEADER_SIZE) {
			this.#fault("truncated");
			this.#next = window.limit;
			return false;
		}
		const wrong = this.header.read(window.view, index, this.#options.origin);
		if (wrong !== undefined) {
			this.#fault(wrong);
			// Only these come after the identity was found right: the count is this channel's.
			if (wrong === "bad-time" || wrong === "bad-loss" || wrong === "bad-sequence") {
				this.unusable += this.header.recordCount;
			}
			this.#next = this.#resync(this.#offset + 1);
			return false;
		}
		const behind = this.#offset + alignRecord(this.header.used);
		this.#hasFollowing = this.#isHeader(behind);
		const whole = this.#offset + this.header.used <= window.limit;
		const trusted = this.#hasFollowing || (whole && (behind >= window.limit || this.#isWalkable()));
		if (trusted) {
			this.#next = Math.min(behind, window.limit);
			this.start = window.load(this.#offset, this.header.used);
			this.end = this.start + this.header.used;
		} else {
			this.#salvage();
		}
		return true;
	}

	/** The length cannot be believed: takes the records that are whole before the next header. */
	#salvage(): void {
		const window = this.#window;
		this.#next = this.#resync(this.#offset + SUBBUF_HEADER_SIZE);
		this.#fault(this.#next < window.limit ? "bad-length" : "truncated");
		const room = Math.min(this.#next - this.#offset, this.#options.origin.subbufSize);
		this.start = window.load(this.#offset, room);
		const { headerLength, recordCount } = this.header;
		this.end = this.start + walk(window.view, this.start, headerLength, room, recordCount).length;
	}

	/** Offset of the next plausible header at or after `from`; the limit when there is none. */
	#resync(from: number): number {
		const window = this.#window;
		const candidate = new SubbufHeader();
		for (let at = from; ; at++) {
			at = window.find(MAGIC, at, window.limit);
			if (at < 0) return window.limit;
			const index = window.load(at, SUBBUF_HEADER_SIZE);
			if (window.loaded(at) < SUBBUF_HEADER_SIZE) return window.limit;
			if (candidate.read(window.view, index, this.#options.origin) !== undefined) continue;
			// A sequence that goes back may be damaged itself; a whole body proves the header then.
			if (candidate.sequence > this.#sequence || this.#isWhole(at, candidate)) return at;
		}
	}

	#isHeader(offset: number): boolean {
		const window = this.#window;
		if (offset + SUBBUF_HEADER_SIZE > window.limit) return false;
		// From the current sub-buffer on, so that both lie in the buffer together.
		const length = offset + SUBBUF_HEADER_SIZE - this.#offset;
		const index = window.load(this.#offset, length) + offset - this.#offset;
		if (window.loaded(offset) < SUBBUF_HEADER_SIZE) return false;
		return this.#following.read(window.view, index, this.#options.origin) === undefined;
	}

	#isWalkable(): boolean {
		return this.#isWhole(this.#offset, this.header);
	}

	/** Whether the records fill the sub-buffer exactly and are as many as its header says. */
	#isWhole(offset: number, header: SubbufHeader): boolean {
		const window = this.#window;
		const index = window.load(offset, header.used);
		if (window.loaded(offset) < header.used) return false;
		const found = walk(window.view, index, header.headerLength, header.used, header.recordCount);
		return found.records === header.recordCount && found.length === header.used;
	}

	/** Judges the sequence; false: an old sub-buffer again, to be left out. */
	#inSequence(): boolean {
		const { header } = this;
		const expected = this.#sequence + 1;
		const first = this.#sequence < 0;
		let sequence = header.sequence;
		this.gap = false;
		if (sequence !== expected) {
			const refuted = this.following?.sequence === expected + 1;
			// A recording that starts in the middle has a gap before it but no damage.
			if (refuted || !first) this.#fault("bad-sequence");
			if (refuted) sequence = expected;
			else if (sequence > expected) this.gap = true;
			else if (header.tsBegin < this.#latest) return false;
		}
		this.#sequence = sequence;
		this.#latest = Math.max(this.#latest, header.tsEnd);
		return true;
	}

	#fault(code: FaultCode): void {
		const { channel, faults, origin } = this.#options;
		faults.add({ stage: "subbuffer", code, channel, cpu: origin.cpu, offset: this.#offset });
	}
}

/** Steps over whole records: how many, and the bytes from `start` to the end of the last one. */
function walk(
	view: DataView,
	start: number,
	headerLength: number,
	room: number,
	atMost: number,
): { readonly records: number; readonly length: number } {
	let records = 0;
	let end = headerLength;
	for (let at = headerLength; records < atMost; at = alignRecord(end)) {
		if (at + RECORD_HEADER_SIZE > room) break;
		const length = view.getUint16(start + at + RECORD.length, true);
		if (length < RECORD_HEADER_SIZE || at + length > room) break;
		end = at + length;
		records++;
	}
	return { records, length: end };
}
