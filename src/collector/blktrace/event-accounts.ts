/** Events that were numbered and are not there. Times are ns since the time base. */
export interface SequenceGap {
	readonly cpu: number;
	readonly tsBegin: number;
	readonly tsEnd: number;
	readonly lost: number;
}

/** Of the numbered events of one CPU: produced = stored + lost + faults. */
export interface EventAccount {
	readonly cpu: number;
	/** By the kernel's numbers, and those stored events whose numbers are damaged. */
	readonly produced: number;
	readonly stored: number;
	/** Numbered, and never written. */
	readonly lost: number;
	/** Written, and damaged since. */
	readonly faults: number;
}

interface CpuState {
	/** Number of the next event; they begin with 1. */
	next: number;
	/** Time of the latest event. */
	ts: number;
	/** Damaged places up to it. */
	damaged: number;
	/** A number that was not the next, and when: what the one behind it is says why. */
	doubtful: number;
	doubtfulTs: number;
	/** Stored, with a damaged number; the one they had may still turn out to be missing. */
	unnumbered: number;
	stored: number;
	lost: number;
	faults: number;
}

const NONE = -1;

/**
 * Keeps the books of one channel, whose events the kernel numbers by CPU. From 6.19 on the kernel
 * numbers what it has no room for, too; before, only its count of those tells.
 */
export class EventAccounts {
	readonly #cpus: (CpuState | undefined)[] = [];
	readonly #onGap: (gap: SequenceGap) => void;
	#lost = 0;

	constructor(onGap: (gap: SequenceGap) => void) {
		this.#onGap = onGap;
	}

	/** On all CPUs, so far. */
	get lost(): number {
		return this.#lost;
	}

	/**
	 * Takes the next event of a CPU, in the order of time. `damaged`: how many places were damaged in
	 * the bytes up to it.
	 */
	see(cpu: number, sequence: number, ts: number, damaged: number): void {
		const state = this.#cpus[cpu] ?? this.#newCpu(cpu);
		state.stored++;
		if (sequence === state.next && state.doubtful === NONE) {
			state.next = sequence + 1;
			state.ts = ts;
			state.damaged = damaged;
			return;
		}
		this.#seeOther(cpu, state, sequence, ts, damaged);
	}

	/** Of the CPUs that had events. */
	accounts(): EventAccount[] {
		return this.#cpus.flatMap((state, cpu) => {
			if (state === undefined) return [];
			const { next, doubtful, unnumbered, stored, lost, faults } = state;
			// Nothing came behind it to say whether its number was right.
			const produced = (doubtful === NONE ? next - 1 : next) + unnumbered;
			return [{ cpu, produced, stored, lost, faults }];
		});
	}

	#newCpu(cpu: number): CpuState {
		const state = {
			...{ next: 1, ts: 0, damaged: 0, doubtful: NONE, doubtfulTs: 0 },
			...{ unnumbered: 0, stored: 0, lost: 0, faults: 0 },
		};
		this.#cpus[cpu] = state;
		return state;
	}

	#seeOther(cpu: number, state: CpuState, sequence: number, ts: number, damaged: number): void {
		const { next, doubtful } = state;
		if (doubtful === NONE) {
			state.doubtful = sequence;
			state.doubtfulTs = ts;
			return;
		}
		state.doubtful = NONE;
		const confirmed = doubtful > next && sequence === doubtful + 1;
		if (confirmed) this.#miss(cpu, state, doubtful - next, state.doubtfulTs, damaged);
		// Else the number itself was damaged, and it was the next one's; or it came late.
		else if (sequence > next) this.#miss(cpu, state, sequence - next - 1, ts, damaged);
		// Two that changed places.
		const swapped = sequence === next && doubtful === next + 1;
		state.next = swapped ? doubtful + 1 : Math.max(next, sequence + 1);
		// Of the two, those that no number was taken for.
		state.unnumbered += Math.max(0, 2 - (state.next - next));
		state.ts = ts;
		state.damaged = damaged;
	}

	/** What is missing around damaged bytes was in them. */
	#miss(cpu: number, state: CpuState, missing: number, tsEnd: number, damaged: number): void {
		const theirs = Math.min(missing, state.unnumbered);
		state.unnumbered -= theirs;
		const count = missing - theirs;
		if (count === 0) return;
		if (damaged > state.damaged) {
			state.faults += count;
			return;
		}
		state.lost += count;
		this.#lost += count;
		this.#onGap({ cpu, tsBegin: state.ts, tsEnd, lost: count });
	}
}
