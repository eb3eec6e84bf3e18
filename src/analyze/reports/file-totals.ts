import type { Effect } from "./call-effects.js";
import { ExactSum } from "./exact-sum.js";
import type { FileCalls } from "./file-calls.js";

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

/** What is known of the calls that name one file. */
export class FileTotals {
	readonly #read = new ExactSum();
	readonly #written = new ExactSum();
	readonly #time = new ExactSum();
	#calls = 0;
	#errors = 0;
	#changes = 0;

	add(effect: Effect, { calls, errors, total, bytes }: FileCalls): void {
		this.#calls += calls;
		this.#errors += errors;
		this.#time.add(total);
		this.addEffect(effect, calls - errors, bytes);
	}

	/** Of calls that are counted already. */
	addEffect(effect: Effect, succeeded: number, bytes: number): void {
		if (effect === "read") this.#read.add(bytes);
		else if (effect === "write") this.#written.add(bytes);
		else if (effect === "change") this.#changes += succeeded;
	}

	figures(): FileFigures {
		return {
			calls: this.#calls,
			errors: this.#errors,
			bytesRead: this.#read.value(),
			bytesWritten: this.#written.value(),
			changes: this.#changes,
			timeNs: this.#time.value(),
		};
	}
}
