/** A field's value; integers are a number whenever that is exact, else a bigint. */
export type DecodedValue = number | bigint | string | Buffer | readonly (number | bigint)[];

const HIGH = 0x1_0000_0000;
/** High words below this give an exact number. */
const EXACT_HIGH = 0x20_0000;

/** The unsigned 64-bit integer at `at`. */
export function readU64(view: DataView, at: number): number | bigint {
	const high = view.getUint32(at + 4, true);
	if (high < EXACT_HIGH) return high * HIGH + view.getUint32(at, true);
	return view.getBigUint64(at, true);
}

/** The signed 64-bit integer at `at`. */
export function readS64(view: DataView, at: number): number | bigint {
	const high = view.getInt32(at + 4, true);
	if (high >= -EXACT_HIGH && high < EXACT_HIGH) {
		const value = high * HIGH + view.getUint32(at, true);
		if (value >= Number.MIN_SAFE_INTEGER) return value;
	}
	return view.getBigInt64(at, true);
}

export function readU64Array(view: DataView, start: number, end: number): (number | bigint)[] {
	const values: (number | bigint)[] = [];
	for (let at = start; at < end; at += 8) values.push(readU64(view, at));
	return values;
}

let lastBytes: Uint8Array | undefined;
let lastBuffer: Buffer = Buffer.alloc(0);

/** Records come by the thousand from one array: making a Buffer of it each time would cost more. */
function bufferOver(bytes: Uint8Array): Buffer {
	if (bytes !== lastBytes) {
		lastBytes = bytes;
		lastBuffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}
	return lastBuffer;
}

/** UTF-8 text up to the first NUL: what lies behind one in a kernel buffer is stale. */
export function readText(bytes: Uint8Array, start: number, end: number): string {
	let ascii = true;
	let stop = start;
	for (; stop < end; stop++) {
		const byte = bytes[stop];
		if (byte === 0 || byte === undefined) break;
		if (byte > 127) ascii = false;
	}
	return bufferOver(bytes).toString(ascii ? "latin1" : "utf8", start, stop);
}

/** A copy: the source's bytes are reused for the records that follow. */
export function readBytes(bytes: Uint8Array, start: number, end: number): Buffer {
	return Buffer.from(bufferOver(bytes).subarray(start, end));
}
