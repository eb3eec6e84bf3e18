import { GAP } from "./table.js";

const LONGEST = 50;
const SHORTEST = 8;
/** Where the output is no terminal. */
const UNLIMITED = 40;

/** Columns for a bar in a line that has these others. */
export function barLength(others: readonly number[], terminalWidth: number | undefined): number {
	if (terminalWidth === undefined) return UNLIMITED;
	const taken = others.reduce((sum, width) => sum + width + GAP.length, 0);
	return Math.min(LONGEST, Math.max(SHORTEST, terminalWidth - taken));
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** A bar of `length` columns for the largest value; what is there at all is drawn. */
export function drawBar(value: number, largest: number, length: number): string {
	if (value <= 0 || largest <= 0) return "";
	const eighths = Math.max(1, Math.round((value / largest) * length * 8));
	return "█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
}
