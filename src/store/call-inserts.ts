import type Database from "better-sqlite3";
import { BatchedInsert } from "./batched-insert.js";
import { type CallBlock, RESULT, type WideValue } from "./call-block.js";
import { NO_PATHS } from "./call-path-tables.js";
import type { PlaceCode } from "./place.js";
import type { BoundValue } from "./row-buffer.js";
import { timeColumn } from "./time-column.js";

const COLUMNS = ["dur", "ret", "arg0", "arg1", "arg2", "arg3", "arg4", "arg5"] as const;
const RESULT_AT = 3;
/** Calls with no, up to 3 and up to 6 arguments: binding a NULL costs as much as binding a value. */
const WIDTHS = [0, 3, 6] as const;
/** Values of a row before its arguments, or before its paths: ts, place, dur, ret. */
const BEFORE_PATHS = 4;

/** Writes blocks of system calls. */
export class CallInserts {
	readonly #scale: number;
	/** Whether calls have paths. */
	readonly #strings: boolean;
	readonly #none: BatchedInsert;
	readonly #few: BatchedInsert;
	readonly #many: BatchedInsert;
	#rows = 0;
	#naming = 0;

	constructor(database: Database.Database, timeBase: bigint, place: PlaceCode, strings: boolean) {
		this.#scale = place.scale;
		this.#strings = strings;
		const paths = strings ? ["paths"] : [];
		const [none, few, many] = WIDTHS.map(
			(width) =>
				new BatchedInsert(database, "syscall_row", [
					timeColumn("ts", timeBase),
					"place",
					...COLUMNS.slice(0, 2),
					...paths,
					...COLUMNS.slice(2, 2 + width),
				]),
		) as [BatchedInsert, BatchedInsert, BatchedInsert];
		this.#none = none;
		this.#few = few;
		this.#many = many;
	}

	/** Those that name something. */
	get naming(): number {
		return this.#naming;
	}

	get rows(): number {
		return this.#rows;
	}

	insert(block: CallBlock): void {
		const { rows, ts, caller, cpu, dur, ret, paths, args, argumentCount, wide } = block;
		const strings = this.#strings;
		let from = 0;
		let nextWide = 0;
		for (let row = 0; row < rows; row++) {
			const count = argumentCount[row] as number;
			const width = count === 0 ? 0 : count <= 3 ? 3 : 6;
			const into = width === 0 ? this.#none : width === 3 ? this.#few : this.#many;
			const { values } = into;
			const at = into.at;
			values[at] = ts[row] as number;
			values[at + 1] = (caller[row] as number) * this.#scale + (cpu[row] as number);
			values[at + 2] = dur[row] as number;
			values[at + 3] = ret[row] as number;
			let first = at + BEFORE_PATHS;
			if (strings) {
				const named = paths[row] as number;
				values[first++] = named;
				if (named !== NO_PATHS) this.#naming++;
			}
			for (let index = 0; index < width; index++) {
				values[first + index] = index < count ? (args[from + index] as number) : Number.NaN;
			}
			from += count;
			if (nextWide < wide.length) nextWide = putWide(values, at, first, row, wide, nextWide);
			into.at = first + width;
			into.rowAdded();
		}
		this.#rows += rows;
	}

	flush(): void {
		this.#none.flush();
		this.#few.flush();
		this.#many.flush();
	}
}

/** Puts a row's wide values in their places; returns the index of the next row's. */
function putWide(
	values: BoundValue[],
	at: number,
	first: number,
	row: number,
	wide: readonly WideValue[],
	from: number,
): number {
	let next = from;
	for (let each = wide[next]; each !== undefined && each.row === row; each = wide[++next]) {
		values[each.argument === RESULT ? at + RESULT_AT : first + each.argument] = each.value;
	}
	return next;
}
