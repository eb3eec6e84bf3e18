import type { FaultLog } from "../base/fault.js";
import type { SubbufHeader } from "./subbuf-header.js";

/** Records are missing here. Times are ns since the time base. */
export interface LossInterval {
	readonly channel: string;
	/** CPU_ALL: a global channel's. */
	readonly cpu: number;
	readonly tsBegin: number;
	/** Undefined: open, for the recorder was killed. */
	readonly tsEnd: number | undefined;
	/** Undefined: nobody counted them, because whole sub-buffers are missing. */
	readonly lost: number | undefined;
}

/** What the kernel counted when the recording ended. */
export interface FinalLoss {
	/** All records lost on this CPU. */
	readonly lost: number;
	/** When the recording ended, ns since the time base. */
	readonly ts: number;
}

/** Turns the loss counters in one CPU's sub-buffer headers into intervals of time. */
export class LossTracker {
	readonly #channel: string;
	readonly #cpu: number;
	readonly #faults: FaultLog;
	readonly #report: (loss: LossInterval) => void;
	/** Lost up to the end of the latest sub-buffer. */
	#lost = 0;
	#latest = 0;
	#finished = false;

	constructor(
		channel: string,
		cpu: number,
		faults: FaultLog,
		report: (loss: LossInterval) => void,
	) {
		this.#channel = channel;
		this.#cpu = cpu;
		this.#faults = faults;
		this.#report = report;
	}

	/**
	 * Takes the next sub-buffer. `gap`: others are missing before it. `following`: the one right
	 * behind it, where it is known; the counters only grow, so it can prove this one's damaged.
	 */
	subbuf(header: SubbufHeader, gap: boolean, following: SubbufHeader | undefined): void {
		const begin = Math.min(this.#latest, header.tsBegin);
		const bound = following?.lost ?? Number.MAX_SAFE_INTEGER;
		const credible = bound >= this.#lost ? bound : Number.MAX_SAFE_INTEGER;
		if (gap) this.#emit(begin, header.tsBegin, undefined);
		if (header.lost < this.#lost || header.lost > credible) this.#fault();
		else this.#count(begin, header.tsBegin, header.lost - this.#lost);
		if (this.#lost + header.lostInside > credible) this.#fault();
		else this.#count(header.tsBegin, header.tsEnd, header.lostInside);
		this.#latest = header.tsEnd;
	}

	/**
	 * Closes the account: what was lost after the last sub-buffer. Without final counters nobody
	 * knows, and the interval stays open.
	 */
	finish(final: FinalLoss | undefined): void {
		if (this.#finished) return;
		this.#finished = true;
		if (final === undefined) this.#emit(this.#latest, undefined, undefined);
		else if (final.lost < this.#lost) this.#fault();
		else this.#count(this.#latest, Math.max(this.#latest, final.ts), final.lost - this.#lost);
	}

	#count(tsBegin: number, tsEnd: number, lost: number): void {
		if (lost === 0) return;
		this.#lost += lost;
		this.#emit(tsBegin, tsEnd, lost);
	}

	#emit(tsBegin: number, tsEnd: number | undefined, lost: number | undefined): void {
		this.#report({ channel: this.#channel, cpu: this.#cpu, tsBegin, tsEnd, lost });
	}

	#fault(): void {
		this.#faults.add({
			stage: "subbuffer",
			code: "bad-loss",
			channel: this.#channel,
			cpu: this.#cpu,
			offset: undefined,
		});
	}
}
