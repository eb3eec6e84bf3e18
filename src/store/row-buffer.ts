/** NaN is stored as NULL: that way a column of numbers needs no other type on its way. */
export type BoundValue = number | bigint | string | Uint8Array | null;

/**
 * Rows of one table on their way, many delivered at once. The values lie flat in `values`; a caller
 * fills `columns` of them from `at` and calls `rowAdded`, or uses `add` where speed is no matter.
 */
export abstract class RowBuffer {
	readonly columns: number;
	readonly values: BoundValue[];
	/** Index in `values` where the next row begins. */
	at = 0;

	constructor(columns: number, rows: number) {
		this.columns = columns;
		this.values = new Array<BoundValue>(rows * columns).fill(null);
	}

	add(...row: BoundValue[]): void {
		if (row.length !== this.columns) throw new Error(`${row.length} values, not ${this.columns}`);
		for (const value of row) this.values[this.at++] = value;
		this.rowAdded();
	}

	rowAdded(): void {
		if (this.at < this.values.length) return;
		this.at = 0;
		this.deliver(this.values);
	}

	/** Delivers what is still waiting. */
	flush(): void {
		if (this.at === 0) return;
		const waiting = this.values.slice(0, this.at);
		this.at = 0;
		this.deliver(waiting);
	}

	/** Takes whole rows; what it is given is its own only until it returns. */
	protected abstract deliver(values: readonly BoundValue[]): void;
}
