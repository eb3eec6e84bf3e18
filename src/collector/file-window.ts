import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** What a growing file's writer says of it. */
export interface LiveSource {
	/** Bytes written so far, counted in whole sub-buffers (or messages). */
	sealedBytes(): number;
	/** No record after `sealedBytes`, read later than this, is older: ns since the time base. */
	idleUntil(): number;
	/** The file will not grow any more. */
	ended(): boolean;
}

const DEFAULT_CHUNK = 1024 * 1024;

/** A file read forward in large chunks through one buffer, which holds the part in use whole. */
export class FileWindow {
	/** Both are replaced when a `load` needs more room. */
	bytes: Uint8Array<ArrayBuffer>;
	view: DataView;
	/** File offset up to which there is something to read; moves on `refresh`. */
	limit = 0;
	/** Nothing will come after `limit`. */
	final = false;
	/** As of the last refresh; everything sealed before it is below `limit`. */
	idleUntil = 0;

	readonly #fd: number;
	readonly #live: LiveSource | undefined;
	readonly #chunk: number;
	#start = 0;
	#filled = 0;
	#closed = false;

	constructor(path: string, live?: LiveSource, chunk = DEFAULT_CHUNK) {
		this.#chunk = chunk;
		this.#fd = openSync(path, "r");
		this.#live = live;
		if (live === undefined) {
			this.final = true;
			this.limit = fstatSync(this.#fd).size;
		}
		// A session may hold thousands of small files.
		this.bytes = new Uint8Array(live === undefined ? Math.min(this.limit, chunk) : chunk);
		this.view = new DataView(this.bytes.buffer);
	}

	/** Asks a live source how far it is. In this order, so that no answer is newer than the next. */
	refresh(): void {
		if (this.#live === undefined || this.final) return;
		const ended = this.#live.ended();
		this.idleUntil = Math.max(this.idleUntil, this.#live.idleUntil());
		this.limit = Math.max(this.limit, this.#live.sealedBytes());
		this.final = ended;
	}

	/**
	 * Brings [offset, offset + length) into the buffer as far as the limit allows and returns the
	 * index of `offset` in it. Earlier indices are void when the bytes had to be moved.
	 */
	load(offset: number, length: number): number {
		const wanted = Math.min(offset + length, this.limit);
		if (offset >= this.#start && wanted <= this.#start + this.#filled) return offset - this.#start;
		this.#moveTo(offset, wanted - offset);
		while (offset + this.#filled < wanted) {
			const room = Math.min(this.bytes.length - this.#filled, this.limit - offset - this.#filled);
			const read = readSync(this.#fd, this.bytes, this.#filled, room, offset + this.#filled);
			// Shorter than it said: somebody cut the file since.
			if (read === 0) this.limit = offset + this.#filled;
			if (read === 0) break;
			this.#filled += read;
		}
		return 0;
	}

	/** Bytes that lie in the buffer from this file offset on. */
	loaded(offset: number): number {
		return Math.max(0, Math.min(this.#start + this.#filled, this.limit) - offset);
	}

	/** File offset of the first `pattern` at or after `from`, before `until`; -1: none. */
	find(pattern: Uint8Array, from: number, until: number): number {
		for (let at = from; at + pattern.length <= Math.min(until, this.limit); ) {
			const index = this.load(at, Math.max(pattern.length, this.#chunk >> 4));
			const loaded = this.loaded(at);
			if (loaded < pattern.length) return -1;
			const hit = Buffer.from(this.bytes.buffer, index, loaded).indexOf(pattern);
			if (hit >= 0) return at + hit < until ? at + hit : -1;
			at += loaded - pattern.length + 1;
		}
		return -1;
	}

	close(): void {
		if (!this.#closed) closeSync(this.#fd);
		this.#closed = true;
	}

	#moveTo(offset: number, length: number): void {
		const kept = offset >= this.#start ? Math.max(0, this.#start + this.#filled - offset) : 0;
		const from = offset - this.#start;
		if (length > this.bytes.length) {
			const grown = new Uint8Array(2 ** Math.ceil(Math.log2(length)));
			if (kept > 0) grown.set(this.bytes.subarray(from, from + kept));
			this.bytes = grown;
			this.view = new DataView(grown.buffer);
		} else if (kept > 0) {
			this.bytes.copyWithin(0, from, from + kept);
		}
		this.#start = offset;
		this.#filled = kept;
	}
}
