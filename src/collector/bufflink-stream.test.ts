import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SessionBuilder } from "../../test/session-builder.js";
import { FaultLog } from "../base/fault.js";
import { MESSAGE } from "./abi.js";
import { BufflinkStream } from "./bufflink-stream.js";

let directory: string;
beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-bufflink-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const timeBase = 2n ** 62n + 3n;
/** Four messages of 32 bytes. */
const MESSAGES = [
	{ ts: 10, cpu: 1, eventId: 20, tid: 100, payload: [1, 2, 3] },
	{ ts: 10, cpu: 0, eventId: 21, tid: 101, payload: [4] },
	{ ts: 30, cpu: 3, eventId: 20, tid: 102, payload: [5, 6, 7, 8, 9, 10, 11, 12] },
	{ ts: 40, cpu: 2, eventId: 22, tid: 4_194_304, payload: [13] },
];
const LENGTH = 32;

function build(): { readonly path: string; readonly bytes: Buffer } {
	const session = new SessionBuilder(join(directory, "s"), { timeBase });
	for (const { ts, cpu, eventId, tid, payload } of MESSAGES) {
		session.message(ts, cpu, eventId, tid, new Uint8Array(payload));
	}
	session.finish();
	const path = join(directory, "s", "bufflink.raw");
	return { path, bytes: readFileSync(path) };
}

function read(path: string): { readonly records: object[]; readonly faults: FaultLog } {
	const faults = new FaultLog();
	const stream = new BufflinkStream({ path, timeBase, cpuIds: 4, faults });
	const records: object[] = [];
	while (stream.advance() === "record") records.push(current(stream));
	stream.close();
	return { records, faults };
}

function current(stream: BufflinkStream): object {
	const { ts, cpu, eventId, tid, bytes, payloadOffset, payloadLength } = stream;
	const payload = [...bytes.subarray(payloadOffset, payloadOffset + payloadLength)];
	return { ts, cpu, eventId, tid, payload };
}

test("delivers each message with its own CPU and exact time", () => {
	const { records, faults } = read(build().path);
	expect(records).toEqual(MESSAGES);
	expect(faults.total()).toBe(0);
});

test("bad magic is skipped to the next message, a cut tail is truncated", () => {
	const { path, bytes } = build();
	bytes[LENGTH] = 0;
	writeFileSync(path, bytes.subarray(0, 4 * LENGTH - 8));
	const { records, faults } = read(path);
	expect(records).toEqual([MESSAGES[0], MESSAGES[2]]);
	expect(faults.entries()).toMatchObject([
		{ first: { code: "bad-magic", offset: LENGTH }, count: 1 },
		{ first: { code: "truncated", offset: 3 * LENGTH }, count: 1 },
	]);
});

test("a length that swallows the next message is not believed", () => {
	const { path, bytes } = build();
	bytes.writeUInt32LE(45, LENGTH + MESSAGE.length);
	writeFileSync(path, bytes);
	const { records, faults } = read(path);
	expect(records).toEqual([MESSAGES[0], MESSAGES[2], MESSAGES[3]]);
	expect(faults.entries()).toMatchObject([{ first: { code: "bad-length", offset: LENGTH } }]);
});

test.each([
	["leapt ahead", 2n ** 40n, "bad-time"],
	["fell back", 3n, "time-backwards"],
])("a time that %s is put back to the one before, and drags no later one along", (_, ts, code) => {
	const { path, bytes } = build();
	bytes.writeBigUInt64LE(timeBase + ts, LENGTH + MESSAGE.ts);
	writeFileSync(path, bytes);
	const { records, faults } = read(path);
	expect(records).toEqual(MESSAGES);
	expect(faults.entries()).toMatchObject([{ first: { code, offset: LENGTH }, count: 1 }]);
});

test("follows a file that grows, even by half a message", () => {
	const { bytes } = build();
	const path = join(directory, "growing");
	writeFileSync(path, "");
	const writer = { sealed: 0, floor: 0, ended: false };
	const faults = new FaultLog();
	const live = {
		sealedBytes: () => writer.sealed,
		idleUntil: () => writer.floor,
		ended: () => writer.ended,
	};
	const stream = new BufflinkStream({ path, timeBase, cpuIds: 4, faults, live });
	expect(stream.advance()).toBe("idle");
	appendFileSync(path, bytes.subarray(0, LENGTH + 10));
	writer.sealed = LENGTH + 10;
	writer.floor = 25;
	expect([stream.advance(), current(stream)]).toEqual(["record", MESSAGES[0]]);
	// The message that is half there is older than the floor: the floor must wait.
	expect([stream.advance(), stream.idleUntil]).toEqual(["idle", 0]);
	appendFileSync(path, bytes.subarray(LENGTH + 10, 2 * LENGTH));
	writer.sealed = 2 * LENGTH;
	expect([stream.advance(), current(stream)]).toEqual(["record", MESSAGES[1]]);
	expect([stream.advance(), stream.idleUntil]).toEqual(["idle", 25]);
	appendFileSync(path, bytes.subarray(2 * LENGTH));
	writer.sealed = bytes.length;
	writer.ended = true;
	expect([stream.advance(), stream.advance(), stream.advance()]).toEqual([
		"record",
		"record",
		"ended",
	]);
	stream.close();
	expect(faults.total()).toBe(0);
});
