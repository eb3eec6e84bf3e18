export interface ColumnDoc {
	readonly meaning: string;
	/** Of a number; absent: it has none, or the column is text. */
	readonly unit?: string;
}

/** What docs/views.md says of a view; its columns in the order of the view's own. */
export interface ViewDoc {
	readonly name: string;
	/** What a row stands for. */
	readonly row: string;
	readonly columns: Readonly<Record<string, ColumnDoc>>;
	/** Set below the table: what a reader has to know beside it. */
	readonly notes?: string;
}
