interface Gap {
	readonly begin: number;
	readonly end: number;
}

/** Gaps are told up to a sub-buffer ahead of the records around them; what is older is of no use. */
const REMEMBERED = 8;

/**
 * Where records are missing, for what pairs records: between two that have a gap between them,
 * anything may have happened. Gaps of one channel and CPU come in the order of time.
 */
export class LossHistory {
	/** False as long as nothing was lost: the answer to every question then. */
	any = false;
	readonly #gaps = new Map<string, Gap[][]>();
	/** Of global channels, whose gaps are all CPUs'. */
	readonly #global = new Map<string, Gap[]>();

	/** `cpu`: undefined for a gap in the records of all. */
	add(channel: string, cpu: number | undefined, begin: number, end: number): void {
		this.any = true;
		const gaps = cpu === undefined ? this.#globalGaps(channel) : this.#gapsOf(channel, cpu);
		gaps.push({ begin, end });
		if (gaps.length > REMEMBERED) gaps.shift();
	}

	/** Whether a whole gap lies between two times, the later of which is now. */
	between(channel: string, cpu: number, from: number, now: number): boolean {
		const gaps = this.#global.get(channel) ?? this.#gaps.get(channel)?.[cpu];
		if (gaps === undefined) return false;
		for (let index = gaps.length - 1; index >= 0; index--) {
			const gap = gaps[index] as Gap;
			// Later gaps begin later: when the latest that is over began too early, so did all others.
			if (gap.end <= now) return gap.begin >= from;
		}
		return false;
	}

	#gapsOf(channel: string, cpu: number): Gap[] {
		const cpus = this.#gaps.get(channel) ?? [];
		this.#gaps.set(channel, cpus);
		const gaps = cpus[cpu] ?? [];
		cpus[cpu] = gaps;
		return gaps;
	}

	#globalGaps(channel: string): Gap[] {
		const gaps = this.#global.get(channel) ?? [];
		this.#global.set(channel, gaps);
		return gaps;
	}
}
