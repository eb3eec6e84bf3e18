import { bucketOf, middleOf, SUB_BUCKETS } from "../../base/log-linear.js";

/** Beyond this a map costs more time than an array costs memory. */
const FEW = 32;

/**
 * A histogram of integers from 0 to 2^53: exact below 256, and above it a quantile is off by at
 * most 1/256 (0.4 %) of the true value, in memory bounded by the range of the values however many
 * are added.
 */
export class Histogram {
	/** A report may have many thousand histograms of a few values, and some of millions. */
	#few: Map<number, number> | undefined = new Map();
	readonly #octaves: Float64Array[] = [];
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
		this.addBucket(bucketOf(value), 1);
		this.extend(value, value);
	}

	/** Counts values of one bucket; their extremes are told by `extend`. */
	addBucket(bucket: number, count: number): void {
		this.#count += count;
		const few = this.#few;
		if (few === undefined) {
			this.#addToOctave(bucket, count);
			return;
		}
		few.set(bucket, (few.get(bucket) ?? 0) + count);
		if (few.size <= FEW) return;
		this.#few = undefined;
		for (const [each, counted] of few) this.#addToOctave(each, counted);
	}

	extend(min: number, max: number): void {
		if (min < this.#min) this.#min = min;
		if (max > this.#max) this.#max = max;
	}

	merge(other: Histogram): void {
		if (other.#few !== undefined) {
			for (const [bucket, count] of other.#few) this.addBucket(bucket, count);
		}
		for (let octave = 0; octave < other.#octaves.length; octave++) {
			const counts = other.#octaves[octave];
			if (counts === undefined) continue;
			for (let index = 0; index < SUB_BUCKETS; index++) {
				const count = counts[index] as number;
				if (count > 0) this.addBucket(octave * SUB_BUCKETS + index, count);
			}
		}
		this.extend(other.#min, other.#max);
	}

	/** Nearest rank: the smallest value that at least `share` of all values do not exceed. */
	quantile(share: number): number | undefined {
		if (this.#count === 0) return undefined;
		const rank = Math.max(1, Math.ceil(share * this.#count));
		const bucket = this.#few === undefined ? this.#bucketAt(rank) : bucketIn(this.#few, rank);
		return Math.min(this.#max, Math.max(this.#min, middleOf(bucket)));
	}

	#bucketAt(rank: number): number {
		let passed = 0;
		for (let octave = 0; octave < this.#octaves.length; octave++) {
			const counts = this.#octaves[octave];
			if (counts === undefined) continue;
			for (let index = 0; index < SUB_BUCKETS; index++) {
				passed += counts[index] as number;
				if (passed >= rank) return octave * SUB_BUCKETS + index;
			}
		}
		throw new Error("a rank beyond the count");
	}

	#addToOctave(bucket: number, count: number): void {
		const octave = (bucket / SUB_BUCKETS) | 0;
		let counts = this.#octaves[octave];
		if (counts === undefined) {
			counts = new Float64Array(SUB_BUCKETS);
			this.#octaves[octave] = counts;
		}
		const index = bucket % SUB_BUCKETS;
		counts[index] = (counts[index] as number) + count;
	}
}

function bucketIn(few: ReadonlyMap<number, number>, rank: number): number {
	let passed = 0;
	for (const [bucket, count] of [...few].sort(([a], [b]) => a - b)) {
		passed += count;
		if (passed >= rank) return bucket;
	}
	throw new Error("a rank beyond the count");
}
