import type Database from "better-sqlite3";
import { BatchedInsert } from "./batched-insert.js";
import { CallWindows } from "./call-windows.js";
import type { PlaceCode } from "./place.js";
import { timeColumn } from "./time-column.js";

export type Argument = number | bigint;

/** Arguments of a call: numbers where they are exact, from `at` on; all of `wide` where one is not. */
export interface CallArguments {
	readonly numbers: Float64Array;
	at: number;
	count: number;
	wide: readonly Argument[] | undefined;
}

const COLUMNS = ["dur", "ret", "arg0", "arg1", "arg2", "arg3", "arg4", "arg5"] as const;
/** Calls with no, up to 3 and up to 6 arguments: binding a NULL costs as much as binding a value. */
const WIDTHS = [0, 3, 6] as const;

/** Rows of system calls, the dictionary of who made which, and their figures. */
export class CallRows {
	readonly #callers: BatchedInsert;
	readonly #scale: number;
	readonly #none: BatchedInsert;
	readonly #few: BatchedInsert;
	readonly #many: BatchedInsert;
	readonly #windows: CallWindows;
	#lastCaller = 0;
	#rows = 0;

	constructor(database: Database.Database, timeBase: bigint, place: PlaceCode) {
		this.#scale = place.scale;
		this.#callers = new BatchedInsert(database, "caller", [
			"id",
			"utid",
			"pid",
			"tid",
			"comm",
			"name",
		]);
		const [none, few, many] = WIDTHS.map(
			(width) =>
				new BatchedInsert(database, "syscall_row", [
					timeColumn("ts", timeBase),
					"place",
					...COLUMNS.slice(0, 2 + width),
				]),
		) as [BatchedInsert, BatchedInsert, BatchedInsert];
		this.#none = none;
		this.#few = few;
		this.#many = many;
		this.#windows = new CallWindows(database, timeBase);
	}

	get rows(): number {
		return this.#rows;
	}

	get callers(): number {
		return this.#lastCaller;
	}

	/** Number of a new dictionary row; (ts, caller, cpu) of a call must be unique. */
	caller(utid: number, pid: number, tid: number, comm: string | null, name: string): number {
		const id = ++this.#lastCaller;
		this.#callers.add(id, utid, pid, tid, comm, name);
		return id;
	}

	/** `dur` and `ret` are NaN where there is none. */
	add(
		ts: number,
		caller: number,
		cpu: number,
		dur: number,
		ret: Argument,
		args: CallArguments | undefined,
	): void {
		this.#rows++;
		this.#windows.add(ts, caller, dur, ret);
		const count = args === undefined ? 0 : args.count;
		const width = count === 0 ? 0 : count <= 3 ? 3 : 6;
		const rows = width === 0 ? this.#none : width === 3 ? this.#few : this.#many;
		const { values } = rows;
		let to = rows.at;
		values[to++] = ts;
		values[to++] = caller * this.#scale + cpu;
		values[to++] = dur;
		values[to++] = ret;
		if (args !== undefined) {
			const { numbers, at, wide } = args;
			for (let index = 0; index < width; index++) {
				if (index >= count) values[to++] = Number.NaN;
				else if (wide === undefined) values[to++] = numbers[at + index] as number;
				else values[to++] = wide[index] as Argument;
			}
		}
		rows.at = to;
		rows.rowAdded();
	}

	/** No call will come any more. */
	finish(): void {
		this.flush();
		this.#windows.finish();
	}

	flush(): void {
		this.#callers.flush();
		this.#none.flush();
		this.#few.flush();
		this.#many.flush();
	}
}
