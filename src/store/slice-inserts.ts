import type Database from "better-sqlite3";
import { BatchedInsert } from "./batched-insert.js";
import type { PlaceCode } from "./place.js";
import type { SliceBlock } from "./slice-block.js";
import { END_STATES } from "./tables.js";
import { timeColumn } from "./time-column.js";

/** Writes blocks of slices. */
export class SliceInserts {
	readonly #rows: BatchedInsert;
	readonly #scale: number;
	#count = 0;

	constructor(database: Database.Database, timeBase: bigint, place: PlaceCode) {
		this.#scale = place.scale;
		this.#rows = new BatchedInsert(database, "slice_row", [
			timeColumn("ts", timeBase),
			"place",
			"dur",
			"end_state",
		]);
	}

	get rows(): number {
		return this.#count;
	}

	insert({ rows, ts, thread, cpu, dur, endState }: SliceBlock): void {
		const into = this.#rows;
		const { values } = into;
		for (let row = 0; row < rows; row++) {
			const { at } = into;
			values[at] = ts[row] as number;
			values[at + 1] = (thread[row] as number) * this.#scale + (cpu[row] as number);
			values[at + 2] = dur[row] as number;
			values[at + 3] = END_STATES[endState[row] as number] ?? null;
			into.at = at + 4;
			into.rowAdded();
		}
		this.#count += rows;
	}

	flush(): void {
		this.#rows.flush();
	}
}
