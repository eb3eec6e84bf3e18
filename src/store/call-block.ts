export type Argument = number | bigint;

/** Arguments of a call: numbers where they are exact, from `at` on; all of `wide` where one is not. */
export interface CallArguments {
	readonly numbers: Float64Array;
	at: number;
	count: number;
	wide: readonly Argument[] | undefined;
}

/** A value that no double holds: the column's own place has a NaN. */
export interface WideValue {
	readonly row: number;
	/** Index of the argument; -1 for the call's result. */
	readonly argument: number;
	readonly value: bigint;
}

const ROWS = 8192;
/** On average; a call has up to 6. */
const ARGUMENTS_A_ROW = 4;
export const ARGUMENTS_MAX = 6;
/** Index that a call's result has among its wide values. */
export const RESULT = -1;

const BYTES = ROWS * (8 + 8 + 8 + 8 * ARGUMENTS_A_ROW + 4 + 4 + 2 + 1);

/** System calls in columns: what one thread can give to another without copying. */
export class CallBlock {
	rows = 0;
	/** ns since the time base. */
	readonly ts: Float64Array;
	/** ns; NaN where there is none, as of `ret`. */
	readonly dur: Float64Array;
	readonly ret: Float64Array;
	/** Of all calls, one after the other, `argumentCount` each. */
	readonly args: Float64Array;
	readonly caller: Int32Array;
	/** Row of `call_paths`; written where the session has strings. */
	readonly paths: Int32Array;
	readonly cpu: Uint16Array;
	readonly argumentCount: Uint8Array;
	/** In the order of rows. */
	wide: WideValue[] = [];
	#arguments = 0;

	/** `buffer` is one that another block had. */
	constructor(readonly buffer: ArrayBuffer = new ArrayBuffer(BYTES)) {
		let at = 0;
		const take = (bytes: number): number => {
			at += bytes;
			return at - bytes;
		};
		this.ts = new Float64Array(buffer, take(ROWS * 8), ROWS);
		this.dur = new Float64Array(buffer, take(ROWS * 8), ROWS);
		this.ret = new Float64Array(buffer, take(ROWS * 8), ROWS);
		this.args = new Float64Array(buffer, take(ROWS * 8 * ARGUMENTS_A_ROW), ROWS * ARGUMENTS_A_ROW);
		this.caller = new Int32Array(buffer, take(ROWS * 4), ROWS);
		this.paths = new Int32Array(buffer, take(ROWS * 4), ROWS);
		this.cpu = new Uint16Array(buffer, take(ROWS * 2), ROWS);
		this.argumentCount = new Uint8Array(buffer, take(ROWS), ROWS);
	}

	/** Whether another call might not fit. */
	get full(): boolean {
		return this.rows === ROWS || this.#arguments + ARGUMENTS_MAX > this.args.length;
	}

	/** `dur` and `ret` are NaN where there is none. */
	add(
		ts: number,
		caller: number,
		cpu: number,
		dur: number,
		ret: Argument,
		args: CallArguments | undefined,
		paths: number,
	): void {
		const row = this.rows++;
		this.ts[row] = ts;
		this.caller[row] = caller;
		this.paths[row] = paths;
		this.cpu[row] = cpu;
		this.dur[row] = dur;
		this.ret[row] = typeof ret === "number" ? ret : this.#widen(row, RESULT, ret);
		this.argumentCount[row] = args === undefined ? 0 : args.count;
		if (args !== undefined) this.#addArguments(row, args);
	}

	/** Empties it for other calls. */
	clear(): void {
		this.rows = 0;
		this.wide = [];
		this.#arguments = 0;
	}

	#addArguments(row: number, { numbers, at, count, wide }: CallArguments): void {
		const to = this.#arguments;
		this.#arguments += count;
		for (let index = 0; index < count; index++) {
			const value =
				wide === undefined ? (numbers[at + index] as number) : (wide[index] as Argument);
			this.args[to + index] = typeof value === "number" ? value : this.#widen(row, index, value);
		}
	}

	#widen(row: number, argument: number, value: bigint): number {
		this.wide.push({ row, argument, value });
		return Number.NaN;
	}
}
