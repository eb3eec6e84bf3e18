/**
 * What is counted of a bio or a request. Times are ns; `q2q` and `seek` are distances from the one
 * before on the same device, whoever's it was: from its queueing, and from the sector behind it.
 * `depth` is how many requests the device had when it came.
 */
export const BLOCK_SERIES = ["q2q", "q2i", "i2d", "d2c", "q2c", "bytes", "seek", "depth"] as const;
export type BlockSeries = (typeof BLOCK_SERIES)[number];

export const SERIES_COUNT = BLOCK_SERIES.length;

/** A number for each of BLOCK_SERIES; NaN where it is not known. */
export type BlockNumbers = Float64Array;
