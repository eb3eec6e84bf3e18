import { BUCKETS, bucketOf } from "../base/log-linear.js";
import type { ByteReader, ByteWriter } from "./varint.js";

/*
 * What is kept of a series of integers from 0 to 2^53, all numbers as varints:
 *
 *     count, then unless it is 0: min, and unless it is 1: max - min, total, count of buckets,
 *     (bucket - previous bucket, count) each
 */

export interface Series {
	count: number;
	min: number;
	max: number;
	total: number;
	/** Buckets of log-linear.ts in use, ascending, and how many values are in each. */
	size: number;
	readonly buckets: Uint16Array;
	readonly counts: Uint32Array;
}

export function emptySeries(): Series {
	return {
		...{ count: 0, min: 0, max: 0, total: 0, size: 0 },
		buckets: new Uint16Array(BUCKETS),
		counts: new Uint32Array(BUCKETS),
	};
}

export function writeSeries(to: ByteWriter, series: Series): void {
	const { count, min, size } = series;
	to.varint(count);
	if (count === 0) return;
	to.varint(min);
	if (count === 1) return;
	to.varint(series.max - min);
	to.varint(series.total);
	to.varint(size);
	let previous = 0;
	for (let index = 0; index < size; index++) {
		const bucket = series.buckets[index] as number;
		to.varint(bucket - previous);
		to.varint(series.counts[index] as number);
		previous = bucket;
	}
}

/** Writes over `series`. */
export function readSeries(from: ByteReader, series: Series): void {
	const count = from.varint();
	series.count = count;
	series.size = 0;
	series.total = 0;
	if (count === 0) return;
	const { buckets, counts } = series;
	const min = from.varint();
	series.min = min;
	if (count === 1) {
		series.max = min;
		series.total = min;
		series.size = 1;
		buckets[0] = bucketOf(min);
		counts[0] = 1;
		return;
	}
	series.max = min + from.varint();
	series.total = from.varint();
	const size = from.varint();
	let bucket = 0;
	for (let index = 0; index < size; index++) {
		bucket += from.varint();
		buckets[index] = bucket;
		counts[index] = from.varint();
	}
	series.size = size;
}
