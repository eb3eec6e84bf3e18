import type { RowSet, SqlValue } from "../../analyze/query/query-database.js";
import { assertUnreachable } from "../../base/assert.js";
import { csvLines } from "../../export/csv.js";
import { hex, jsonRows, realText } from "../../export/json.js";
import { tableLines } from "./table.js";
import { printable } from "./terminal-text.js";
import { type TextSink, writeAll } from "./text-sink.js";

export type RowFormat = "table" | "json" | "csv";

/** Prints a query's answer as it is read; none of the formats holds all of it. */
export async function printRows(sink: TextSink, result: RowSet, format: RowFormat): Promise<void> {
	switch (format) {
		case "table":
			return writeAll(sink, rowTable(result, sink.width));
		case "json":
			return writeAll(sink, jsonRows(result));
		case "csv":
			return writeAll(sink, csvLines(result));
		default:
			return assertUnreachable(format);
	}
}

/** Rows looked at to tell numbers, which go to the right, from texts. */
const LOOKED_AT = 100;

function* rowTable(result: RowSet, width: number | undefined): Generator<string> {
	const first: (readonly SqlValue[])[] = [];
	while (first.length < LOOKED_AT) {
		const next = result.rows.next();
		if (next.done === true) break;
		first.push(next.value);
	}
	const columns = result.columns.map((name, index) => {
		const values = first.map((row) => row[index] ?? null).filter((value) => value !== null);
		const numeric =
			values.length > 0 &&
			values.every((value) => typeof value === "bigint" || typeof value === "number");
		return {
			title: printable(name),
			align: numeric ? ("right" as const) : ("left" as const),
			shrinks: !numeric,
		};
	});
	yield* tableLines(columns, cellsOf(first, result.rows), width);
	if (first.length === 0) yield "(no rows)\n";
}

function* cellsOf(
	first: readonly (readonly SqlValue[])[],
	rest: Iterable<readonly SqlValue[]>,
): Generator<string[]> {
	for (const row of first) yield row.map(cellText);
	for (const row of rest) yield row.map(cellText);
}

function cellText(value: SqlValue): string {
	if (value === null) return "NULL";
	if (typeof value === "string") return printable(value);
	if (typeof value === "number") return realText(value);
	return typeof value === "bigint" ? value.toString() : `x'${hex(value)}'`;
}
