import type { SessionFacts } from "../../analyze/query/session-facts.js";
import type { Cell, CellKind, ReportColumn, ReportTable } from "../../analyze/reports/report.js";
import { formatWallClock, type TimeRange } from "../../analyze/reports/time-range.js";
import type { Warning } from "../../analyze/reports/warnings.js";
import { assertUnreachable } from "../../base/assert.js";
import { formatDuration, formatOffset } from "../../base/time.js";
import { barLength, drawBar } from "./bar.js";
import { formatBytes, formatCount, formatCounted, formatPercent } from "./quantity.js";
import { columnWidths, type TableColumn, tableLines } from "./table.js";
import { printable } from "./terminal-text.js";
import { warningText } from "./warning-text.js";

export interface ReportText {
	readonly facts: SessionFacts;
	readonly range: TimeRange;
	readonly warnings: readonly Warning[];
	readonly tables: readonly ReportTable[];
}

/** A report as text: warnings first, then whose recording it is, then the tables. */
export function* reportText(report: ReportText, width: number | undefined): Generator<string> {
	for (const warning of report.warnings) yield `! ${warningText(warning)}\n`;
	if (report.warnings.length > 0) yield "\n";
	yield `${summaryLine(report.facts)}\n`;
	const range = rangeLine(report.range, report.facts);
	if (range !== undefined) yield `${range}\n`;
	for (const table of report.tables) {
		if (table.rows.length === 0 && table.whenEmpty === "") continue;
		yield "\n";
		yield* tableText(table, width);
	}
}

export function summaryLine(facts: SessionFacts): string {
	const recorded =
		facts.command.length === 0 ? "the system" : facts.command.map(shellWord).join(" ");
	const parts = [
		`${facts.host} (${facts.kernel} ${facts.machine})`,
		recorded,
		`from ${formatWallClock(facts.wallClockStart)}`,
		formatDuration(facts.end - facts.start),
		formatCounted(facts.records, "record"),
		`${formatCount(facts.lost)} lost`,
	];
	return printable(parts.join(" · "));
}

function shellWord(word: string): string {
	return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function rangeLine({ since, until }: TimeRange, facts: SessionFacts): string | undefined {
	if (since === undefined && until === undefined) return undefined;
	const from = since === undefined ? "the start" : formatOffset(since - facts.start);
	const to = until === undefined ? "the end" : formatOffset(until - facts.start);
	return `What began from ${from} to before ${to}`;
}

function* tableText(table: ReportTable, width: number | undefined): Generator<string> {
	if (table.rows.length === 0) {
		yield `${table.whenEmpty}\n`;
		return;
	}
	yield `${printable(table.title)}\n`;
	const columns = table.columns.map(({ title, kind, shrinks }) => ({
		title,
		align: LEFT.has(kind) ? ("left" as const) : ("right" as const),
		shrinks: shrinks === true,
	}));
	const rows = table.rows.map((row) =>
		table.columns.map((column, index) => cellOf(column, row[index])),
	);
	drawBars(table, columns, rows, width);
	yield* tableLines(columns, rows, width);
	if (table.omitted > 0) yield `… and ${formatCount(table.omitted)} more (--limit)\n`;
	for (const note of table.notes ?? []) yield `${note}\n`;
}

const LEFT: ReadonlySet<CellKind> = new Set(["text", "wall-clock", "bar"]);

/** Bars get what the other columns leave of the line. */
function drawBars(
	table: ReportTable,
	columns: readonly TableColumn[],
	rows: string[][],
	width: number | undefined,
): void {
	for (const [index, { kind }] of table.columns.entries()) {
		if (kind !== "bar") continue;
		const others = columnWidths(columns, rows).filter((_, other) => other !== index);
		const length = barLength(others, width);
		const values = table.rows.map((row) => Number(row[index] ?? 0));
		const largest = values.reduce((max, value) => Math.max(max, value), 0);
		for (const [at, row] of rows.entries()) row[index] = drawBar(values[at] ?? 0, largest, length);
	}
}

function cellOf(column: ReportColumn, cell: Cell | undefined): string {
	if (cell === null || cell === undefined) return "-";
	if (column.kind === "bar") return "";
	return typeof cell === "string" ? printable(cell) : numberText(column.kind, cell);
}

function numberText(kind: CellKind, value: number | bigint): string {
	switch (kind) {
		case "text":
		case "id":
		case "bar":
			return String(value);
		case "count":
			return formatCount(value);
		case "bytes":
			return formatBytes(value);
		case "duration":
			return formatDuration(value);
		case "offset":
			return formatOffset(value);
		case "percent":
			return formatPercent(Number(value));
		case "decimal":
			return Number(value).toFixed(2);
		case "wall-clock":
			return formatWallClock(BigInt(value));
		default:
			return assertUnreachable(kind);
	}
}
