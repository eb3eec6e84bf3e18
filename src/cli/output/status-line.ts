import type { LineTarget } from "./progress-bar.js";
import { printable, truncate } from "./terminal-text.js";

/**
 * One line of stderr that is rewritten in place while something runs; nothing at all when stderr is
 * no terminal. Other output to the terminal goes between `clear` and the next `show`.
 */
export class StatusLine {
	readonly #target: LineTarget;
	#shown = "";

	constructor(target: LineTarget = process.stderr) {
		this.#target = target;
	}

	/** False: `show` does nothing, so what it shows need not be worked out. */
	get enabled(): boolean {
		return this.#target.isTTY === true;
	}

	show(text: string): void {
		if (!this.enabled) return;
		// One column short of the edge: a full line would make some terminals scroll.
		const line = truncate(printable(text), (this.#target.columns || 80) - 1);
		if (line === this.#shown) return;
		this.#shown = line;
		this.#target.write(`\r\x1b[K${line}`);
	}

	clear(): void {
		if (this.#shown !== "") this.#target.write("\r\x1b[K");
		this.#shown = "";
	}

	/** Leaves the last text on the screen and goes to the next line. */
	close(): void {
		if (this.#shown !== "") this.#target.write("\n");
		this.#shown = "";
	}

	[Symbol.dispose](): void {
		this.clear();
	}
}
