import type { Series } from "../../store/series.js";
import { ExactSum } from "./exact-sum.js";
import { Histogram } from "./histogram.js";

/** What is told of a series of times, sizes or distances. Null where it has no value. */
export interface SeriesFigures {
	readonly count: number;
	readonly total: bigint;
	readonly min: number | null;
	readonly average: number | null;
	readonly p50: number | null;
	readonly p99: number | null;
	readonly max: number | null;
}

/** Values and whole series of them, summed up: bounded, however many there are. */
export class SeriesTotal {
	readonly histogram = new Histogram();
	readonly #total = new ExactSum();

	/** NaN is not known, and not counted. */
	add(value: number): void {
		if (!(value >= 0)) return;
		this.histogram.add(value);
		this.#total.add(value);
	}

	addSeries(series: Series): void {
		if (series.count === 0) return;
		this.histogram.addBuckets(series.buckets, series.counts, series.size);
		this.histogram.extend(series.min, series.max);
		this.#total.add(series.total);
	}

	total(): bigint {
		return this.#total.value();
	}

	figures(): SeriesFigures {
		const { histogram } = this;
		const total = this.total();
		return {
			count: histogram.count,
			total,
			min: histogram.min ?? null,
			average: histogram.count === 0 ? null : Number(total) / histogram.count,
			p50: histogram.quantile(0.5) ?? null,
			p99: histogram.quantile(0.99) ?? null,
			max: histogram.max ?? null,
		};
	}
}
