const INITIAL_SIZE = 1 << 18;

/** Bytes that come in pieces, as one window: what was not taken yet moves to its front. */
export class ByteQueue {
	bytes = Buffer.alloc(INITIAL_SIZE);
	view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
	/** Indices of what there is. */
	start = 0;
	end = 0;
	/** Position of `bytes[0]` in the whole stream. */
	#origin = 0;

	/** Position in the whole stream. */
	offsetOf(index: number): number {
		return this.#origin + index;
	}

	append(piece: Uint8Array): void {
		this.#makeRoom(piece.length);
		this.bytes.set(piece, this.end);
		this.end += piece.length;
	}

	#makeRoom(length: number): void {
		const kept = this.end - this.start;
		const { bytes } = this;
		if (this.end + length <= bytes.length) return;
		if (kept + length > bytes.length) {
			this.bytes = Buffer.alloc(2 * (kept + length));
			this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
		}
		bytes.copy(this.bytes, 0, this.start, this.end);
		this.#origin += this.start;
		this.start = 0;
		this.end = kept;
	}
}
