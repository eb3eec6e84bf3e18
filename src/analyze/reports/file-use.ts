import type { CallEffects, Effect } from "./call-effects.js";
import { ExactSums } from "./exact-sums.js";
import { PairNumbers } from "./pair-numbers.js";

export interface FileFigures {
	readonly calls: number;
	readonly errors: number;
	readonly bytesRead: bigint;
	readonly bytesWritten: bigint;
	/** Calls that succeeded in changing the file by other means than bytes. */
	readonly changes: number;
	/** ns in these calls. */
	readonly timeNs: bigint;
}

export const NO_USE: FileFigures = {
	...{ calls: 0, errors: 0, changes: 0 },
	...{ bytesRead: 0n, bytesWritten: 0n, timeNs: 0n },
};

export function addFigures(a: FileFigures, b: FileFigures): FileFigures {
	return {
		calls: a.calls + b.calls,
		errors: a.errors + b.errors,
		bytesRead: a.bytesRead + b.bytesRead,
		bytesWritten: a.bytesWritten + b.bytesWritten,
		changes: a.changes + b.changes,
		timeNs: a.timeNs + b.timeNs,
	};
}

/** Some calls with one name that name the same files. */
export interface FileCalls {
	readonly calls: number;
	readonly errors: number;
	/** ns, of those that finished. */
	readonly total: number;
	/** Sum of what they returned, where that was above 0. */
	readonly bytes: number;
}

/** Sums of the calls of each process to each file, both by number. Nothing is allocated a call. */
export class FileUse {
	readonly pairs = new PairNumbers();
	readonly #calls = new ExactSums();
	readonly #errors = new ExactSums();
	readonly #changes = new ExactSums();
	readonly #read = new ExactSums();
	readonly #written = new ExactSums();
	readonly #time = new ExactSums();

	/** `first` and `second` are files; -1: none, or not asked about. A call counts once for each. */
	add(process: number, call: CallEffects, first: number, second: number, made: FileCalls): void {
		if (first >= 0) {
			const pair = this.pairs.of(process, first);
			this.#count(pair, made);
			this.#affect(pair, call.first, made);
		}
		if (second < 0) return;
		const pair = this.pairs.of(process, second);
		if (second !== first) this.#count(pair, made);
		this.#affect(pair, call.second, made);
	}

	figures(pair: number): FileFigures {
		return {
			calls: Number(this.#calls.value(pair)),
			errors: Number(this.#errors.value(pair)),
			bytesRead: this.#read.value(pair),
			bytesWritten: this.#written.value(pair),
			changes: Number(this.#changes.value(pair)),
			timeNs: this.#time.value(pair),
		};
	}

	#count(pair: number, { calls, errors, total }: FileCalls): void {
		this.#calls.add(pair, calls);
		if (errors > 0) this.#errors.add(pair, errors);
		this.#time.add(pair, total);
	}

	#affect(pair: number, effect: Effect, { calls, errors, bytes }: FileCalls): void {
		if (effect === "read") this.#read.add(pair, bytes);
		else if (effect === "write") this.#written.add(pair, bytes);
		else if (effect === "change") this.#changes.add(pair, calls - errors);
	}
}
