import type { SqlValue } from "../analyze/query/query-database.js";

/** What tells a row of a view from its others; where it is not the thread that did it. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
	block_requests: ["ts", "dev", "sector"],
	block_ios: ["ts", "dev", "sector"],
	files: ["ts", "dev", "ino"],
	losses: ["ts_begin", "channel", "cpu"],
};

/** A view that rules ask: which columns of its rows are read, and where they are in a row. */
export class AuditedView {
	readonly name: string;
	readonly columns: readonly string[];
	readonly key: readonly string[];
	readonly #places: ReadonlyMap<string, number>;

	constructor(name: string, all: readonly string[], wanted: Iterable<string>) {
		this.name = name;
		this.key = keyColumns(name, all);
		const known = ["pid", "comm"].filter((column) => all.includes(column));
		this.columns = [...new Set(["ts", ...this.key, ...known, ...wanted])];
		this.#places = new Map(this.columns.map((column, index) => [column, index]));
	}

	value(row: AuditRow, column: string): SqlValue {
		const place = this.#places.get(column);
		return place === undefined ? null : (row.values[place] ?? null);
	}
}

export interface AuditRow {
	readonly view: AuditedView;
	readonly ts: bigint;
	readonly values: readonly SqlValue[];
}

export function cellOf(row: AuditRow, column: string): SqlValue {
	return row.view.value(row, column);
}

/** The values of the row's key, joined by slashes: `source_id` of an alert. */
export function rowId(row: AuditRow): string {
	return row.view.key.map((column) => String(cellOf(row, column) ?? "")).join("/");
}

function keyColumns(view: string, columns: readonly string[]): readonly string[] {
	const known = KEYS[view];
	if (known !== undefined) return known;
	return ["ts", "tid", "cpu"].filter((column) => columns.includes(column)).slice(0, 2);
}
