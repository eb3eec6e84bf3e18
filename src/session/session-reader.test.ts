import {
	appendFileSync,
	cpSync,
	mkdtempSync,
	renameSync,
	rmSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SessionBuilder } from "../../test/session-builder.js";
import { RelayscopeError } from "../base/error.js";
import { DATABASE_FILE } from "./layout.js";
import { isStale, openSession } from "./session-reader.js";
import { writeMetadataFile } from "./write-metadata.js";

let scratch: string;
let directory: string;
beforeEach(() => {
	scratch = mkdtempSync(join(tmpdir(), "relayscope-session-"));
	directory = join(scratch, "s");
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const payload = new Uint8Array([1, 2, 3]);

function build(): SessionBuilder {
	return new SessionBuilder(directory, { timeBase: 2n ** 60n + 1n })
		.channel("syscalls")
		.record(10, 1, 1, 1, payload)
		.record(2, 2, 1, 1, payload)
		.channel("block")
		.record(0, 3, 1, 1, payload)
		.message(4, 1, 1, 1, payload);
}

function codeOf(path: string): string {
	try {
		openSession(path);
	} catch (error) {
		if (error instanceof RelayscopeError && error.hint !== undefined) return error.code;
		throw error;
	}
	return "none";
}

test("finds what is there, by channel and CPU number", () => {
	build().finish();
	const session = openSession(directory);
	expect(session.rawFiles.map(({ channel, cpu }) => `${channel.name} ${cpu}`)).toEqual([
		"syscalls 2",
		"syscalls 10",
		"block 0",
	]);
	expect(session.rawFiles[0]?.size).toBe(80);
	expect(session.bufflink?.size).toBe(32);
	expect(session.timeBase).toBe(2n ** 60n + 1n);
	expect(session.ended).toBe(true);
	expect(session.metadata.ending?.counters).toHaveLength(3);
});

test("a killed recording opens, and says so", () => {
	build().finish({ ending: "killed" });
	expect(openSession(directory)).toMatchObject({ ended: false, rawFiles: { length: 3 } });
});

test("raw files of no known channel are named, not dropped in silence", () => {
	build().finish();
	writeFileSync(join(directory, "net.cpu0.raw"), "");
	expect(openSession(directory).unknownRawFiles).toEqual(["net.cpu0.raw"]);
});

test("what is no session is refused with what to do", () => {
	expect(codeOf(directory)).toBe("NO_SESSION");
	expect(codeOf(scratch)).toBe("NOT_A_SESSION");
	writeFileSync(join(scratch, "metadata"), "<xml/>");
	expect(codeOf(scratch)).toBe("NOT_A_SESSION");
	expect(codeOf(join(scratch, "metadata"))).toBe("NOT_A_SESSION");
	build().finish();
	const { metadata } = openSession(directory);
	writeMetadataFile(directory, { ...metadata, version: 99 });
	expect(codeOf(directory)).toBe("SESSION_VERSION");
	writeMetadataFile(directory, { ...metadata, host: { ...metadata.host, littleEndian: false } });
	expect(codeOf(directory)).toBe("SESSION_VERSION");
});

test("a database stays current when its session is copied, moved or touched", () => {
	build().finish();
	const { fingerprint } = openSession(directory);
	writeFileSync(join(directory, DATABASE_FILE), "rows");
	const copy = join(scratch, "copy");
	cpSync(directory, copy, { recursive: true });
	renameSync(directory, join(scratch, "moved"));
	utimesSync(join(copy, "syscalls.cpu2.raw"), 1, 1);
	expect(isStale(openSession(copy), fingerprint)).toBe(false);
	expect(isStale(openSession(join(scratch, "moved")), fingerprint)).toBe(false);
	expect(isStale(openSession(copy), undefined)).toBe(true);
});

test("a database is stale when raw data came, went or the recording ended since", () => {
	build().finish();
	const { fingerprint, metadata } = openSession(directory);
	appendFileSync(join(directory, "block.cpu0.raw"), "12345678");
	const grown = openSession(directory).fingerprint;
	rmSync(join(directory, "block.cpu0.raw"));
	const gone = openSession(directory).fingerprint;
	writeMetadataFile(directory, { ...metadata, ending: undefined });
	const reopened = openSession(directory).fingerprint;
	expect(new Set([fingerprint, grown, gone, reopened]).size).toBe(4);
});
