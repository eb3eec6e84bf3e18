import type { FaultCode, FaultLog } from "../base/fault.js";
import { alignRecord, MESSAGE, MESSAGE_HEADER_SIZE, MESSAGE_MAGIC } from "./abi.js";
import { FileWindow, type LiveSource } from "./file-window.js";
import type { CursorState, RecordCursor } from "./record-cursor.js";

const MAGIC = new Uint8Array(new Uint16Array([MESSAGE_MAGIC]).buffer);
/** No bufflink is as large: a longer message is a damaged length. */
const LENGTH_MAX = 1024 * 1024;

export interface BufflinkStreamOptions {
	readonly path: string;
	readonly timeBase: bigint;
	/** CPUs of the recorded machine are numbered below this. */
	readonly cpuIds: number;
	readonly faults: FaultLog;
	readonly live?: LiveSource | undefined;
	/** Bytes to read at once; more is taken where a unit is larger. */
	readonly chunk?: number | undefined;
}

/** The messages of a session's bufflink, in the order they were appended. */
export class BufflinkStream implements RecordCursor {
	readonly channel = "bufflink";
	cpu = 0;
	ts = 0;
	eventId = 0;
	tid = 0;
	bytes: Uint8Array;
	view: DataView;
	payloadOffset = 0;
	payloadLength = 0;
	readonly contextOffset = 0;
	readonly contextLength = 0;
	idleUntil = 0;
	/** Messages delivered so far. */
	stored = 0;

	readonly #options: BufflinkStreamOptions;
	readonly #window: FileWindow;
	#next = 0;

	constructor(options: BufflinkStreamOptions) {
		this.#options = options;
		this.#window = new FileWindow(options.path, options.live, options.chunk);
		this.bytes = this.#window.bytes;
		this.view = this.#window.view;
	}

	advance(): CursorState {
		const window = this.#window;
		if (this.#next >= window.limit) window.refresh();
		while (this.#next < window.limit) {
			const at = this.#next;
			const wrong = this.#judge(at);
			if (wrong === undefined) {
				this.#take(at);
				return "record";
			}
			if (wrong === "truncated" && !window.final) {
				// A live file may end within a message; the floor must wait for that message, too.
				const { limit } = window;
				window.refresh();
				if (window.limit === limit && !window.final) return "idle";
				continue;
			}
			this.#fault(wrong, at);
			this.#next = this.#resync(at + 1, window.limit);
		}
		if (window.final) return "ended";
		this.idleUntil = Math.max(this.idleUntil, window.idleUntil, this.ts);
		this.ts = this.idleUntil;
		return "idle";
	}

	close(): void {
		this.#window.close();
	}

	/** What makes the bytes at this offset no message. */
	#judge(at: number): FaultCode | undefined {
		const wrong = this.#judgeHeader(at);
		if (wrong !== undefined) return wrong;
		const length = this.#lengthAt(at);
		if (at + length > this.#window.limit) return "truncated";
		const behind = at + alignRecord(length);
		if (behind >= this.#window.limit || this.#judgeHeader(behind) === undefined) return undefined;
		// Another message inside this one: its length is wrong.
		return this.#resync(at + MESSAGE_HEADER_SIZE, behind) < behind ? "bad-length" : undefined;
	}

	#judgeHeader(at: number): FaultCode | undefined {
		const index = this.#window.load(at, MESSAGE_HEADER_SIZE);
		if (this.#window.loaded(at) < MESSAGE_HEADER_SIZE) return "truncated";
		const { view } = this.#window;
		if (view.getUint16(index + MESSAGE.magic, true) !== MESSAGE_MAGIC) return "bad-magic";
		const length = view.getUint32(index + MESSAGE.length, true);
		if (length < MESSAGE_HEADER_SIZE || length > LENGTH_MAX) return "bad-length";
		if (view.getUint32(index + MESSAGE.cpu, true) >= this.#options.cpuIds) return "bad-identity";
		return Number.isSafeInteger(this.#timeAt(at)) ? undefined : "bad-time";
	}

	/**
	 * Offset of the next message at or after `from`; `until` when there is none before it. Magic
	 * alone is met by chance; magic, length, CPU and time that all fit are not.
	 */
	#resync(from: number, until: number): number {
		for (let at = from; ; at++) {
			at = this.#window.find(MAGIC, at, until);
			if (at < 0) return until;
			if (this.#judgeHeader(at) === undefined) return at;
		}
	}

	#take(at: number): void {
		const window = this.#window;
		const length = this.#lengthAt(at);
		const time = this.#timeOf(at, at + alignRecord(length));
		const index = window.load(at, length);
		this.bytes = window.bytes;
		this.view = window.view;
		this.ts = time;
		this.eventId = window.view.getUint16(index + MESSAGE.event_id, true);
		this.cpu = window.view.getUint32(index + MESSAGE.cpu, true);
		this.tid = window.view.getUint32(index + MESSAGE.tid, true);
		this.payloadOffset = index + MESSAGE_HEADER_SIZE;
		this.payloadLength = length - MESSAGE_HEADER_SIZE;
		this.#next = Math.min(at + alignRecord(length), window.limit);
		this.stored++;
	}

	/** The message's time, unless it falls, or those behind it prove that it leapt ahead. */
	#timeOf(at: number, behind: number): number {
		const time = this.#timeAt(at);
		if (time < this.ts) {
			this.#fault("time-backwards", at);
			return this.ts;
		}
		if (!this.#isBetween(behind, time)) return time;
		// Of two that disagree a third decides.
		const third = behind + alignRecord(this.#lengthAt(behind));
		if (this.#judgeHeader(third) === undefined && !this.#isBetween(third, time)) return time;
		this.#fault("bad-time", at);
		return this.ts;
	}

	/** Whether a message is there whose time lies between the last one's and this. */
	#isBetween(at: number, time: number): boolean {
		if (at >= this.#window.limit || this.#judgeHeader(at) !== undefined) return false;
		const other = this.#timeAt(at);
		return other < time && other >= this.ts;
	}

	#lengthAt(at: number): number {
		const index = this.#window.load(at, MESSAGE_HEADER_SIZE);
		return this.#window.view.getUint32(index + MESSAGE.length, true);
	}

	#timeAt(at: number): number {
		const index = this.#window.load(at, MESSAGE_HEADER_SIZE);
		const ts = this.#window.view.getBigUint64(index + MESSAGE.ts, true);
		return Number(ts - this.#options.timeBase);
	}

	#fault(code: FaultCode, offset: number): void {
		this.#options.faults.add({ stage: "message", code, channel: "bufflink", cpu: 0, offset });
	}
}
