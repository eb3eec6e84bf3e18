const SPILL_AT = 2 ** 52;

/** Many sums that never lose a nanosecond, side by side: doubles, which spill before they could round. */
export class ExactSums {
	#low = new Float64Array(1024);
	readonly #high = new Map<number, bigint>();

	/** No value is above 2^52. */
	add(index: number, value: number): void {
		if (index >= this.#low.length) this.#grow(index);
		const sum = (this.#low[index] as number) + value;
		if (sum <= SPILL_AT) {
			this.#low[index] = sum;
			return;
		}
		this.#high.set(index, (this.#high.get(index) ?? 0n) + BigInt(sum));
		this.#low[index] = 0;
	}

	value(index: number): bigint {
		return (this.#high.get(index) ?? 0n) + BigInt(this.#low[index] ?? 0);
	}

	#grow(index: number): void {
		const grown = new Float64Array(Math.max(index + 1, 2 * this.#low.length));
		grown.set(this.#low);
		this.#low = grown;
	}
}
