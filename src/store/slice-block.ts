const ROWS = 8192;
const BYTES = ROWS * (8 + 8 + 4 + 2 + 2);

/** Slices in columns: what one thread can give to another without copying. */
export class SliceBlock {
	rows = 0;
	/** ns since the time base. */
	readonly ts: Float64Array;
	/** ns; NaN when nobody knows how the slice ended. */
	readonly dur: Float64Array;
	readonly thread: Int32Array;
	readonly cpu: Uint16Array;
	/** Index in `endStates`. */
	readonly endState: Uint16Array;

	/** `buffer` is one that another block had. */
	constructor(readonly buffer: ArrayBuffer = new ArrayBuffer(BYTES)) {
		let at = 0;
		const take = (bytes: number): number => {
			at += bytes;
			return at - bytes;
		};
		this.ts = new Float64Array(buffer, take(ROWS * 8), ROWS);
		this.dur = new Float64Array(buffer, take(ROWS * 8), ROWS);
		this.thread = new Int32Array(buffer, take(ROWS * 4), ROWS);
		this.cpu = new Uint16Array(buffer, take(ROWS * 2), ROWS);
		this.endState = new Uint16Array(buffer, take(ROWS * 2), ROWS);
	}

	get full(): boolean {
		return this.rows === ROWS;
	}

	add(ts: number, thread: number, cpu: number, dur: number, endState: number): void {
		const row = this.rows++;
		this.ts[row] = ts;
		this.thread[row] = thread;
		this.cpu[row] = cpu;
		this.dur[row] = dur;
		this.endState[row] = endState;
	}

	clear(): void {
		this.rows = 0;
	}
}
