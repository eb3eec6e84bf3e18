import { afterAll, beforeAll, expect, it } from "vitest";
import { VIEW_QUESTIONS } from "../../src/store/view-docs/questions.js";
import { AT_FDCWD, StringsSession } from "../strings-session.js";
import type { BuiltSession } from "../traced-session.js";

const DISK = 8 << 20;
const WRITE = 1;
const NR = { kill: 62, mprotect: 10, mmap: 9, rename: 82, exit_group: 231 } as const;

let session: StringsSession;
let built: BuiltSession;

/** An editor that saves /etc/passwd through a disk, a shell that runs it, and a program that is root. */
function record(): StringsSession {
	const traced = new StringsSession([{ pid: 10, cwd: "/root" }], {
		start: {
			monotonic: 5_000_000_000n,
			boottime: 5_000_000_000n,
			realtime: 1_700_000_000_000_000_000n,
		},
	});
	traced.fork(traced.tick(), 10, 20, { pid: 20, comm: "p10", start: 2n });
	traced.call(20, "execve", [1, 2, 3], -2, {
		path: "/root/edit",
		details: Buffer.from("edit\0\0"),
	});
	traced.begin(20, "execve", [1, 2, 3], {
		path: "/usr/bin/edit",
		details: Buffer.from("edit\0the file\0\0"),
	});
	traced.exec(traced.tick(), 20, { comm: "edit", argv: "edit\0the file\0", start: 2n });
	traced.end(20, "execve", 0);
	traced.call(20, "openat", [AT_FDCWD, 1, 0x80000, 0], -2, { path: "/etc/editrc" });
	traced.call(20, "openat", [AT_FDCWD, 1, 0x80000, 0], -2, { path: "/etc/editrc" });
	traced.call(20, "openat", [AT_FDCWD, 1, 0x80241, 0o644], 3, {
		path: "/etc/passwd",
		answers: [{ fd: 3, path: "/etc/passwd" }],
	});
	traced.call(10, "openat", [AT_FDCWD, 1, 0, 0], -13, { path: "/etc/shadow" });
	traced.call(20, "read", [3, 1, 100], 40).call(20, "read", [3, 1, 100], 0);
	traced.begin(20, "write", [3, 1, 100]);
	writeToDisk(traced);
	traced.end(20, "write", 100).call(20, "write", [3, 1, 20], 20);
	traced.call(20, "rename", [1, 2], 0, { path: "/etc/passwd", path2: "/etc/passwd~" });
	const inet = Buffer.alloc(16);
	inet.set([2, 0, 0, 80, 10, 0, 0, 1]);
	traced.call(20, "connect", [5, 1, 16], -111, { details: inet });
	traced.enter(0, traced.tick(), 10, NR.kill, [20, 15]).exit(0, traced.tick(), 10, NR.kill, 0);
	traced.enter(0, traced.tick(), 20, NR.mprotect, [0x7f00_0000_0000n, 4096, 7]);
	traced.exit(0, traced.tick(), 20, NR.mprotect, 0);
	const NONE = 0xffff_ffff;
	traced.event(0, traced.tick(), 20, "task_credentials", 20, 1000, 1000, 1000, 1000, 1000, 1);
	traced.event(0, traced.tick(), 20, "task_credentials", 20, 1000, 0, 1000, 1000, 1000, NONE);
	traced.switch(1, traced.tick(), 0, 20).switch(1, traced.tick(), 20, 0, 1);
	traced.enter(0, traced.tick(), 20, NR.exit_group, [0]);
	traced.die(traced.tick(), 20, { start: 2n });
	traced.lose(0, 3);
	return traced;
}

function writeToDisk(traced: StringsSession): void {
	const bio = [DISK, 64n, 4096, 1, WRITE, 0] as const;
	traced.event(0, traced.tick(), 20, "block_bio_queue", ...bio, 20, "");
	traced.event(0, traced.tick(), 20, "block_getrq", ...bio);
	traced.event(0, traced.tick(), 20, "block_rq_issue", DISK, 64n, 4096, 1, 1, WRITE, 0);
	traced.event(0, traced.tick(), 20, "block_rq_complete", DISK, 64n, 4096, 1, 1, WRITE, 0, 0);
}

beforeAll(async () => {
	session = record();
	built = await session.build();
});

afterAll(() => session.remove());

const ANSWERS: Readonly<Record<string, readonly string[]>> = {
	"Which calls took the most time, and how many failed?": [
		"write|2|60|50|0",
		"openat|4|50|20|3",
		"execve|2|30|20|1",
		"read|2|20|10|0",
		"connect|1|10|10|1",
		"kill|1|10|10|0",
		"mprotect|1|10|10|0",
		"rename|1|10|10|0",
		"exit_group|1|-|-|0",
	],
	"Which calls failed, how, and in which programs?": [
		"openat|ENOENT|edit|2",
		"connect|ECONNREFUSED|edit|1",
		"execve|ENOENT|p10|1",
		"openat|EACCES|p10|1",
	],
	"How long do all but one in a hundred reads take?": ["10"],
	"What time was it on the wall clock when that happened?": [
		"2023-11-14 22:13:20.000|openat|/etc/shadow",
	],
	"Who opened this file, and with which flags?": ["20|edit|3|O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC"],
	"Which files did programs look for in vain?": ["/etc/editrc|edit|2", "/root/edit|p10|1"],
	"Who wrote how much to which file?": ["/etc/passwd|20|edit|120"],
	"What was changed under /etc, and how?": [
		"write|/etc/passwd|-|edit",
		"rename|/etc/passwd|/etc/passwd~|edit",
	],
	"Which programs were run, by whom, and how did they end?": ["20|10|edit 'the file'|1000|0|370"],
	"Which programs could not be run?": ["/root/edit|ENOENT|p10|1"],
	"Who sent which signal to whom?": ["p10|SIGTERM|edit|-"],
	"Which memory was made writable and executable at once?": [
		"5000001340|20|edit|mprotect|0x7f0000000000|4096",
	],
	"Who became root?": ["20|edit|1000|0|1000"],
	"Who connected where, and with what success?": ["edit|inet|10.0.0.1|80|ECONNREFUSED|1"],
	"Which requests to a disk took longest, and whose were they?": ["8:0|write|64|4096|30|edit"],
	"Which process kept the disk busy?": ["20|edit|1|4096|10"],
	"Which calls made the disk work, and how long did they wait for it?": ["write|edit|1|4096|30"],
	"Who had the processors, and how often were they taken away?": ["edit|10|1|0"],
	"What was the last that a process did before it ended?": ["20|exit_group|-|10"],
	"Is an answer about this time whole, or were records lost?": ["main|0|5000001400|5000002410|3"],
};

it("there are twenty questions", () => {
	expect(VIEW_QUESTIONS).toHaveLength(20);
	expect(new Set(VIEW_QUESTIONS.map(({ question }) => question)).size).toBe(20);
});

it.each(VIEW_QUESTIONS)("$question", ({ question, sql }) => {
	expect(built.ask(sql)).toEqual(ANSWERS[question]);
});
