/** Events that were numbered and are not there. Times are ns since the time base. */
export interface SequenceGap {
	readonly cpu: number;
	readonly tsBegin: number;
	readonly tsEnd: number;
	readonly lost: number;
}

interface CpuSequence {
	/** Number of the next event. */
	next: number;
	/** Time of the latest event. */
	ts: number;
	/** A number that was not the next, and when: what the one behind it is says why. */
	doubtful: number;
	doubtfulTs: number;
}

const NONE = -1;

/**
 * Finds what is missing among the events of one channel, which the kernel numbers by CPU. Newer
 * kernels count what they had no room for, older ones do not; damage leaves a gap in both.
 */
export class SequenceGaps {
	readonly #cpus: (CpuSequence | undefined)[] = [];
	readonly #onGap: (gap: SequenceGap) => void;
	#lost = 0;

	constructor(onGap: (gap: SequenceGap) => void) {
		this.#onGap = onGap;
	}

	/** In all gaps so far. */
	get lost(): number {
		return this.#lost;
	}

	/** Takes the next event of a CPU, in the order of time. */
	see(cpu: number, sequence: number, ts: number): void {
		const state = this.#cpus[cpu];
		if (state === undefined) {
			this.#cpus[cpu] = { next: sequence + 1, ts, doubtful: NONE, doubtfulTs: 0 };
			return;
		}
		if (sequence === state.next && state.doubtful === NONE) {
			state.next = sequence + 1;
			state.ts = ts;
			return;
		}
		this.#seeOther(cpu, state, sequence, ts);
	}

	#seeOther(cpu: number, state: CpuSequence, sequence: number, ts: number): void {
		const { next, doubtful } = state;
		if (doubtful === NONE) {
			state.doubtful = sequence;
			state.doubtfulTs = ts;
			return;
		}
		state.doubtful = NONE;
		const confirmed = doubtful > next && sequence === doubtful + 1;
		if (confirmed) this.#tell(cpu, state, doubtful - next, state.doubtfulTs);
		// Else the number itself was damaged, and it was the next one's; or it came late.
		else if (sequence > next) this.#tell(cpu, state, sequence - next - 1, ts);
		// Two that changed places.
		const swapped = sequence === next && doubtful === next + 1;
		state.next = swapped ? doubtful + 1 : Math.max(next, sequence + 1);
		state.ts = ts;
	}

	#tell(cpu: number, { ts }: CpuSequence, lost: number, tsEnd: number): void {
		if (lost === 0) return;
		this.#lost += lost;
		this.#onGap({ cpu, tsBegin: ts, tsEnd, lost });
	}
}
