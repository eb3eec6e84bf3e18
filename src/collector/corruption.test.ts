import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SessionBuilder } from "../../test/session-builder.js";
import { FaultLog } from "../base/fault.js";
import { openSession } from "../session/session-reader.js";
import { SUBBUF } from "./abi.js";
import { BufflinkStream } from "./bufflink-stream.js";
import { CpuStream } from "./cpu-stream.js";
import type { LossInterval } from "./losses.js";
import type { RecordCursor } from "./record-cursor.js";

/** A unit that is damaged or not as a whole: a sub-buffer or a message. */
interface Unit {
	readonly begin: number;
	readonly end: number;
	/** Every record has a tid of its own. */
	readonly tids: readonly number[];
}

let directory: string;
let timeBase: bigint;
let subbufs: { readonly bytes: Buffer; readonly units: readonly Unit[] };
let messages: { readonly bytes: Buffer; readonly units: readonly Unit[] };

const SUBBUF_SIZE = 4096;
/** Records counted as lost in headers. */
const LOST = 9 * 3;
const ORIGIN = { channelId: 1, epoch: 77, cpu: 2, subbufSize: SUBBUF_SIZE };

beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-corruption-"));
	const session = new SessionBuilder(join(directory, "s"));
	session.channel("main", { id: 1, epoch: 77, subbufSize: SUBBUF_SIZE });
	for (let tid = 1; tid <= 900; tid++) {
		const payload = new Uint8Array((tid * 7) % 90).map((_, index) => tid + index);
		session.record(2, tid * 1000, 1 + (tid % 5), tid, payload);
		session.message(tid * 1000, tid % 4, 1 + (tid % 5), tid, payload);
		// Sub-buffers of all sizes, as a flush timer makes them.
		if (tid % 61 === 0) session.seal(2);
		if (tid % 97 === 0) session.lose(2, 3);
	}
	session.finish();
	const opened = openSession(join(directory, "s"));
	timeBase = opened.timeBase;
	subbufs = { bytes: readFileSync(opened.rawFiles[0]?.path ?? ""), units: [] };
	subbufs = { ...subbufs, units: splitSubbufs(subbufs.bytes) };
	messages = { bytes: readFileSync(opened.bufflink?.path ?? ""), units: [] };
	messages = { ...messages, units: splitMessages(messages.bytes) };
});
afterAll(() => rmSync(directory, { recursive: true }));

function splitSubbufs(bytes: Buffer): Unit[] {
	const units: Unit[] = [];
	let tid = 1;
	for (let begin = 0; begin < bytes.length; begin = units.at(-1)?.end ?? bytes.length) {
		const end = begin + Math.ceil(bytes.readUInt32LE(begin + SUBBUF.used) / 8) * 8;
		const count = bytes.readUInt32LE(begin + SUBBUF.record_count);
		units.push({ begin, end, tids: Array.from({ length: count }, () => tid++) });
	}
	return units;
}

function splitMessages(bytes: Buffer): Unit[] {
	const units: Unit[] = [];
	for (let begin = 0; begin < bytes.length; begin = units.at(-1)?.end ?? bytes.length) {
		const end = begin + Math.ceil(bytes.readUInt32LE(begin + 4) / 8) * 8;
		units.push({ begin, end, tids: [units.length + 1] });
	}
	return units;
}

type Damage =
	| { readonly kind: "flip"; readonly at: number; readonly bit: number }
	| { readonly kind: "smear"; readonly at: number; readonly length: number; readonly value: number }
	| { readonly kind: "delete"; readonly at: number; readonly length: number }
	| { readonly kind: "insert"; readonly at: number; readonly length: number }
	| { readonly kind: "truncate"; readonly at: number };

/** Places are fractions of the file. */
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const damage: fc.Arbitrary<Damage> = fc.oneof(
	fc.record({ kind: fc.constant("flip" as const), at: place, bit: fc.nat(7) }),
	fc.record({
		kind: fc.constant("smear" as const),
		at: place,
		length: fc.nat(6000),
		value: fc.constantFrom(0, 0xff, 0x5a),
	}),
	fc.record({ kind: fc.constant("delete" as const), at: place, length: fc.nat(6000) }),
	fc.record({ kind: fc.constant("insert" as const), at: place, length: fc.nat(6000) }),
	fc.record({ kind: fc.constant("truncate" as const), at: place }),
);

/** The damaged bytes, and the units of the original that are in there as they were. */
function apply(
	original: Buffer,
	units: readonly Unit[],
	damages: readonly Damage[],
): { readonly bytes: Buffer; readonly whole: readonly Unit[] } {
	let bytes: Uint8Array = new Uint8Array(original);
	/** Where each byte came from; -1: it is new. */
	let from = Int32Array.from(original.keys());
	for (const one of damages) {
		const at = Math.floor(one.at * bytes.length);
		const removed = one.kind === "insert" ? 0 : one.kind === "delete" ? one.length : bytes.length;
		const kept = Math.min(at + removed, bytes.length);
		switch (one.kind) {
			case "flip":
				bytes[at] = (bytes[at] ?? 0) ^ (1 << one.bit);
				from[at] = -1;
				break;
			case "smear": {
				const end = Math.min(at + one.length, bytes.length);
				bytes.fill(one.value, at, end);
				from.fill(-1, at, end);
				break;
			}
			default: {
				const filling = new Uint8Array(one.kind === "insert" ? one.length : 0).map(
					(_, i) => i * 31,
				);
				bytes = Buffer.concat([bytes.subarray(0, at), filling, bytes.subarray(kept)]);
				const moved = new Int32Array(bytes.length).fill(-1);
				moved.set(from.subarray(0, at));
				moved.set(from.subarray(kept), at + filling.length);
				from = moved;
			}
		}
	}
	const place = new Int32Array(original.length).fill(-1);
	for (let at = 0; at < from.length; at++) place[from[at] ?? -1] = at;
	const whole = units.filter(({ begin, end }) => {
		const shift = (place[begin] ?? -1) - begin;
		return place.subarray(begin, end).every((at, index) => at >= 0 && at === begin + index + shift);
	});
	return { bytes: Buffer.from(bytes), whole };
}

function drain(cursor: RecordCursor): number[] {
	const tids: number[] = [];
	let last = 0;
	for (let state = cursor.advance(); state === "record"; state = cursor.advance()) {
		tids.push(cursor.tid);
		if (cursor.ts < last) throw new Error(`time fell from ${last} to ${cursor.ts}`);
		last = cursor.ts;
		const { payloadOffset, payloadLength, bytes } = cursor;
		const inBytes = payloadLength >= 0 && payloadOffset + payloadLength <= bytes.length;
		if (!inBytes) throw new Error(`payload of ${payloadLength} at ${payloadOffset}`);
	}
	expect(cursor.advance()).toBe("ended");
	cursor.close();
	return tids;
}

function read(
	bytes: Uint8Array,
	chunk?: number,
): {
	readonly tids: number[];
	readonly stream: CpuStream;
	readonly faults: FaultLog;
	readonly losses: LossInterval[];
} {
	const path = join(directory, "damaged");
	writeFileSync(path, bytes);
	const faults = new FaultLog();
	const losses: LossInterval[] = [];
	const origin = { ...ORIGIN, timeBase };
	const onLoss = (loss: LossInterval): void => void losses.push(loss);
	const stream = new CpuStream({ path, channel: "main", origin, faults, onLoss, chunk });
	return { tids: drain(stream), stream, faults, losses };
}

function readMessages(
	bytes: Uint8Array,
	chunk?: number,
): { readonly tids: number[]; readonly faults: FaultLog } {
	const path = join(directory, "damaged");
	writeFileSync(path, bytes);
	const faults = new FaultLog();
	return { tids: drain(new BufflinkStream({ path, timeBase, cpuIds: 4, faults, chunk })), faults };
}

/** Small ones, so that damage meets every edge of what is in memory. */
const chunks = fc.constantFrom(undefined, 64, 100, 1000, 4096, 10_000);
const { RELAYSCOPE_FUZZ_RUNS } = process.env;
const RUNS = Number(RELAYSCOPE_FUZZ_RUNS ?? 200);
const SLOW = { timeout: 60_000 + RUNS * 100 };
const damages = fc.array(damage, { minLength: 1, maxLength: 10 });

test("the undamaged file is read without a fault", () => {
	const { tids, faults } = read(subbufs.bytes);
	expect(tids).toEqual(subbufs.units.flatMap((unit) => unit.tids));
	expect(tids).toHaveLength(900);
	expect(faults.total()).toBe(0);
	const fromMessages = readMessages(messages.bytes);
	expect(fromMessages.tids).toEqual(tids);
	expect(fromMessages.faults.total()).toBe(0);
});

test("whatever happens to a raw file, every whole sub-buffer is delivered", SLOW, () => {
	fc.assert(
		fc.property(damages, chunks, (list, chunk) => {
			const { bytes, whole } = apply(subbufs.bytes, subbufs.units, list);
			const { tids, stream } = read(bytes, chunk);
			const delivered = new Set(tids);
			expect(whole.flatMap((unit) => unit.tids).filter((tid) => !delivered.has(tid))).toEqual([]);
			expect(stream.stored).toBe(tids.length);
		}),
		{ numRuns: RUNS },
	);
});

test(
	"one flipped bit costs one sub-buffer at most, and a record that is missing is a fault",
	SLOW,
	() => {
		const flip = fc.record({ kind: fc.constant("flip" as const), at: place, bit: fc.nat(7) });
		// Half of the flips in headers, which are a small part of the file.
		const inHeader = fc.tuple(place, fc.nat(63), fc.nat(7)).map(([unit, byte, bit]): Damage => {
			const { begin } = subbufs.units[Math.floor(unit * subbufs.units.length)] ?? { begin: 0 };
			return { kind: "flip", at: (begin + byte + 0.5) / subbufs.bytes.length, bit };
		});
		const all = subbufs.units.flatMap((unit) => unit.tids);
		fc.assert(
			fc.property(fc.oneof(flip, inHeader), (one) => {
				const { bytes, whole } = apply(subbufs.bytes, subbufs.units, [one]);
				const { tids, faults, losses } = read(bytes);
				expect(whole.length).toBe(subbufs.units.length - 1);
				const delivered = new Set(tids);
				if (all.some((tid) => !delivered.has(tid))) {
					const renamed = tids.some((tid) => tid < 1 || tid > 900);
					const doubled = delivered.size < tids.length;
					expect(faults.total() > 0 || renamed || doubled).toBe(true);
				}
				// A damaged counter invents no loss, unless there is no sub-buffer behind to refute it.
				const lost = losses.reduce((sum, loss) => sum + (loss.lost ?? 0), 0);
				if (whole.includes(subbufs.units.at(-1) as Unit)) expect(lost).toBe(LOST);
			}),
			{ numRuns: RUNS },
		);
	},
);

test(
	"a file cut anywhere gives up its records to the last whole one, and says truncated",
	SLOW,
	() => {
		fc.assert(
			fc.property(fc.nat(subbufs.bytes.length - 1), (at) => {
				const { tids, faults, stream } = read(subbufs.bytes.subarray(0, at));
				expect(tids).toEqual(Array.from({ length: tids.length }, (_, index) => index + 1));
				const atBoundary = at === 0 || subbufs.units.some((unit) => unit.end === at);
				const inPadding = subbufs.units.some((unit) => unit.end - 8 < at && at < unit.end);
				const codes = faults.entries().map((entry) => entry.first.code);
				if (atBoundary) expect(codes).toEqual([]);
				else if (!inPadding) expect(codes).toContain("truncated");
				const cut = subbufs.units.find((unit) => unit.begin + 64 <= at && at < unit.end);
				const promised = subbufs.units
					.filter((unit) => unit.end <= at)
					.flatMap((unit) => unit.tids);
				const expected = promised.length + (cut?.tids.length ?? 0);
				expect(stream.stored + stream.faults).toBe(expected);
			}),
			{ numRuns: RUNS },
		);
	},
);

test("whatever happens to the bufflink file, whole messages are delivered", SLOW, () => {
	fc.assert(
		fc.property(damages, chunks, (list, chunk) => {
			const { bytes, whole } = apply(messages.bytes, messages.units, list);
			const delivered = new Set(readMessages(bytes, chunk).tids);
			expect(whole.flatMap((unit) => unit.tids).filter((tid) => !delivered.has(tid))).toEqual([]);
		}),
		{ numRuns: RUNS },
	);
});

test("bytes that are no trace at all are one fault, not a trace", () => {
	fc.assert(
		fc.property(fc.uint8Array({ minLength: 64, maxLength: 5000 }), (noise) => {
			const { tids, faults } = read(noise);
			expect(tids).toEqual([]);
			expect(faults.total()).toBe(1);
			expect(readMessages(noise).tids).toEqual([]);
		}),
		{ numRuns: 50 },
	);
});

/** The file with one header field changed, in a sub-buffer in the middle. */
function withField(
	field: keyof typeof SUBBUF,
	change: (bytes: Buffer, at: number) => void,
): Buffer {
	const bytes = Buffer.from(subbufs.bytes);
	change(bytes, (subbufs.units[5]?.begin ?? 0) + SUBBUF[field]);
	return bytes;
}

function withUsed(difference: number): () => Buffer {
	return () => withField("used", (b, at) => b.writeUInt32LE(b.readUInt32LE(at) + difference, at));
}

function withSequence(difference: bigint): () => Buffer {
	return () =>
		withField("sequence", (b, at) => b.writeBigUInt64LE(b.readBigUInt64LE(at) + difference, at));
}

test.each([
	["used, too long", withUsed(8), "bad-length"],
	["used, much too long", withUsed(400), "bad-length"],
	["used, too short", withUsed(-64), "bad-length"],
	["sequence, ahead", withSequence(2n ** 40n), "bad-sequence"],
	["sequence, behind", withSequence(-3n), "bad-sequence"],
	[
		"record count",
		() => withField("record_count", (b, at) => b.writeUInt8(3, at)),
		"count-mismatch",
	],
	["lost", () => withField("lost", (b, at) => b.writeUInt8(3, at + 3)), "bad-loss"],
	["lost inside", () => withField("lost_inside", (b, at) => b.writeUInt8(1, at + 2)), "bad-loss"],
])("a header's %s is put right by what is around it", (_, damaged, code) => {
	const { tids, faults, losses } = read(damaged());
	expect(tids).toEqual(Array.from({ length: 900 }, (_, index) => index + 1));
	expect(faults.entries().map((entry) => entry.first.code)).toEqual([code]);
	expect(losses.every(({ lost }) => lost !== undefined)).toBe(true);
	expect(losses.reduce((sum, { lost }) => sum + (lost ?? 0), 0)).toBe(LOST);
});

test("a length that no sub-buffer has costs that sub-buffer, as an uncounted loss", () => {
	const { tids, faults, losses } = read(withUsed(2 ** 20)());
	const gone = new Set(subbufs.units[5]?.tids);
	const left = subbufs.units.flatMap((unit) => unit.tids).filter((tid) => !gone.has(tid));
	expect(tids).toEqual(left);
	expect(faults.entries().map((entry) => entry.first.code)).toEqual(["bad-length", "bad-sequence"]);
	expect(losses.filter(({ lost }) => lost === undefined)).toHaveLength(1);
});
