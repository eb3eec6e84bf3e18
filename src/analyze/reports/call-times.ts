import type { CallGroup } from "../../store/window-figures.js";
import type { CallSink } from "./call-figures.js";
import { ExactSum } from "./exact-sum.js";
import { Histogram } from "./histogram.js";

/** What is kept of the calls in one group: bounded, however many there are. */
export class CallTimes implements CallSink {
	readonly histogram = new Histogram();
	readonly total = new ExactSum();
	errors = 0;
	unfinished = 0;

	get count(): number {
		return this.histogram.count;
	}

	/** `duration` null: the call had not returned. */
	call(duration: number | null, failed: boolean): void {
		if (duration === null) {
			this.unfinished++;
			return;
		}
		this.histogram.add(duration);
		this.total.add(duration);
		if (failed) this.errors++;
	}

	group(group: CallGroup): void {
		this.unfinished += group.unfinished;
		if (group.finished === 0) return;
		this.histogram.addBuckets(group.buckets, group.counts, group.size);
		this.histogram.extend(group.min, group.max);
		this.total.add(group.total);
		this.errors += group.errors;
	}

	merge(other: CallTimes): void {
		this.histogram.merge(other.histogram);
		this.total.merge(other.total);
		this.errors += other.errors;
		this.unfinished += other.unfinished;
	}

	/** ns, rounded; null when no call finished. */
	average(): number | null {
		return this.count === 0 ? null : Math.round(Number(this.total.value()) / this.count);
	}
}
