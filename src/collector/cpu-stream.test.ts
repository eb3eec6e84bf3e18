import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SessionBuilder } from "../../test/session-builder.js";
import { CPU_ALL } from "../base/cpu.js";
import { FaultLog } from "../base/fault.js";
import { openSession } from "../session/session-reader.js";
import { CpuStream } from "./cpu-stream.js";
import type { LiveSource } from "./file-window.js";
import type { LossInterval } from "./losses.js";

let directory: string;
beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-stream-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const SUBBUF_SIZE = 4096;
const HUGE_BASE = 2n ** 63n + 1n;

function builder(subbufSize = SUBBUF_SIZE): SessionBuilder {
	const timeBase = HUGE_BASE;
	return new SessionBuilder(directory, { timeBase }).channel("main", { subbufSize });
}

interface Opened {
	readonly stream: CpuStream;
	readonly faults: FaultLog;
	readonly losses: LossInterval[];
}

function open(path?: string, live?: LiveSource, timeBase = HUGE_BASE): Opened {
	const file = openSession(directory).rawFiles[0];
	if (file === undefined) throw new Error("no raw file");
	const { id, epoch, name, subbufSize } = file.channel;
	const faults = new FaultLog();
	const losses: LossInterval[] = [];
	const stream = new CpuStream({
		path: path ?? file.path,
		channel: name,
		origin: { channelId: id, epoch, cpu: file.cpu, subbufSize, timeBase },
		faults,
		onLoss: (loss) => losses.push(loss),
		cpuIds: 4,
		live,
	});
	return { stream, faults, losses };
}

function drain(
	stream: CpuStream,
): { ts: number; eventId: number; tid: number; payload: number[] }[] {
	const records = [];
	while (stream.advance() === "record") {
		const { ts, eventId, tid, payloadOffset, payloadLength, bytes } = stream;
		const payload = [...bytes.subarray(payloadOffset, payloadOffset + payloadLength)];
		records.push({ ts, eventId, tid, payload });
	}
	stream.close();
	return records;
}

test("delivers what was written, across sub-buffers and times that need a switch", () => {
	const record = fc.record({
		step: fc.oneof(fc.nat(1000), fc.constant(2 ** 32 - 1), fc.nat(2 ** 40)),
		eventId: fc.integer({ min: 1, max: 0x7fff }),
		tid: fc.nat(2 ** 32 - 1),
		payload: fc.uint8Array({ maxLength: 700 }),
	});
	fc.assert(
		fc.property(fc.array(record, { minLength: 1, maxLength: 60 }), (records) => {
			rmSync(directory, { recursive: true });
			const session = builder();
			let ts = 0;
			const expected = records.map(({ step, eventId, tid, payload }) => {
				ts += step;
				session.record(3, ts, eventId, tid, payload);
				return { ts, eventId, tid, payload: [...payload] };
			});
			session.finish();
			const { stream, faults, losses } = open();
			expect(drain(stream)).toEqual(expected);
			expect(stream).toMatchObject({ stored: expected.length, faults: 0, cpu: 3 });
			expect(faults.entries()).toEqual([]);
			expect(losses).toEqual([]);
		}),
		{ numRuns: 60 },
	);
});

test("a sub-buffer larger than the read chunk arrives whole", () => {
	const session = builder(4 * 1024 * 1024);
	const payload = new Uint8Array(50_000).map((_, index) => index);
	for (let tid = 0; tid < 200; tid++) session.record(0, tid, 1, tid, payload);
	session.finish();
	const { stream, faults } = open();
	let tid = 0;
	while (stream.advance() === "record") {
		expect(stream.tid).toBe(tid++);
		const { payloadOffset, payloadLength } = stream;
		const got = stream.bytes.subarray(payloadOffset, payloadOffset + payloadLength);
		expect(Buffer.compare(got, payload)).toBe(0);
	}
	stream.close();
	expect(tid).toBe(200);
	expect(faults.total()).toBe(0);
});

test("losses become intervals that add up to what the kernel counted", () => {
	const nothing = new Uint8Array();
	builder()
		.lose(0, 2)
		.record(0, 100, 1, 1, nothing)
		.lose(0, 3, "inside")
		.record(0, 200, 1, 1, nothing)
		.lose(0, 5)
		.record(0, 300, 1, 1, nothing)
		.lose(0, 7)
		.finish();
	const { stream, faults, losses } = open();
	drain(stream);
	const counters = openSession(directory).metadata.ending?.counters[0];
	const lost = Number(counters?.lost.reduce((sum, count) => sum + count));
	stream.losses.finish({ lost, ts: 1000 });
	const place = { channel: "main", cpu: 0 };
	expect(losses).toEqual([
		{ ...place, tsBegin: 0, tsEnd: 100, lost: 2 },
		{ ...place, tsBegin: 100, tsEnd: 200, lost: 3 },
		{ ...place, tsBegin: 200, tsEnd: 300, lost: 5 },
		{ ...place, tsBegin: 300, tsEnd: 1000, lost: 7 },
	]);
	expect(faults.total()).toBe(0);
	expect(Number(counters?.written)).toBe(stream.stored);
	expect(Number(counters?.seen)).toBe(stream.stored + 17);
});

describe("a global channel's stream", () => {
	const global = (): SessionBuilder =>
		new SessionBuilder(directory, { timeBase: HUGE_BASE, cpuIds: 4 }).channel("main", {
			global: true,
		});

	test("has each record's CPU, and the payload behind it", () => {
		const session = global();
		for (let at = 0; at < 400; at++) {
			session.record(at % 3, at * 10, 7, at, new Uint8Array(at % 50).fill(at));
		}
		session.finish();
		const { stream, faults } = open();
		expect(stream.buffer).toBe(CPU_ALL);
		for (let at = 0; at < 400; at++) {
			expect(stream.advance()).toBe("record");
			const { cpu, ts, tid, eventId, payloadOffset, payloadLength, bytes } = stream;
			expect({ cpu, ts, tid, eventId }).toEqual({ cpu: at % 3, ts: at * 10, tid: at, eventId: 7 });
			const payload = bytes.subarray(payloadOffset, payloadOffset + payloadLength);
			expect([...payload]).toEqual(new Array(at % 50).fill(at & 0xff));
		}
		expect(stream.advance()).toBe("ended");
		expect(faults.total()).toBe(0);
	});

	test("leaves out a record of no CPU, and counts it", () => {
		global()
			.record(1, 10, 7, 1, new Uint8Array(8))
			.record(4, 20, 7, 2, new Uint8Array(8))
			.record(3, 30, 7, 3, new Uint8Array(8))
			.finish();
		const { stream, faults } = open();
		expect(drain(stream).map(({ tid }) => tid)).toEqual([1, 3]);
		expect(stream).toMatchObject({ stored: 2, faults: 1 });
		expect(faults.entries().map(({ first }) => first)).toMatchObject([
			{ stage: "record", code: "bad-identity", cpu: CPU_ALL },
			{ stage: "subbuffer", code: "count-mismatch", cpu: CPU_ALL },
		]);
	});

	test("loses on all CPUs", () => {
		global()
			.record(0, 10, 7, 1, new Uint8Array())
			.lose(1, 2)
			.lose(2, 3)
			.record(0, 40, 7, 1, new Uint8Array())
			.finish();
		const { stream, losses } = open();
		drain(stream);
		expect(losses).toEqual([{ channel: "main", cpu: CPU_ALL, tsBegin: 10, tsEnd: 40, lost: 5 }]);
	});
});

test("without final counters the account stays open", () => {
	builder().record(0, 100, 1, 1, new Uint8Array()).finish({ ending: "killed" });
	const { stream, losses } = open();
	drain(stream);
	stream.losses.finish(undefined);
	stream.losses.finish(undefined);
	expect(losses).toEqual([
		{ channel: "main", cpu: 0, tsBegin: 100, tsEnd: undefined, lost: undefined },
	]);
});

test("missing sub-buffers are a loss that nobody counted", () => {
	const session = builder();
	for (let at = 1; at <= 3; at++) session.record(0, at * 100, 1, at, new Uint8Array()).seal(0);
	session.finish();
	const path = openSession(directory).rawFiles[0]?.path ?? "";
	const bytes = readFileSync(path);
	const one = bytes.length / 3;
	writeFileSync(path, Buffer.concat([bytes.subarray(0, one), bytes.subarray(2 * one)]));
	const { stream, faults, losses } = open();
	expect(drain(stream).map(({ tid }) => tid)).toEqual([1, 3]);
	expect(losses).toEqual([{ channel: "main", cpu: 0, tsBegin: 100, tsEnd: 300, lost: undefined }]);
	expect(faults.entries()).toMatchObject([{ first: { code: "bad-sequence", offset: one } }]);
});

test("records older than the time base are kept at its zero, and counted", () => {
	builder().record(0, 5, 1, 1, new Uint8Array()).record(0, 50, 1, 2, new Uint8Array()).finish();
	const { stream, faults } = open(undefined, undefined, HUGE_BASE + 20n);
	expect(drain(stream).map(({ ts }) => ts)).toEqual([0, 30]);
	expect(faults.entries()).toMatchObject([{ first: { code: "time-backwards" }, count: 1 }]);
});

test("follows a file that grows: idle in between, ended at the end", () => {
	const session = builder();
	for (let tid = 0; tid < 6; tid++) session.record(0, tid * 10, 1, tid, new Uint8Array(9)).seal(0);
	session.finish();
	const whole = readFileSync(openSession(directory).rawFiles[0]?.path ?? "");
	const one = whole.length / 6;
	const growing = join(directory, "growing");
	writeFileSync(growing, "");
	const writer = { sealed: 0, floor: 0, ended: false };
	const { stream, faults } = open(growing, {
		sealedBytes: () => writer.sealed,
		idleUntil: () => writer.floor,
		ended: () => writer.ended,
	});
	const states: string[] = [];
	function advance(times: number): void {
		for (let i = 0; i < times; i++) {
			const state = stream.advance();
			states.push(state === "record" ? `${stream.tid}` : `${state}@${stream.idleUntil}`);
		}
	}
	advance(1);
	// Written but not sealed: a part of a sub-buffer that must not be looked at.
	appendFileSync(growing, whole.subarray(0, one + 20));
	advance(1);
	writer.sealed = one;
	advance(2);
	writer.floor = 9;
	advance(1);
	appendFileSync(growing, whole.subarray(one + 20));
	writer.sealed = whole.length;
	writer.floor = 60;
	writer.ended = true;
	advance(6);
	stream.close();
	expect(states).toEqual([
		...["idle@0", "idle@0", "0", "idle@0", "idle@9"],
		...["1", "2", "3", "4", "5", "ended@60"],
	]);
	expect(faults.total()).toBe(0);
});
