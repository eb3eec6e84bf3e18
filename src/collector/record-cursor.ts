/**
 * One time-ordered stream of raw records (a channel's CPU, or a bufflink), read forward. The
 * cursor *is* its current record: fields are overwritten by `advance`, so nothing is allocated per
 * record. Knows no schema.
 */
export interface RecordCursor {
	readonly channel: string;
	/** Transport's own cpu of the current record; constant for a stream of one CPU's buffer. */
	readonly cpu: number;
	/** ns since the session's time base; exact (below 2^53). Never falls within one cursor. */
	readonly ts: number;
	readonly eventId: number;
	readonly tid: number;
	/** Whole bytes the payload lies in; valid until the next `advance`. Little-endian view of `bytes`. */
	readonly bytes: Uint8Array;
	readonly view: DataView;
	readonly payloadOffset: number;
	readonly payloadLength: number;
	/** The record's context, whole (see ContextParts); of 0 bytes when it has none. */
	readonly contextOffset: number;
	readonly contextLength: number;
	/**
	 * After `idle`: no later record of this stream is older than this (ns since the time base).
	 * An idle CPU is not an ended CPU.
	 */
	readonly idleUntil: number;

	/** Moves to the next record. `idle`: none yet, more may come; `ended`: none will. */
	advance(): CursorState;
	close(): void;
}

export type CursorState = "record" | "idle" | "ended";
