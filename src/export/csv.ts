import type { RowSet, SqlValue } from "../analyze/query/query-database.js";
import { hex, realText } from "./json.js";

/**
 * A RowSet as CSV (RFC 4180: header line, CRLF, quotes doubled), a line at a time. NULL is nothing
 * between the commas and an empty text is `""`, so the two stay apart. Blobs are hexadecimal.
 */
export function* csvLines(result: RowSet): Generator<string> {
	yield `${result.columns.map(csvText).join(",")}\r\n`;
	for (const row of result.rows) yield `${row.map(csvValue).join(",")}\r\n`;
}

function csvValue(value: SqlValue): string {
	if (value === null) return "";
	if (typeof value === "string") return csvText(value);
	if (typeof value === "number") return realText(value);
	return typeof value === "bigint" ? value.toString() : hex(value);
}

function csvText(text: string): string {
	if (text !== "" && !/[",\r\n]/.test(text) && !/^\s|\s$/.test(text)) return text;
	return `"${text.replaceAll('"', '""')}"`;
}
