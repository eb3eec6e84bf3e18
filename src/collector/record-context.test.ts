import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ContextToWrite, withContext } from "../../test/encode-context.js";
import { SessionBuilder } from "../../test/session-builder.js";
import { FaultLog } from "../base/fault.js";
import { openSession } from "../session/session-reader.js";
import {
	alignRecord,
	CONTEXT_FOOTER,
	CONTEXT_FOOTER_SIZE,
	RECORD_CONTEXT,
	RECORD_HEADER_SIZE,
} from "./abi.js";
import { CpuStream } from "./cpu-stream.js";
import { ContextParts, lengthWithoutContext } from "./record-context.js";

const U64_MAX = 2n ** 64n - 1n;
const kernelAddress = fc.bigInt(0xffff_ffff_8000_0000n, U64_MAX);
const addresses = fc.array(fc.bigInt(0n, U64_MAX), { maxLength: 255 });
const context: fc.Arbitrary<ContextToWrite> = fc
	.record({
		kernelStack: fc.option(addresses, { nil: undefined }),
		userStack: fc.option(addresses, { nil: undefined }),
		cgroup: fc.option(fc.bigInt(0n, U64_MAX), { nil: undefined }),
		namespaces: fc.option(fc.array(fc.nat(2 ** 32 - 1), { minLength: 7, maxLength: 7 }), {
			nil: undefined,
		}),
		flags: fc.nat(15),
	})
	.map((each) => withoutUndefined(each));
const payload = fc.uint8Array({ maxLength: 300 });

/** With exact optional properties an absent one is not the same as undefined. */
function withoutUndefined(value: Record<string, unknown>): ContextToWrite {
	return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
}

/** The record at an offset of 8, its header included. */
function viewOf(bytes: Uint8Array): { readonly view: DataView; readonly length: number } {
	const all = Buffer.concat([Buffer.alloc(8 + RECORD_HEADER_SIZE), bytes]);
	const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
	return { view, length: RECORD_HEADER_SIZE + bytes.length };
}

test("what was written is found again", () => {
	fc.assert(
		fc.property(payload, context, (fields, written) => {
			const { view, length } = viewOf(withContext(fields, written));
			const own = lengthWithoutContext(view, 8, length);
			expect(own).toBe(RECORD_HEADER_SIZE + fields.length);
			const begin = 8 + alignRecord(own);
			const parts = new ContextParts().find(view, begin, 8 + length - begin);
			expect(parts.kernelAddresses(view)).toEqual(written.kernelStack ?? []);
			expect(parts.userAddresses(view)).toEqual(written.userStack ?? []);
			expect(parts.flags).toBe(written.flags ?? 0);
			if (written.cgroup === undefined) expect(parts.cgroup).toBe(-1);
			else expect(view.getBigUint64(parts.cgroup, true)).toBe(written.cgroup);
			const found = written.namespaces?.map((_, index) =>
				view.getUint32(parts.namespaces + index * 4, true),
			);
			expect(found).toEqual(written.namespaces);
		}),
	);
});

test("a kernel's addresses in half the bytes are the same addresses", () => {
	fc.assert(
		fc.property(fc.array(kernelAddress, { maxLength: 64 }), (kernelStack) => {
			const { view, length } = viewOf(
				withContext(new Uint8Array(4), { kernelStack, narrow: true }),
			);
			const own = lengthWithoutContext(view, 8, length);
			expect(own).toBe(16);
			const parts = new ContextParts().find(view, 24, 8 + length - 24);
			expect(parts.kernelAddresses(view)).toEqual(kernelStack);
		}),
	);
});

test("a part of a later version lies behind those that are known", () => {
	const bytes = withContext(new Uint8Array(4), { cgroup: 7n });
	const footer = Buffer.from(bytes.subarray(-CONTEXT_FOOTER_SIZE));
	footer.writeUInt16LE(footer.readUInt16LE(CONTEXT_FOOTER.context) | 0x100, CONTEXT_FOOTER.context);
	const later = Buffer.concat([bytes.subarray(0, -CONTEXT_FOOTER_SIZE), Buffer.alloc(24), footer]);
	const { view, length } = viewOf(later);
	expect(lengthWithoutContext(view, 8, length)).toBe(16);
	const parts = new ContextParts().find(view, 24, 8 + length - 24);
	expect(view.getBigUint64(parts.cgroup, true)).toBe(7n);
});

test("no bytes are read from outside the record, or make it longer than it is", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
			const { view, length } = viewOf(bytes);
			const own = lengthWithoutContext(view, 8, length);
			expect(Math.abs(own)).toBeLessThanOrEqual(length);
			if (own <= 0) return;
			const begin = 8 + alignRecord(own);
			const parts = new ContextParts().find(view, begin, 8 + length - begin);
			parts.kernelAddresses(view);
			parts.userAddresses(view);
			const last = Math.max(parts.cgroup, parts.namespaces, parts.kernelStack, parts.userStack);
			expect(last).toBeLessThan(8 + length);
		}),
	);
});

let directory: string;
beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-context-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

interface Read {
	readonly records: readonly {
		readonly eventId: number;
		readonly payload: Buffer;
		readonly context: number;
	}[];
	readonly codes: readonly string[];
	readonly stored: number;
	readonly faults: number;
}

/** The payloads as records with contexts, read back. */
function readBack(payloads: readonly Uint8Array[]): Read {
	const builder = new SessionBuilder(join(directory, "s")).channel("main", { id: 1, epoch: 1 });
	payloads.forEach((bytes, index) => {
		builder.record(0, index, 5 | RECORD_CONTEXT, 1, bytes);
	});
	builder.finish();
	const { rawFiles, timeBase } = openSession(join(directory, "s"));
	const faults = new FaultLog();
	const stream = new CpuStream({
		path: rawFiles[0]?.path ?? "",
		channel: "main",
		origin: { channelId: 1, epoch: 1, cpu: 0, subbufSize: 4096, timeBase },
		faults,
		onLoss: () => undefined,
	});
	const records = [];
	while (stream.advance() === "record") {
		const { eventId, bytes, payloadOffset, payloadLength, contextLength } = stream;
		const payload = Buffer.from(bytes.subarray(payloadOffset, payloadOffset + payloadLength));
		records.push({ eventId, payload, context: contextLength });
	}
	stream.close();
	const codes = faults.entries().map(({ first }) => first.code);
	return { records, codes, stored: stream.stored, faults: stream.faults };
}

test("a stream cuts the context off before anybody decodes the fields", () => {
	const fields = [Buffer.from("abc"), Buffer.from("defghijk"), Buffer.alloc(0)];
	const { records, codes } = readBack(fields.map((each) => withContext(each, { cgroup: 1n })));
	expect(records.map(({ payload }) => payload.toString())).toEqual(fields.map(String));
	expect(records.map(({ eventId, context }) => [eventId, context])).toEqual([
		[5, 16],
		[5, 16],
		[5, 16],
	]);
	expect(codes).toEqual([]);
});

test("a damaged context costs itself, a footer that is none the record; each is a counted fault", () => {
	const whole = withContext(Buffer.from("abc"), { cgroup: 1n });
	const damaged = Buffer.from(whole);
	damaged.writeUInt8(9, damaged.length - CONTEXT_FOOTER_SIZE + CONTEXT_FOOTER.context);
	const lost = Buffer.from(whole);
	lost.writeUInt16LE(999, lost.length - CONTEXT_FOOTER_SIZE + CONTEXT_FOOTER.record_length);
	const { records, codes, stored, faults } = readBack([whole, damaged, lost, whole]);
	expect(records.map(({ payload, context }) => [payload.toString(), context])).toEqual([
		["abc", 16],
		["abc", 0],
		["abc", 16],
	]);
	expect(codes).toEqual(["bad-context"]);
	expect({ stored, faults }).toEqual({ stored: 3, faults: 1 });
});

test("whatever a footer says, every record is delivered or a fault", () => {
	const damage = fc.record({ at: fc.nat(7), value: fc.nat(255) });
	fc.assert(
		fc.property(payload, context, fc.array(damage, { maxLength: 4 }), (fields, written, list) => {
			rmSync(join(directory, "s"), { recursive: true, force: true });
			const bytes = withContext(fields, { ...written, kernelStack: [1n], userStack: [2n, 3n] });
			for (const { at, value } of list) bytes[bytes.length - CONTEXT_FOOTER_SIZE + at] = value;
			const after = withContext(Buffer.from("after"), { cgroup: 1n });
			const { records, stored, faults } = readBack([bytes, after]);
			expect(stored + faults).toBe(2);
			expect(records.at(-1)?.payload.toString()).toBe("after");
		}),
	);
});
