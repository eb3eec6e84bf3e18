import type { FaultCode } from "../base/fault.js";
import {
	ABI_VERSION,
	RECORD_ALIGN,
	RECORD_HEADER_SIZE,
	SUBBUF,
	SUBBUF_HEADER_SIZE,
	SUBBUF_MAGIC,
} from "./abi.js";

/** What every sub-buffer of one raw file has in common, as the session's metadata says it. */
export interface SubbufOrigin {
	readonly channelId: number;
	readonly epoch: number;
	/** CPU_ALL: its records say themselves. */
	readonly cpu: number;
	/** Bytes; no sub-buffer uses more. */
	readonly subbufSize: number;
	/** CLOCK_MONOTONIC ns that all times are counted from. */
	readonly timeBase: bigint;
}

/** The header of a sub-buffer. One object is read into again and again. */
export class SubbufHeader {
	headerLength = 0;
	used = 0;
	sequence = 0;
	/** ns since the time base, exact; negative when the base is ahead. */
	tsBegin = 0;
	tsEnd = 0;
	recordCount = 0;
	lostInside = 0;
	lost = 0;

	/**
	 * Reads the 64 bytes at `at` and says what makes them no header of this origin; undefined:
	 * plausible in every field. The fields are set either way.
	 */
	read(view: DataView, at: number, origin: SubbufOrigin): FaultCode | undefined {
		if (view.getUint32(at + SUBBUF.magic, true) !== SUBBUF_MAGIC) return "bad-magic";
		if (view.getUint16(at + SUBBUF.abi_version, true) !== ABI_VERSION) return "bad-version";
		this.headerLength = view.getUint16(at + SUBBUF.header_length, true);
		this.used = view.getUint32(at + SUBBUF.used, true);
		this.sequence = readUint64(view, at + SUBBUF.sequence);
		this.recordCount = view.getUint32(at + SUBBUF.record_count, true);
		this.lostInside = view.getUint32(at + SUBBUF.lost_inside, true);
		this.lost = readUint64(view, at + SUBBUF.lost);
		const begin = view.getBigUint64(at + SUBBUF.ts_begin, true);
		const end = view.getBigUint64(at + SUBBUF.ts_end, true);
		this.tsBegin = Number(begin - origin.timeBase);
		this.tsEnd = Number(end - origin.timeBase);

		if (!this.#lengthsFit(origin.subbufSize)) return "bad-length";
		if (
			view.getUint32(at + SUBBUF.channel_id, true) !== origin.channelId ||
			view.getUint32(at + SUBBUF.epoch, true) !== origin.epoch ||
			view.getUint32(at + SUBBUF.cpu, true) !== origin.cpu
		) {
			return "bad-identity";
		}
		if (!Number.isSafeInteger(this.sequence)) return "bad-sequence";
		if (!Number.isSafeInteger(this.lost)) return "bad-loss";
		// Every record's time is ts_begin plus 32 bits, and ts_end is a record's time.
		const span = this.tsEnd - this.tsBegin;
		const exact = Number.isSafeInteger(this.tsBegin) && Number.isSafeInteger(this.tsEnd);
		return exact && span >= 0 && span <= 0xffff_ffff ? undefined : "bad-time";
	}

	#lengthsFit(subbufSize: number): boolean {
		if (this.headerLength < SUBBUF_HEADER_SIZE || this.headerLength % RECORD_ALIGN !== 0)
			return false;
		if (this.used < this.headerLength || this.used > subbufSize) return false;
		const room = this.used - this.headerLength;
		return this.recordCount * RECORD_HEADER_SIZE <= room && (this.recordCount > 0 || room === 0);
	}
}

/** Exact below 2^53; above it some number that is not a safe integer. */
export function readUint64(view: DataView, at: number): number {
	return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}
