/**
 * What is counted of bios and requests: bytes, and ns; `gap` and `seek` are those of BlockRow, the
 * others as in the views.
 */
export const BLOCK_SERIES = ["gap", "seek", "q2i", "i2d", "d2c", "q2c", "bytes"] as const;
export type BlockSeries = (typeof BLOCK_SERIES)[number];

export const SERIES_COUNT = BLOCK_SERIES.length;

/** A number for each of BLOCK_SERIES; NaN where it is not known. */
export type BlockNumbers = Float64Array;
