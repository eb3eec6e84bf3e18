import { BUCKETS, bucketOf, lowestOf, middleOf, SUB_BUCKETS } from "../../base/log-linear.js";

/** How many values are at least `from` and less than `below`. */
export interface PowerOfTwo {
	readonly from: number;
	readonly below: number;
	readonly count: number;
}

const OCTAVES = Math.ceil(BUCKETS / SUB_BUCKETS);

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
	/** By octave; without gaps, which would make it a table. */
	readonly #octaves: (Float64Array | undefined)[] = new Array<undefined>(OCTAVES).fill(undefined);
	#count = 0;
	#min = Number.POSITIVE_INFINITY;
	#max = Number.NEGATIVE_INFINITY;

	get count(): number {
		return this.#count;
	}

	/** Exact, as `max`; undefined when empty. */
	get min(): number | undefined {
		return this.#count === 0 ? undefined : this.#min;
	}

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
		if (few.size > FEW) this.#spread(few);
	}

	#spread(few: ReadonlyMap<number, number>): void {
		this.#few = undefined;
		for (const [bucket, count] of few) this.#addToOctave(bucket, count);
	}

	/** As `addBucket`, of many at once. */
	addBuckets(buckets: Uint16Array, counts: Uint32Array, size: number): void {
		if (this.#few !== undefined && size > FEW) this.#spread(this.#few);
		if (this.#few !== undefined) {
			for (let index = 0; index < size; index++) {
				this.addBucket(buckets[index] as number, counts[index] as number);
			}
			return;
		}
		let total = 0;
		for (let index = 0; index < size; index++) {
			const count = counts[index] as number;
			total += count;
			this.#addToOctave(buckets[index] as number, count);
		}
		this.#count += total;
	}

	extend(min: number, max: number): void {
		if (min < this.#min) this.#min = min;
		if (max > this.#max) this.#max = max;
	}

	merge(other: Histogram): void {
		other.#eachBucket((bucket, count) => this.addBucket(bucket, count));
		this.extend(other.#min, other.#max);
	}

	/** Exact for limits up to 256. */
	countBelow(limit: number): number {
		let below = 0;
		this.#eachBucket((bucket, count) => {
			if (bucket < bucketOf(limit)) below += count;
		});
		return below;
	}

	/** Counts by powers of two, exact, from the smallest value's to the largest's. */
	powersOfTwo(): readonly PowerOfTwo[] {
		const counts: number[] = [];
		this.#eachBucket((bucket, count) => {
			const power = powerOf(lowestOf(bucket));
			counts[power] = (counts[power] ?? 0) + count;
		});
		const found: PowerOfTwo[] = [];
		for (let power = 0; power < counts.length; power++) {
			const count = counts[power] ?? 0;
			if (count === 0 && found.length === 0) continue;
			found.push({ from: power === 0 ? 0 : 2 ** (power - 1), below: 2 ** power, count });
		}
		return found;
	}

	/** A bound that at least `count` values reach, and few others: those of one bucket more. */
	lowerBoundOfLargest(count: number): number | undefined {
		if (this.#count === 0) return undefined;
		const rank = Math.max(1, this.#count - count + 1);
		return lowestOf(this.#bucketAtRank(rank));
	}

	/** Nearest rank: the smallest value that at least `share` of all values do not exceed. */
	quantile(share: number): number | undefined {
		if (this.#count === 0) return undefined;
		const rank = Math.max(1, Math.ceil(share * this.#count));
		return Math.min(this.#max, Math.max(this.#min, middleOf(this.#bucketAtRank(rank))));
	}

	#bucketAtRank(rank: number): number {
		return this.#few === undefined ? this.#bucketAt(rank) : bucketIn(this.#few, rank);
	}

	#eachBucket(visit: (bucket: number, count: number) => void): void {
		if (this.#few !== undefined) {
			for (const [bucket, count] of this.#few) visit(bucket, count);
		}
		for (let octave = 0; octave < this.#octaves.length; octave++) {
			const counts = this.#octaves[octave];
			if (counts === undefined) continue;
			for (let index = 0; index < SUB_BUCKETS; index++) {
				const count = counts[index] as number;
				if (count > 0) visit(octave * SUB_BUCKETS + index, count);
			}
		}
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

/** 0 for 0, else one more than the power of two that is not above the value. */
function powerOf(value: number): number {
	if (value < 2 ** 32) return 32 - Math.clz32(value);
	return 64 - Math.clz32(Math.floor(value / 2 ** 32));
}
