import type { BlockGroup } from "../../store/block-figures.js";
import { BLOCK_SERIES, type BlockNumbers, type BlockSeries } from "../../store/block-numbers.js";
import type { BlockSink } from "./block-in-scope.js";
import { ExactSum } from "./exact-sum.js";
import { SeriesTotal } from "./series-total.js";

const WRITING = new Set(["write", "zone_append"]);

/** What is kept of bios, or of requests, of one group. */
export class BlockTotals {
	readonly series: Readonly<Record<BlockSeries, SeriesTotal>> = {
		gap: new SeriesTotal(),
		seek: new SeriesTotal(),
		q2i: new SeriesTotal(),
		i2d: new SeriesTotal(),
		d2c: new SeriesTotal(),
		q2c: new SeriesTotal(),
		bytes: new SeriesTotal(),
	};
	readonly #inOrder = BLOCK_SERIES.map((name) => this.series[name]);
	readonly bytesRead = new ExactSum();
	readonly bytesWritten = new ExactSum();
	count = 0;
	errors = 0;

	/** For those of one kind. */
	sinkOf(op: string): BlockSink {
		const moved = op === "read" ? this.bytesRead : WRITING.has(op) ? this.bytesWritten : undefined;
		const bytesAt = BLOCK_SERIES.indexOf("bytes");
		return {
			group: ({ count, errors, series }: BlockGroup): void => {
				this.count += count;
				this.errors += errors;
				for (const [index, each] of series.entries()) this.#inOrder[index]?.addSeries(each);
				moved?.add(series[bytesAt]?.total ?? 0);
			},
			one: (numbers: BlockNumbers, failed: boolean): void => {
				this.count++;
				if (failed) this.errors++;
				for (const [index, total] of this.#inOrder.entries()) total.add(numbers[index] as number);
				moved?.add(numbers[bytesAt] as number);
			},
		};
	}
}
