import { DELIMITED, FIXED32, FIXED64, VARINT } from "./protobuf-descriptor.js";

/** A varint's most bytes: ten groups of 7 bits are 64. */
const VARINT_MAX = 10;

/** Values of protobuf's wire format, one after the other. @throws RangeError past the end. */
export class WireReader {
	readonly #bytes: Buffer;
	#at = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	get position(): number {
		return this.#at;
	}

	/** A varint's low 32 bits; longer ones are read to their end. */
	varint32(): number {
		let value = 0;
		for (let index = 0; index < VARINT_MAX; index++) {
			const byte = this.#bytes.readUInt8(this.#at++);
			if (index < 5) value |= (byte & 0x7f) << (7 * index);
			if (byte < 0x80) return value >>> 0;
		}
		throw new RangeError("a varint without end");
	}

	fixed64(): bigint {
		return this.#bytes.readBigUInt64LE(this.#advance(8));
	}

	text(): string {
		const length = this.varint32();
		const start = this.#advance(length);
		return this.#bytes.toString("utf8", start, start + length);
	}

	/** A copy. */
	bytes(): Uint8Array {
		const length = this.varint32();
		const start = this.#advance(length);
		return new Uint8Array(this.#bytes.subarray(start, start + length));
	}

	/** Passes over a value of a field that is not known. */
	skip(wireType: number): void {
		switch (wireType) {
			case VARINT:
				this.varint32();
				break;
			case FIXED64:
				this.#advance(8);
				break;
			case DELIMITED:
				this.#advance(this.varint32());
				break;
			case FIXED32:
				this.#advance(4);
				break;
			default:
				// 3 and 4 are groups, which proto3 does not have.
				throw new RangeError(`wire type ${wireType}`);
		}
	}

	/** Where the next `length` bytes start; goes behind them. */
	#advance(length: number): number {
		const start = this.#at;
		if (length > this.#bytes.length - start) throw new RangeError("runs past the end");
		this.#at = start + length;
		return start;
	}
}
