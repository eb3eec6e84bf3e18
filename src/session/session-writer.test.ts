import { spawnSync } from "node:child_process";
import {
	appendFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RelayscopeError } from "../base/error.js";
import { RESERVE_FILE } from "./layout.js";
import type { EndingMetadata, SessionMetadata } from "./metadata.js";
import { openSession } from "./session-reader.js";
import { SessionWriter } from "./session-writer.js";

const clocks = { monotonic: 5n, boottime: 6n, realtime: 7n };
const initial: Omit<SessionMetadata, "version" | "ending"> = {
	toolVersion: "1",
	host: {
		hostname: "h",
		kernelRelease: "6.1",
		kernelVersion: "",
		machine: "x86_64",
		cpuIds: 2,
		littleEndian: true,
		clockTicksPerSecond: 100,
	},
	start: clocks,
	channels: [],
	schemaJson: "[]",
	syscallTable: "",
	processes: [],
	request: { command: [], commandPid: 0, pids: [], sources: [], recorderPid: 1 },
};
const ending: EndingMetadata = {
	stop: { ...clocks, monotonic: 9n },
	counters: [],
	bufflinkRefused: 0n,
	errorCode: "",
	errorMessage: "",
	commandStatus: 0,
	commandEnded: false,
};

let scratch: string;
beforeEach(() => {
	scratch = mkdtempSync(join(tmpdir(), "relayscope-session-"));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

function codeOf(action: () => unknown): string {
	try {
		action();
	} catch (error) {
		if (error instanceof RelayscopeError && error.hint !== undefined) return error.code;
		throw error;
	}
	return "none";
}

test("a session can be opened from its first moment, and ends once it is finished", () => {
	const directory = join(scratch, "deep", "session");
	const writer = SessionWriter.create(directory, initial);
	expect(openSession(directory)).toMatchObject({ ended: false, timeBase: 5n });
	writer.finish(ending);
	expect(openSession(directory)).toMatchObject({ ended: true, metadata: { ending } });
	expect(readdirSync(directory)).toEqual(["metadata"]);
});

test("a recording is its owner's only", () => {
	const { directory } = SessionWriter.create(join(scratch, "s"), initial);
	expect(statSync(directory).mode & 0o777).toBe(0o700);
	expect(statSync(join(directory, "metadata")).mode & 0o777).toBe(0o600);
});

test("the reserve is real space, and more of it for much metadata", () => {
	const small = SessionWriter.create(join(scratch, "small"), initial);
	const { size, blocks } = statSync(join(small.directory, RESERVE_FILE));
	expect(size).toBe(256 * 1024);
	expect(blocks * 512).toBeGreaterThanOrEqual(size);
	const schemaJson = "x".repeat(1_000_000);
	const large = SessionWriter.create(join(scratch, "large"), { ...initial, schemaJson });
	expect(statSync(join(large.directory, RESERVE_FILE)).size).toBeGreaterThan(1_000_000);
});

test("an empty directory is taken, anything else is refused and left alone", () => {
	const empty = join(scratch, "empty");
	mkdirSync(empty);
	SessionWriter.create(empty, initial).finish(ending);
	expect(codeOf(() => SessionWriter.create(empty, initial))).toBe("OUTPUT_NOT_EMPTY");
	expect(() => SessionWriter.create(empty, initial)).toThrow("already holds a session");
	expect(openSession(empty).ended).toBe(true);

	const full = join(scratch, "full");
	mkdirSync(full);
	writeFileSync(join(full, "thesis.txt"), "");
	expect(codeOf(() => SessionWriter.create(full, initial))).toBe("OUTPUT_NOT_EMPTY");
	expect(readdirSync(full)).toEqual(["thesis.txt"]);
	expect(codeOf(() => SessionWriter.create(join(full, "thesis.txt"), initial))).toBe(
		"OUTPUT_NOT_EMPTY",
	);
	expect(codeOf(() => SessionWriter.create(join(full, "thesis.txt", "s"), initial))).toBe(
		"OUTPUT_NOT_EMPTY",
	);
});

const canMount = spawnSync("unshare", ["-rm", "true"]).status === 0 && process.getuid?.() === 0;

describe.skipIf(!canMount)("on a small disk", () => {
	let disk: string;
	let mounted: boolean;
	beforeEach((context) => {
		disk = join(scratch, "disk");
		mkdirSync(disk);
		mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", disk]).status === 0;
		if (!mounted) context.skip();
	});
	afterEach(() => {
		if (mounted) spawnSync("umount", [disk]);
	});

	function fill(path: string): void {
		for (const size of [65_536, 4096]) {
			try {
				for (;;) appendFileSync(path, Buffer.alloc(size, 1));
			} catch (error) {
				expect(error).toMatchObject({ code: "ENOSPC" });
			}
		}
	}

	test("a recording that filled it can still say how it ended", () => {
		const writer = SessionWriter.create(join(disk, "s"), initial);
		fill(writer.rawFile("main", 0));
		writer.finish({ ...ending, errorCode: "DISK_FULL" });
		expect(openSession(writer.directory).metadata.ending?.errorCode).toBe("DISK_FULL");
	});

	test("one that has no room to begin with is refused before anything is recorded", () => {
		fill(join(disk, "other"));
		expect(codeOf(() => SessionWriter.create(join(disk, "s"), initial))).toBe("DISK_FULL");
		expect(existsSync(join(disk, "s", "metadata"))).toBe(false);
	});
});
