import { readFileSync } from "node:fs";
import type { DropMetadata } from "../session/metadata.js";

/** More are told as longer ones: what a session keeps of them is bounded. */
const MAX_DROPS = 1000;

/** Watches a driver's own count of what its relay channel had no room for. */
export class DropWatch {
	readonly #channelId: number;
	readonly #file: string;
	readonly #drops: DropMetadata[] = [];
	#count: bigint;
	#since: bigint;

	/** What was lost before `now` (CLOCK_MONOTONIC, ns) is not this recording's. */
	constructor(channelId: number, file: string, now: bigint) {
		this.#channelId = channelId;
		this.#file = file;
		this.#count = this.#read() ?? 0n;
		this.#since = now;
	}

	get drops(): readonly DropMetadata[] {
		return this.#drops;
	}

	get total(): bigint {
		return this.#drops.reduce((sum, { count }) => sum + count, 0n);
	}

	look(now: bigint): void {
		const count = this.#read();
		if (count === undefined) return;
		// The driver counts in 32 bits, signed.
		const dropped = BigInt.asUintN(32, count - this.#count);
		if (dropped > 0n) this.#add(this.#since, now, dropped);
		this.#count = count;
		this.#since = now;
	}

	#add(begin: bigint, end: bigint, count: bigint): void {
		const drop = { channelId: this.#channelId, begin, end, count };
		const last = this.#drops.at(-1);
		if (last === undefined || this.#drops.length < MAX_DROPS) this.#drops.push(drop);
		else this.#drops[MAX_DROPS - 1] = { ...last, end, count: last.count + count };
	}

	/** Undefined: the driver has taken it away, or it says something else. */
	#read(): bigint | undefined {
		try {
			const text = readFileSync(this.#file, "utf8").trim();
			return /^-?\d+$/.test(text) ? BigInt(text) : undefined;
		} catch {
			return undefined;
		}
	}
}
