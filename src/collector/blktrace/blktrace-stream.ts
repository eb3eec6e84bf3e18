import type { FaultCode, FaultLog } from "../../base/fault.js";
import type { CursorState, RecordCursor } from "../record-cursor.js";
import type { EventAccounts } from "./event-accounts.js";
import { BlktraceWalk } from "./record-walk.js";

/** No declared event's: what blktrace has recorded is of no schema. */
export const BLKTRACE_EVENT_ID = 0;

export interface BlktraceStreamOptions {
	/** Pieces of what the kernel's own relay channel, or a file of blktrace's, held. */
	readonly chunks: RecordCursor;
	/** Index of a piece's first byte; its bytes go to the payload's end. -1: they cannot be found. */
	readonly dataAt: (chunk: RecordCursor) => number;
	/** The books of its channel. */
	readonly accounts: EventAccounts;
	/** CLOCK_MONOTONIC ns that all times are counted from. */
	readonly timeBase: bigint;
	readonly faults: FaultLog;
}

/**
 * The events of a blktrace channel's CPU, at their own times: the pieces were read later than the
 * events happened.
 */
export class BlktraceStream implements RecordCursor {
	readonly channel: string;
	readonly cpu: number;
	readonly eventId = BLKTRACE_EVENT_ID;
	readonly contextOffset = 0;
	readonly contextLength = 0;
	ts = 0;
	tid = 0;
	payloadOffset = 0;
	payloadLength = 0;
	idleUntil = 0;
	/** The current event. */
	readonly walk: BlktraceWalk;
	readonly accounts: EventAccounts;
	/** Places where bytes are damaged. */
	damaged = 0;

	readonly #chunks: RecordCursor;
	readonly #dataAt: (chunk: RecordCursor) => number;
	readonly #faults: FaultLog;

	constructor({ chunks, dataAt, accounts, timeBase, faults }: BlktraceStreamOptions) {
		this.channel = chunks.channel;
		this.cpu = chunks.cpu;
		this.#chunks = chunks;
		this.#dataAt = dataAt;
		this.accounts = accounts;
		this.#faults = faults;
		this.walk = new BlktraceWalk(timeBase, (code, offset) => this.#fault("record", code, offset));
	}

	get bytes(): Uint8Array {
		return this.walk.bytes;
	}

	get view(): DataView {
		return this.walk.view;
	}

	advance(): CursorState {
		const { walk } = this;
		for (;;) {
			const state = walk.advance();
			if (state === "record") {
				this.ts = walk.ts;
				this.tid = walk.pid;
				this.payloadOffset = walk.at;
				this.payloadLength = walk.dataAt - walk.at + walk.dataLength;
				return state;
			}
			if (state === "ended") return state;
			if (!this.#feed()) {
				// What is read later may have happened any time after what was read before.
				this.idleUntil = Math.max(this.idleUntil, this.ts);
				return "idle";
			}
		}
	}

	close(): void {
		this.#chunks.close();
	}

	#feed(): boolean {
		const state = this.#chunks.advance();
		if (state === "idle") return false;
		if (state === "ended") this.walk.finish();
		else {
			const { bytes, payloadOffset, payloadLength } = this.#chunks;
			const at = this.#dataAt(this.#chunks);
			if (at < 0) this.#fault("decode", "short-payload", undefined);
			else this.walk.append(bytes.subarray(at, payloadOffset + payloadLength));
		}
		return true;
	}

	#fault(stage: "record" | "decode", code: FaultCode, offset: number | undefined): void {
		this.damaged++;
		this.#faults.add({ stage, code, channel: this.channel, cpu: this.cpu, offset });
	}
}
