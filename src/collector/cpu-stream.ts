import { CPU_ALL } from "../base/cpu.js";
import type { FaultCode, FaultLog } from "../base/fault.js";
import {
	alignRecord,
	GLOBAL_RECORD,
	GLOBAL_RECORD_HEADER_SIZE,
	RECORD,
	RECORD_CONTEXT,
	RECORD_HEADER_SIZE,
} from "./abi.js";
import type { LiveSource } from "./file-window.js";
import { type LossInterval, LossTracker } from "./losses.js";
import { lengthWithoutContext } from "./record-context.js";
import type { CursorState, RecordCursor } from "./record-cursor.js";
import { SubbufFile } from "./subbuf-file.js";
import type { SubbufOrigin } from "./subbuf-header.js";

export interface CpuStreamOptions {
	readonly path: string;
	readonly channel: string;
	readonly origin: SubbufOrigin;
	readonly faults: FaultLog;
	readonly onLoss: (loss: LossInterval) => void;
	/** CPUs are numbered below this; not needed where the file says whose all records are. */
	readonly cpuIds?: number | undefined;
	readonly live?: LiveSource | undefined;
	/** Bytes to read at once; more is taken where a unit is larger. */
	readonly chunk?: number | undefined;
}

/** The records of one buffer of a channel, in order, walked out of its raw file. */
export class CpuStream implements RecordCursor {
	readonly channel: string;
	/** Whose the file is: a CPU, or CPU_ALL. */
	readonly buffer: number;
	cpu: number;
	ts = 0;
	eventId = 0;
	tid = 0;
	bytes: Uint8Array;
	view: DataView;
	payloadOffset = 0;
	payloadLength = 0;
	contextOffset = 0;
	contextLength = 0;
	idleUntil = 0;
	/** To be finished by whoever knows the final counters, after the stream has ended. */
	readonly losses: LossTracker;

	readonly #file: SubbufFile;
	readonly #faults: FaultLog;
	readonly #global: boolean;
	readonly #headerSize: number;
	readonly #cpuIds: number;
	/** Of the current sub-buffer: index of the next record, end of the records. */
	#at = 0;
	#end = 0;
	#tsBegin = 0;
	#tsEnd = 0;
	#walked = 0;
	#stored = 0;
	#missing = 0;
	/** Of the current sub-buffer: records whose fields cannot be told from their context. */
	#unusable = 0;
	#open = false;

	constructor(options: CpuStreamOptions) {
		this.channel = options.channel;
		this.buffer = options.origin.cpu;
		this.#global = this.buffer === CPU_ALL;
		this.cpu = this.#global ? 0 : this.buffer;
		this.#headerSize = this.#global ? GLOBAL_RECORD_HEADER_SIZE : RECORD_HEADER_SIZE;
		this.#cpuIds = options.cpuIds ?? Number.POSITIVE_INFINITY;
		this.#faults = options.faults;
		this.#file = new SubbufFile(options);
		this.bytes = this.#file.bytes;
		this.view = this.#file.view;
		this.losses = new LossTracker(this.channel, this.buffer, options.faults, options.onLoss);
	}

	/** Records delivered so far. */
	get stored(): number {
		return this.#stored + this.#walked;
	}

	/** Records that headers promise and the bytes do not give. */
	get faults(): number {
		return this.#missing + this.#file.unusable;
	}

	advance(): CursorState {
		for (;;) {
			const at = this.#at;
			const end = this.#end;
			if (at + RECORD_HEADER_SIZE > end) {
				const state = this.#turn();
				if (state !== "subbuf") return state;
				continue;
			}
			const view = this.view;
			const length = view.getUint16(at + RECORD.length, true);
			if (length < this.#headerSize || at + length > end) {
				this.#breakOff();
				continue;
			}
			if (this.#global && !this.#readCpu(at)) {
				this.#at = at + alignRecord(length);
				continue;
			}
			let ts = this.#tsBegin + view.getUint32(at + RECORD.ts_delta, true);
			if (ts < this.ts || ts > this.#tsEnd) ts = this.#clamp(ts);
			this.ts = ts;
			this.eventId = view.getUint16(at + RECORD.event_id, true);
			this.tid = view.getUint32(at + RECORD.tid, true);
			this.payloadOffset = at + this.#headerSize;
			this.payloadLength = length - this.#headerSize;
			this.#at = at + alignRecord(length);
			this.contextLength = 0;
			if ((this.eventId & RECORD_CONTEXT) !== 0 && !this.#cutContext(at, length)) continue;
			this.#walked++;
			return "record";
		}
	}

	/** False: it has to be left out. */
	#cutContext(start: number, whole: number): boolean {
		// A global record is one whose bytes behind the header have moved on, to let its CPU in.
		const at = start + this.#headerSize - RECORD_HEADER_SIZE;
		const length = whole - (at - start);
		const own = lengthWithoutContext(this.view, at, length);
		if (own <= 0) this.#fault("record", "bad-context", at);
		if (own === 0) {
			this.#unusable++;
			return false;
		}
		this.eventId &= ~RECORD_CONTEXT;
		this.payloadLength = Math.abs(own) - RECORD_HEADER_SIZE;
		if (own < 0) return true;
		this.contextOffset = at + alignRecord(own);
		this.contextLength = length - alignRecord(own);
		return true;
	}

	close(): void {
		this.#file.close();
	}

	/** False: no CPU of this machine, and who the record is of cannot be said. */
	#readCpu(at: number): boolean {
		const cpu = this.view.getUint32(at + GLOBAL_RECORD.cpu, true);
		if (cpu >= this.#cpuIds) {
			this.#fault("record", "bad-identity", at);
			return false;
		}
		this.cpu = cpu;
		return true;
	}

	/** Leaves the current sub-buffer for the next. */
	#turn(): "subbuf" | "idle" | "ended" {
		if (this.#open) this.#settle();
		const file = this.#file;
		const state = file.next();
		this.bytes = file.bytes;
		this.view = file.view;
		if (state !== "subbuf") {
			// What was promised to the merge is kept, even if the source breaks its word.
			this.idleUntil = Math.max(this.idleUntil, file.idleUntil, this.ts);
			if (state === "idle") this.ts = this.idleUntil;
			return state;
		}
		const { header } = file;
		this.losses.subbuf(header, file.gap, file.following);
		this.#at = file.start + header.headerLength;
		this.#end = file.end;
		this.#tsBegin = header.tsBegin;
		this.#tsEnd = header.tsEnd;
		this.#open = true;
		return state;
	}

	/** Compares what was walked with what the header promised. */
	#settle(): void {
		const missing = this.#file.header.recordCount - this.#walked - this.#unusable;
		if (missing !== 0) {
			this.#fault("subbuffer", "count-mismatch", this.#file.start);
			this.#missing += Math.max(0, missing);
		}
		this.#missing += this.#unusable;
		this.#unusable = 0;
		this.#stored += this.#walked;
		this.#walked = 0;
		this.#at = 0;
		this.#end = 0;
		this.#open = false;
	}

	/** No record begins here: nothing after it in this sub-buffer can be found. */
	#breakOff(): void {
		this.#fault("record", "bad-length", this.#at);
		this.#end = this.#at;
	}

	#clamp(ts: number): number {
		this.#fault("record", ts < this.ts ? "time-backwards" : "bad-time", this.#at);
		return this.ts;
	}

	#fault(stage: "subbuffer" | "record", code: FaultCode, index: number): void {
		const offset = this.#file.offsetOf(index);
		this.#faults.add({ stage, code, channel: this.channel, cpu: this.buffer, offset });
	}
}
