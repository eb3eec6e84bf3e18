import { RelayscopeError } from "../../base/error.js";

const SPILL_AT = 2 ** 52;

/**
 * A sum of durations that never loses a nanosecond: a double takes them as they come (fast) and
 * spills into a bigint before it could round.
 */
export class ExactSum {
	#low = 0;
	#high = 0n;

	add(value: number): void {
		// A double cannot tell neighbours from here on, so exactness could no longer be promised.
		if (value > SPILL_AT || value < -SPILL_AT) {
			throw new RelayscopeError("DATABASE", `the database holds a duration of ${value} ns`, {
				hint: "No recording is that long. Rebuild it: relayscope import --force SESSION",
			});
		}
		this.#low += value;
		if (this.#low > SPILL_AT || this.#low < -SPILL_AT) {
			this.#high += BigInt(this.#low);
			this.#low = 0;
		}
	}

	merge(other: ExactSum): void {
		this.#high += other.value();
	}

	value(): bigint {
		return this.#high + BigInt(this.#low);
	}
}
