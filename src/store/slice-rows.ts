import type { RowBuffer } from "./row-buffer.js";
import type { RowSink } from "./row-sink.js";
import { SliceBlock } from "./slice-block.js";
import { END_STATES, type EndState } from "./tables.js";

const END_STATE_INDEX = new Map<EndState | null, number>(
	END_STATES.map((state, index) => [state, index]),
);

/** Rows of what ran on the CPUs and the dictionary of threads under the names they had. */
export class SliceRows {
	readonly #sink: RowSink;
	readonly #threads: RowBuffer;
	#block = new SliceBlock();
	#lastThread = 0;

	constructor(sink: RowSink) {
		this.#sink = sink;
		this.#threads = sink.table("named_thread");
	}

	/** Number of a new dictionary row; (ts, thread, cpu) of a slice must be unique. */
	thread(utid: number, pid: number, tid: number, comm: string | null): number {
		const id = ++this.#lastThread;
		this.#threads.add(id, utid, pid, tid, comm);
		return id;
	}

	/** `dur` is NaN and `endState` null when nobody knows how the slice ended. */
	add(ts: number, thread: number, cpu: number, dur: number, endState: EndState | null): void {
		const block = this.#block;
		block.add(ts, thread, cpu, dur, END_STATE_INDEX.get(endState) as number);
		if (block.full) this.#block = this.#sink.slices(block);
	}

	flush(): void {
		this.#threads.flush();
		if (this.#block.rows > 0) this.#block = this.#sink.slices(this.#block);
	}
}
