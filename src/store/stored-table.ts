import type { InsertColumn } from "./batched-insert.js";

/** A table whose rows are given one by one; calls and slices come in blocks. */
export interface StoredTable {
	readonly name: string;
	readonly columns: readonly (string | InsertColumn)[];
	/** Rows to a statement. */
	readonly batch: number;
}
