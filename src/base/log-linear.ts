/** Sub-buckets an octave: each bucket is at most 1/128 of its values wide. */
export const SUB_BUCKETS = 128;
const LINEAR_BELOW = 2 * SUB_BUCKETS;

/*
 * Log-linear buckets for integers from 0 to 2^53: exact below 256; above it, the middle of a bucket
 * is off by at most 1/256 (0.4 %) of any value in it. There are about 5,900.
 */

/** [128, 256) << shift goes to buckets (shift + 1) * 128 and up; below 256 the value is its bucket. */
export function bucketOf(value: number): number {
	if (value < LINEAR_BELOW) return value;
	if (value < 2 ** 31) {
		const shift = 24 - Math.clz32(value);
		return shift * SUB_BUCKETS + (value >> shift);
	}
	const high = Math.floor(value / 2 ** 32);
	const exponent = high > 0 ? 63 - Math.clz32(high) : 31;
	const shift = exponent - 7;
	return shift * SUB_BUCKETS + Math.floor(value / 2 ** shift);
}

/** The smallest value in a bucket. */
export function lowestOf(bucket: number): number {
	if (bucket < LINEAR_BELOW) return bucket;
	const shift = Math.floor(bucket / SUB_BUCKETS) - 1;
	return (bucket - shift * SUB_BUCKETS) * 2 ** shift;
}

export function middleOf(bucket: number): number {
	if (bucket < LINEAR_BELOW) return bucket;
	const width = 2 ** (Math.floor(bucket / SUB_BUCKETS) - 1);
	return lowestOf(bucket) + Math.floor((width - 1) / 2);
}

/** Of the largest value; every bucket is below. */
export const BUCKETS = bucketOf(Number.MAX_SAFE_INTEGER) + 1;
