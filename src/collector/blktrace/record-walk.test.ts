import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	BLKTRACE_FORMATS,
	type BlktraceEvent,
	type BlktraceFormat,
	encodeBlktrace,
	kernelDevice,
} from "../../../test/blktrace-bytes.js";
import type { FaultCode } from "../../base/fault.js";
import { BLKTRACE_ACTION, BLKTRACE_CATEGORY, BLKTRACE_V7_SIZE } from "./layout.js";
import { BlktraceWalk } from "./record-walk.js";

const BASE = 10n ** 18n + 123n;

interface Walked {
	readonly records: BlktraceEvent[];
	readonly times: number[];
	readonly faults: { readonly code: FaultCode; readonly offset: number }[];
}

function walkPieces(pieces: Iterable<Uint8Array>): Walked {
	const walked: Walked = { records: [], times: [], faults: [] };
	const walk = new BlktraceWalk(BASE, (code, offset) => walked.faults.push({ code, offset }));
	const take = (): string => {
		let state = walk.advance();
		for (; state === "record"; state = walk.advance()) {
			const { dataAt, dataLength, bytes } = walk;
			walked.times.push(walk.ts);
			walked.records.push({
				time: BASE + BigInt(walk.ts),
				action: walk.action,
				category: walk.category,
				sequence: walk.sequence,
				sector: walk.sector,
				bytes: walk.length,
				pid: walk.pid,
				device: walk.device,
				cpu: walk.cpu,
				error: walk.error,
				data: new Uint8Array(bytes.subarray(dataAt, dataAt + dataLength)),
			});
		}
		return state;
	};
	for (const piece of pieces) {
		walk.append(piece);
		expect(take()).toBe("more");
	}
	walk.finish();
	expect(take()).toBe("ended");
	return walked;
}

const walkBytes = (bytes: Uint8Array): Walked => walkPieces([bytes]);

function* inPieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const arbitraryEvents = fc
	.array(
		fc.record({
			step: fc.integer({ min: 0, max: 900_000 }),
			action: fc.integer({ min: 0, max: 0xff }),
			category: fc.integer({ min: 0, max: 0xffff }),
			sequence: uint32,
			sector: fc.integer({ min: 0, max: 2 ** 48 }),
			bytes: uint32,
			pid: uint32,
			device: uint32,
			cpu: fc.integer({ min: 0, max: 8191 }),
			error: fc.integer({ min: 0, max: 0xffff }),
			data: fc.uint8Array({ maxLength: 40 }),
		}),
		{ minLength: 1, maxLength: 30 },
	)
	.map((list) => {
		let time = BASE;
		return list.map(({ step, ...rest }): BlktraceEvent => {
			time += BigInt(step);
			return { ...rest, time };
		});
	});
const arbitraryFormat = fc.constantFrom(...BLKTRACE_FORMATS);
const encodeAll = (events: readonly BlktraceEvent[], format: BlktraceFormat): Buffer =>
	Buffer.concat(events.map((event) => encodeBlktrace(event, format)));

describe("whole records", () => {
	test("of any content, version and byte order come back, in pieces of any size", () => {
		fc.assert(
			fc.property(
				arbitraryEvents,
				arbitraryFormat,
				fc.integer({ min: 1, max: 200 }),
				(events, format, size) => {
					const walked = walkPieces(inPieces(encodeAll(events, format), size));
					expect(walked.faults).toEqual([]);
					expect(walked.records).toEqual(events);
				},
			),
		);
	});

	test("categories beyond 16 bits are version 8's", () => {
		const event = {
			time: BASE,
			action: BLKTRACE_ACTION.issue,
			category: BLKTRACE_CATEGORY.zoneClose | BLKTRACE_CATEGORY.issue,
		};
		for (const littleEndian of [true, false]) {
			const { records } = walkBytes(encodeBlktrace(event, { version: 8, littleEndian }));
			expect(records[0]?.category).toBe(event.category);
		}
	});

	test("a note's data of 64 KiB is more than a piece", () => {
		const data = new Uint8Array(65535).fill(7);
		const bytes = encodeAll(
			[1n, 2n, 3n].map((step) => ({ time: BASE + step, action: 2, data })),
			{ version: 7, littleEndian: true },
		);
		const { records, faults } = walkPieces(inPieces(bytes, 4096));
		expect(faults).toEqual([]);
		expect(records.map((record) => record.data?.length)).toEqual([65535, 65535, 65535]);
	});

	test("nothing is no record and no fault", () => {
		expect(walkBytes(new Uint8Array())).toEqual({ records: [], times: [], faults: [] });
	});
});

describe("damage", () => {
	const format: BlktraceFormat = { version: 7, littleEndian: true };
	const events = Array.from({ length: 10 }, (_, index) => ({
		time: BASE + BigInt(index) * 1000n,
		action: BLKTRACE_ACTION.queue,
		sequence: index + 1,
		device: kernelDevice(259, 1),
	}));
	const SIZE = 48;
	const sequences = ({ records }: Walked): (number | undefined)[] =>
		records.map(({ sequence }) => sequence);

	test("a record whose magic is damaged is left out, and no other", () => {
		const bytes = encodeAll(events, format);
		bytes[3 * SIZE] = 0;
		bytes[3 * SIZE + 1] = 0;
		const walked = walkBytes(bytes);
		expect(walked.faults).toEqual([{ code: "bad-magic", offset: 3 * SIZE }]);
		expect(sequences(walked)).toEqual([1, 2, 3, 5, 6, 7, 8, 9, 10]);
	});

	test("a length that reaches over others does not swallow them", () => {
		for (const length of [0x0100, 0xffff]) {
			const bytes = encodeAll(events, format);
			bytes.writeUInt16LE(length, 4 * SIZE + 46);
			const walked = walkBytes(bytes);
			expect(walked.faults).toHaveLength(1);
			expect(walked.faults[0]?.offset).toBe(4 * SIZE);
			expect(sequences(walked)).toEqual([1, 2, 3, 4, 6, 7, 8, 9, 10]);
		}
	});

	test("a time in the far future does not drag the others along", () => {
		for (const time of [2n ** 64n - 1n, BASE + 10n ** 15n]) {
			const bytes = encodeAll(events, format);
			bytes.writeBigUInt64LE(time, 5 * SIZE + 8);
			const walked = walkBytes(bytes);
			expect(walked.faults).toEqual([{ code: "bad-time", offset: 5 * SIZE }]);
			expect(walked.times).toEqual([0, 1000, 2000, 3000, 4000, 4000, 6000, 7000, 8000, 9000]);
		}
	});

	test("a time in the past is taken for the latest", () => {
		const bytes = encodeAll(events, format);
		bytes.writeBigUInt64LE(17n, 5 * SIZE + 8);
		const walked = walkBytes(bytes);
		expect(walked.faults).toEqual([{ code: "time-backwards", offset: 5 * SIZE }]);
		expect(walked.times[5]).toBe(4000);
		expect(walked.times[6]).toBe(6000);
	});

	test("a file that was cut ends with its last whole record", () => {
		const bytes = encodeAll(events, format);
		for (const cut of [1, 20, 47]) {
			const walked = walkBytes(bytes.subarray(0, bytes.length - cut));
			expect(walked.faults).toEqual([{ code: "truncated", offset: 9 * SIZE }]);
			expect(walked.records).toHaveLength(9);
		}
	});

	test("each record of a version that nobody reads is a fault", () => {
		const bytes = encodeAll(events, format);
		bytes[2 * SIZE] = 6;
		bytes[3 * SIZE] = 9;
		const walked = walkBytes(bytes);
		expect(walked.faults.map(({ code }) => code)).toEqual(["bad-version", "bad-version"]);
		expect(walked.records).toHaveLength(8);
	});

	test("what is no trace at all is one fault", () => {
		for (const size of [1, 100, 100_000]) {
			const walked = walkPieces(inPieces(Buffer.alloc(size, "text "), 1000));
			expect(walked.faults).toHaveLength(1);
			expect(walked.records).toEqual([]);
		}
	});

	test("whatever is done to the bytes, times never fall and every record stands where it lies", () => {
		const edit = fc.record({
			at: fc.nat(),
			kind: fc.constantFrom("set", "cut", "insert"),
			bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
		});
		fc.assert(
			fc.property(
				arbitraryEvents,
				arbitraryFormat,
				fc.array(edit, { maxLength: 4 }),
				fc.integer({ min: 1, max: 500 }),
				(list, chosen, edits, size) => {
					let bytes = encodeAll(list, chosen);
					for (const { at, kind, bytes: other } of edits) {
						const from = at % (bytes.length + 1);
						const to = kind === "insert" ? from : from + other.length;
						const parts = [
							bytes.subarray(0, from),
							kind === "cut" ? new Uint8Array() : other,
							bytes.subarray(to),
						];
						bytes = Buffer.concat(parts);
					}
					const walked = walkPieces(inPieces(bytes, size));
					let latest = 0;
					for (const ts of walked.times) {
						expect(ts).toBeGreaterThanOrEqual(latest);
						expect(Number.isSafeInteger(ts)).toBe(true);
						latest = ts;
					}
					const whole = edits.length === 0;
					expect(walked.faults.length === 0 || !whole).toBe(true);
					// Nothing is made up: all that was found fits into what there is.
					const used = walked.records.reduce(
						(sum, { data }) => sum + BLKTRACE_V7_SIZE + (data?.length ?? 0),
						0,
					);
					expect(used).toBeLessThanOrEqual(bytes.length);
				},
			),
			{ numRuns: 500 },
		);
	});

	test("one damaged byte costs one record at most, and is told when it costs one", () => {
		fc.assert(
			fc.property(
				arbitraryEvents,
				arbitraryFormat,
				fc.nat(),
				fc.integer({ min: 1, max: 255 }),
				(list, chosen, position, change) => {
					const bytes = encodeAll(list, chosen);
					const at = position % bytes.length;
					bytes[at] = (bytes[at] ?? 0) ^ change;
					const { records, faults } = walkBytes(bytes);
					const missing = list.length - records.length;
					expect(missing).toBeGreaterThanOrEqual(0);
					expect(missing).toBeLessThanOrEqual(1);
					if (missing > 0) expect(faults.length).toBeGreaterThan(0);
				},
			),
			{ numRuns: 500 },
		);
	});
});
