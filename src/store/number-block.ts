const ROWS = 4096;

/** Rows of one table whose columns are all numbers: what one thread can give to another. */
export class NumberBlock {
	rows = 0;
	/** Row after row; NaN is stored as NULL. */
	readonly values: Float64Array;

	/** `buffer` is one that another block of the same table had. */
	constructor(
		readonly table: string,
		readonly columns: number,
		readonly buffer: ArrayBuffer = new ArrayBuffer(ROWS * columns * 8),
	) {
		this.values = new Float64Array(buffer);
	}

	get full(): boolean {
		return this.rows === ROWS;
	}

	/** Index in `values` of a new row. */
	newRow(): number {
		return this.rows++ * this.columns;
	}

	clear(): void {
		this.rows = 0;
	}
}
