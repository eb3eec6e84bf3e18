/** Sub-buckets an octave: each bucket is at most 1/128 of its values wide. */
const SUB_BUCKETS = 128;
const LINEAR_BELOW = 2 * SUB_BUCKETS;

/**
 * A log-linear histogram of integers from 0 to 2^53: exact below 256, and above it a quantile is
 * off by at most 1/256 (0.4 %) of the true value, in memory bounded by the range of the values
 * (about 5,900 buckets at worst) however many are added.
 */
export class Histogram {
	readonly #buckets = new Map<number, number>();
	#count = 0;
	#min = Number.POSITIVE_INFINITY;
	#max = Number.NEGATIVE_INFINITY;

	get count(): number {
		return this.#count;
	}

	/** Exact; undefined when empty. */
	get max(): number | undefined {
		return this.#count === 0 ? undefined : this.#max;
	}

	add(value: number): void {
		const bucket = bucketOf(value);
		this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
		this.#count++;
		if (value < this.#min) this.#min = value;
		if (value > this.#max) this.#max = value;
	}

	merge(other: Histogram): void {
		for (const [bucket, count] of other.#buckets) {
			this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count);
		}
		this.#count += other.#count;
		this.#min = Math.min(this.#min, other.#min);
		this.#max = Math.max(this.#max, other.#max);
	}

	/** Nearest rank: the smallest value that at least `share` of all values do not exceed. */
	quantile(share: number): number | undefined {
		if (this.#count === 0) return undefined;
		const rank = Math.max(1, Math.ceil(share * this.#count));
		let passed = 0;
		for (const bucket of [...this.#buckets.keys()].sort((a, b) => a - b)) {
			passed += this.#buckets.get(bucket) ?? 0;
			if (passed >= rank) return Math.min(this.#max, Math.max(this.#min, middleOf(bucket)));
		}
		return this.#max;
	}
}

/** [128, 256) << shift goes to buckets (shift + 1) * 128 and up; below 256 the value is its bucket. */
function bucketOf(value: number): number {
	if (value < LINEAR_BELOW) return value;
	const high = Math.floor(value / 2 ** 32);
	const exponent = high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(value);
	const shift = exponent - 7;
	return shift * SUB_BUCKETS + Math.floor(value / 2 ** shift);
}

function middleOf(bucket: number): number {
	if (bucket < LINEAR_BELOW) return bucket;
	const shift = Math.floor(bucket / SUB_BUCKETS) - 1;
	const width = 2 ** shift;
	return (bucket - shift * SUB_BUCKETS) * width + Math.floor((width - 1) / 2);
}
