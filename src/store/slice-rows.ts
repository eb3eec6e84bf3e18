import type Database from "better-sqlite3";
import { BatchedInsert } from "./batched-insert.js";
import type { PlaceCode } from "./place.js";
import { timeColumn } from "./time-column.js";

/** Rows of what ran on the CPUs and the dictionary of threads under the names they had. */
export class SliceRows {
	readonly #threads: BatchedInsert;
	readonly #slices: BatchedInsert;
	readonly #scale: number;
	#lastThread = 0;
	#count = 0;

	constructor(database: Database.Database, timeBase: bigint, place: PlaceCode) {
		this.#scale = place.scale;
		this.#threads = new BatchedInsert(database, "named_thread", [
			"id",
			"utid",
			"pid",
			"tid",
			"comm",
		]);
		this.#slices = new BatchedInsert(database, "slice_row", [
			timeColumn("ts", timeBase),
			"place",
			"dur",
			"end_state",
		]);
	}

	get rows(): number {
		return this.#count;
	}

	get threads(): number {
		return this.#lastThread;
	}

	/** Number of a new dictionary row; (ts, thread, cpu) of a slice must be unique. */
	thread(utid: number, pid: number, tid: number, comm: string | null): number {
		const id = ++this.#lastThread;
		this.#threads.add(id, utid, pid, tid, comm);
		return id;
	}

	/** `dur` is NaN and `endState` null when nobody knows how the slice ended. */
	add(ts: number, thread: number, cpu: number, dur: number, endState: string | null): void {
		this.#count++;
		const rows = this.#slices;
		const { values } = rows;
		let to = rows.at;
		values[to++] = ts;
		values[to++] = thread * this.#scale + cpu;
		values[to++] = dur;
		values[to++] = endState;
		rows.at = to;
		rows.rowAdded();
	}

	flush(): void {
		this.#threads.flush();
		this.#slices.flush();
	}
}
