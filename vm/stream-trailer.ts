import { Transform, type TransformCallback } from "node:stream";

/**
 * Passes a stream through up to a trailer that the writer ends it with, and tells when it came. The
 * guest's ports have no end of file: only a mark in the stream itself proves that all of it came.
 */
export class StreamTrailer extends Transform {
	readonly #trailer: Buffer;
	readonly #onEnd: () => void;
	/** The longest tail of the input so far that may be the beginning of the trailer. */
	#held = Buffer.alloc(0);
	#ended = false;

	constructor(trailer: string, onEnd: () => void) {
		super();
		this.#trailer = Buffer.from(trailer, "latin1");
		this.#onEnd = onEnd;
	}

	override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
		if (this.#ended) {
			done();
			return;
		}
		const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
		const end = bytes.indexOf(this.#trailer);
		const keep = end === -1 ? bytes.length - this.#possibleStart(bytes) : end;
		if (keep > 0) this.push(bytes.subarray(0, keep));
		this.#held = Buffer.from(bytes.subarray(keep));
		done();
		if (end === -1) return;
		this.#ended = true;
		this.#held = Buffer.alloc(0);
		this.#onEnd();
	}

	override _flush(done: TransformCallback): void {
		// The machine died before the trailer: what was held back is output after all.
		if (this.#held.length > 0) this.push(this.#held);
		done();
	}

	#possibleStart(bytes: Buffer): number {
		const longest = Math.min(bytes.length, this.#trailer.length - 1);
		for (let length = longest; length > 0; length -= 1) {
			const tail = bytes.subarray(bytes.length - length);
			if (tail.equals(this.#trailer.subarray(0, length))) return length;
		}
		return 0;
	}
}
