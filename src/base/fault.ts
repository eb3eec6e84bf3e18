/**
 * Bad bytes in a trace are data: they are counted by stage and code, skipped, and shown to the
 * user, never thrown. Misuse of an interface throws instead.
 */
export interface Fault {
	readonly stage: "subbuffer" | "record" | "message" | "decode" | "merge" | "track";
	readonly code: FaultCode;
	/** Channel the bytes came from; `bufflink` for its messages. */
	readonly channel: string;
	readonly cpu: number;
	/** Byte offset in the raw file, where it is known. */
	readonly offset: number | undefined;
}

export type FaultCode =
	| "bad-magic"
	| "bad-version"
	| "bad-length"
	| "bad-identity"
	| "bad-sequence"
	| "bad-time"
	| "bad-loss"
	| "bad-context"
	| "count-mismatch"
	| "truncated"
	| "time-backwards"
	| "unknown-event"
	| "short-payload";

/** Counts faults by (channel, cpu, stage, code) and keeps the first of each to show. */
export class FaultLog {
	readonly #counts = new Map<string, { first: Fault; count: number }>();

	add(fault: Fault, count = 1): void {
		const key = `${fault.channel}/${fault.cpu}/${fault.stage}/${fault.code}`;
		const entry = this.#counts.get(key);
		if (entry === undefined) this.#counts.set(key, { first: fault, count });
		else entry.count += count;
	}

	entries(): readonly { readonly first: Fault; readonly count: number }[] {
		return [...this.#counts.values()];
	}

	total(): number {
		let total = 0;
		for (const entry of this.#counts.values()) total += entry.count;
		return total;
	}
}
