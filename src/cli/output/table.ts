import { padEnd, padStart, textWidth, truncate } from "./terminal-text.js";

export interface TableColumn {
	readonly title: string;
	readonly align: "left" | "right";
	/** Gives way first when the terminal is too narrow. */
	readonly shrinks?: boolean;
}

/** Rows that set the widths of a table that is longer; the rest streams by. */
const MEASURED_ROWS = 1000;
export const GAP = "  ";
const NARROWEST = 8;

/**
 * Lines of a table: a header, a rule, the rows. Cells are printable text. With a terminal width,
 * the widest shrinking columns and then the lines are cut to it; without, nothing is ever cut.
 */
export function* tableLines(
	columns: readonly TableColumn[],
	rows: Iterable<readonly string[]>,
	terminalWidth: number | undefined,
): Generator<string> {
	const iterator = rows[Symbol.iterator]();
	const measured: (readonly string[])[] = [];
	let next = iterator.next();
	while (next.done !== true) {
		measured.push(next.value);
		if (measured.length === MEASURED_ROWS) break;
		next = iterator.next();
	}
	const widths = columnWidths(columns, measured);
	if (terminalWidth !== undefined) shrink(columns, widths, terminalWidth);
	const line = (cells: readonly string[]): string =>
		tableLine(columns, widths, cells, terminalWidth);

	yield line(columns.map((column) => column.title));
	yield line(widths.map((width) => "─".repeat(width)));
	for (const row of measured) yield line(row);
	if (measured.length < MEASURED_ROWS) return;
	for (next = iterator.next(); next.done !== true; next = iterator.next()) yield line(next.value);
}

export function columnWidths(
	columns: readonly TableColumn[],
	rows: readonly (readonly string[])[],
): number[] {
	return columns.map((column, index) =>
		rows.reduce(
			(width, row) => Math.max(width, textWidth(row[index] ?? "")),
			textWidth(column.title),
		),
	);
}

function tableLine(
	columns: readonly TableColumn[],
	widths: readonly number[],
	cells: readonly string[],
	terminalWidth: number | undefined,
): string {
	const padded = columns.map((column, index) => {
		const width = widths[index] ?? 0;
		const cell = cells[index] ?? "";
		const fitting = terminalWidth === undefined ? cell : truncate(cell, width);
		return column.align === "right" ? padStart(fitting, width) : padEnd(fitting, width);
	});
	const text = padded.join(GAP).trimEnd();
	return `${terminalWidth === undefined ? text : truncate(text, terminalWidth)}\n`;
}

function shrink(columns: readonly TableColumn[], widths: number[], terminalWidth: number): void {
	const total = (): number =>
		widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
	for (let over = total() - terminalWidth; over > 0; over = total() - terminalWidth) {
		let widest = -1;
		columns.forEach((column, index) => {
			if (column.shrinks !== true || (widths[index] ?? 0) <= NARROWEST) return;
			if (widest < 0 || (widths[index] ?? 0) > (widths[widest] ?? 0)) widest = index;
		});
		if (widest < 0) return;
		widths[widest] = (widths[widest] ?? 0) - 1;
	}
}
