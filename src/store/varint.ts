/** Unsigned integers up to 2^53, seven bits a byte, lowest first; the top bit says that more follow. */
export class ByteWriter {
	#bytes = new Uint8Array(4096);
	#length = 0;

	varint(value: number): void {
		if (this.#length + 8 > this.#bytes.length) this.#grow();
		let rest = value;
		while (rest >= 0x80) {
			// & takes the low bits of larger numbers, too.
			this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
			rest = rest < 2 ** 31 ? rest >> 7 : Math.floor(rest / 0x80);
		}
		this.#bytes[this.#length++] = rest;
	}

	/** Valid until the next write. */
	bytes(): Buffer {
		return Buffer.from(this.#bytes.buffer, 0, this.#length);
	}

	clear(): void {
		this.#length = 0;
	}

	#grow(): void {
		const grown = new Uint8Array(this.#bytes.length * 2);
		grown.set(this.#bytes);
		this.#bytes = grown;
	}
}

export class ByteReader {
	readonly #bytes: Uint8Array;
	#at = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	get more(): boolean {
		return this.#at < this.#bytes.length;
	}

	varint(): number {
		const bytes = this.#bytes;
		let byte = bytes[this.#at++] ?? 0;
		if (byte < 0x80) return byte;
		let value = byte & 0x7f;
		let unit = 0x80;
		do {
			byte = bytes[this.#at++] ?? 0;
			value += (byte & 0x7f) * unit;
			unit *= 0x80;
		} while (byte >= 0x80);
		return value;
	}
}
