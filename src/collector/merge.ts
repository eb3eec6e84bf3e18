import { Heap } from "../base/heap.js";
import type { CursorState, RecordCursor } from "./record-cursor.js";

interface Source {
	readonly cursor: RecordCursor;
	/** Decides between equal times: the order is the same every time. */
	readonly index: number;
}

/**
 * Many streams as one, ordered by (ts, position of the stream in the list). A record is held back
 * while an idle stream might still bring an older one, and no longer.
 */
export class Merge {
	readonly #cursors: readonly RecordCursor[];
	/** Sources at a record, but for #top, which comes before them all. */
	readonly #waiting = new Heap<Source>(before);
	#idle: Source[];
	#top: Source | undefined;
	/** #top's record was handed out: it must move before anything else. */
	#taken = false;
	/** Below this #top needs no comparison: no other record or idle floor is as old. */
	#clear = Number.NEGATIVE_INFINITY;

	constructor(cursors: readonly RecordCursor[]) {
		this.#cursors = cursors;
		// A source that was never asked yet is idle, too.
		this.#idle = cursors.map((cursor, index) => ({ cursor, index }));
	}

	/** The cursor whose record is next; after `next()` said `record`, until it is called again. */
	get current(): RecordCursor {
		if (this.#top === undefined || !this.#taken) throw new Error("no current record");
		return this.#top.cursor;
	}

	/** `idle`: nothing can be handed out for now; ask again later. */
	next(): CursorState {
		const top = this.#top;
		if (top !== undefined && this.#taken) {
			const state = top.cursor.advance();
			// One CPU's records come in runs: most of the time the top stays the top.
			if (state === "record" && top.cursor.ts < this.#clear) return "record";
			this.#taken = false;
			this.#replaceTop(top, state);
		}
		return this.#choose();
	}

	close(): void {
		for (const cursor of this.#cursors) cursor.close();
	}

	#replaceTop(top: Source, state: CursorState): void {
		if (state === "record") {
			const first = this.#waiting.peek();
			if (first !== undefined && before(first, top)) this.#top = this.#waiting.replaceTop(top);
			return;
		}
		if (state === "idle") this.#idle.push(top);
		this.#top = this.#waiting.pop();
	}

	#choose(): CursorState {
		if (this.#idle.length > 0) this.#pollBlocking();
		const top = this.#top;
		if (top === undefined) return this.#idle.length > 0 ? "idle" : "ended";
		for (const source of this.#idle) if (blocks(source, top)) return "idle";
		let clear = this.#waiting.peek()?.cursor.ts ?? Number.POSITIVE_INFINITY;
		for (const { cursor } of this.#idle) clear = Math.min(clear, cursor.idleUntil);
		this.#clear = clear;
		this.#taken = true;
		return "record";
	}

	/** Asks the idle sources that hold the top back whether they have got further. */
	#pollBlocking(): void {
		for (const source of [...this.#idle]) {
			if (this.#top === undefined || blocks(source, this.#top)) this.#poll(source);
		}
	}

	#poll(source: Source): void {
		const state = source.cursor.advance();
		if (state === "idle") return;
		this.#idle = this.#idle.filter((other) => other !== source);
		if (state === "ended") return;
		if (this.#top === undefined) this.#top = source;
		else if (before(source, this.#top)) {
			this.#waiting.push(this.#top);
			this.#top = source;
		} else this.#waiting.push(source);
	}
}

function before(a: Source, b: Source): boolean {
	const difference = a.cursor.ts - b.cursor.ts;
	return difference < 0 || (difference === 0 && a.index < b.index);
}

/** Whether the idle source could still bring a record that goes before the top's. */
function blocks(idle: Source, top: Source): boolean {
	const difference = idle.cursor.idleUntil - top.cursor.ts;
	return difference < 0 || (difference === 0 && idle.index < top.index);
}
