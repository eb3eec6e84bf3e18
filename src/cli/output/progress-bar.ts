import { formatDuration } from "../../base/time.js";
import { truncate } from "./terminal-text.js";

const APPEARS_AFTER_MS = 1000;
const REDRAW_MS = 100;
const BAR_WIDTH = 24;

/** The part of a terminal's stderr that a bar or a status line needs. */
export interface LineTarget {
	readonly isTTY?: boolean;
	readonly columns?: number;
	write(text: string): unknown;
}

/**
 * Progress on stderr for work that turns out to take over a second; silent when stderr is no
 * terminal. `update` is cheap enough to call per batch.
 */
export class ProgressBar {
	readonly #target: LineTarget;
	readonly #now: () => number;
	readonly #started: number;
	#drawnAt = Number.NEGATIVE_INFINITY;
	#visible = false;

	constructor(
		readonly label: string,
		target: LineTarget = process.stderr,
		now: () => number = () => performance.now(),
	) {
		this.#target = target;
		this.#now = now;
		this.#started = now();
	}

	/** `done` of `total` in any unit; an unknown total is 0. */
	update(done: number, total: number, note = ""): void {
		if (this.#target.isTTY !== true) return;
		const now = this.#now();
		const elapsed = now - this.#started;
		if (elapsed < APPEARS_AFTER_MS || now - this.#drawnAt < REDRAW_MS) return;
		this.#drawnAt = now;
		this.#visible = true;
		const text = `${this.label} ${barText(done, total, elapsed)}${note === "" ? "" : `  ${note}`}`;
		this.#target.write(`\r\x1b[K${truncate(text, (this.#target.columns || 80) - 1)}`);
	}

	/** Takes the bar off the screen. */
	close(): void {
		if (this.#visible) this.#target.write("\r\x1b[K");
		this.#visible = false;
	}

	[Symbol.dispose](): void {
		this.close();
	}
}

function barText(done: number, total: number, elapsedMs: number): string {
	if (total <= 0) return formatDuration(elapsedMs * 1e6);
	const share = Math.min(1, Math.max(0, done / total));
	const filled = Math.round(share * BAR_WIDTH);
	const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
	const left = share > 0 ? `, ${formatDuration((elapsedMs / share - elapsedMs) * 1e6)} left` : "";
	return `${bar} ${Math.floor(share * 100)} %${left}`;
}
