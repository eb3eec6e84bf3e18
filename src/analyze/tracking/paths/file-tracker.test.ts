import { afterEach, describe, expect, test } from "vitest";
import {
	AT_FDCWD,
	CLONE_FILES,
	CLONE_FS,
	CLONE_THREAD,
	type Life,
	named,
	StringsSession,
} from "../../../../test/strings-session.js";
import type { SessionMetadata } from "../../../session/metadata.js";

const P = 10;
const CHILD = 20;
let open: StringsSession | undefined;

function session(life: Partial<Life> = {}, metadata?: Partial<SessionMetadata>): StringsSession {
	open = new StringsSession([{ pid: P, ...life }], metadata);
	return open;
}

afterEach(() => {
	open?.remove();
	open = undefined;
});

async function ask(of: StringsSession, where?: string): Promise<readonly string[]> {
	return named(await of.build(), where);
}

/** What a read of each number stands for now. */
function reads(of: StringsSession, tid: number, ...fds: readonly number[]): StringsSession {
	for (const fd of fds) of.call(tid, "read", [fd, 0, 0], 1);
	return of;
}

describe("a path", () => {
	test("starts from the working directory, or from a descriptor's", async () => {
		const s = session({ cwd: "/home", open: { 5: "/srv" } });
		s.call(P, "openat", [AT_FDCWD, 1, 0], -2, { path: "a/../b" });
		s.call(P, "openat", [-100n, 1, 0], -2, { path: "/etc//passwd" });
		s.call(P, "openat", [5, 1, 0], -2, { path: "c" });
		s.call(P, "openat", [6, 1, 0], -2, { path: "c" });
		s.call(P, "renameat", [5, 1, AT_FDCWD, 1], 0, { path: "x", path2: "y" });
		s.call(P, "rename", [1, 1], 0, { path: "x", path2: "/y" });
		expect(await ask(s)).toEqual([
			"openat /home/b - - -",
			"openat /etc/passwd - - -",
			"openat /srv/c - - -",
			"openat - - - -",
			"renameat /srv/x /home/y - -",
			"rename /home/x /y - -",
		]);
	});

	test("as it was given stays, and says where it was cut", async () => {
		const s = session();
		s.call(P, "openat", [AT_FDCWD, 1, 0], -2, { path: "./a", flags: 1 });
		s.call(P, "openat", [AT_FDCWD, 1, 0], -2, { path: "/a" });
		const database = await s.build();
		expect(
			database.ask("SELECT path, path_given, path_truncated, path2_given FROM syscalls"),
		).toEqual(["/home/a|./a|1|-", "/a|/a|0|-"]);
	});

	test("that was not readable at entry is read at exit, from where the call began", async () => {
		const s = session();
		const answers = [{ fd: -100, path: "/new" }];
		s.call(P, "chdir", [1], 0, { flags: 2, later: { path: "../new" }, answers });
		s.call(P, "openat", [AT_FDCWD, 1, 0], -14, { flags: 2 });
		s.call(P, "openat", [AT_FDCWD, 1, 0], -2, { path: "f" });
		expect(await ask(s)).toEqual(["chdir /new - - -", "openat - - - -", "openat /new/f - - -"]);
	});

	test("that is empty is its directory, where the call takes it for that", async () => {
		const s = session({ open: { 5: "/srv" } });
		s.call(P, "newfstatat", [5, 1, 0, 0x1000], 0);
		s.call(P, "newfstatat", [5, 1, 0, 0], -2);
		s.call(P, "utimensat", [5, 0, 0, 0], 0, { flags: 2 });
		expect(await ask(s)).toEqual([
			"newfstatat /srv - /srv -",
			"newfstatat - - - -",
			"utimensat - - /srv -",
		]);
	});

	test("of a link is where it leads from; of a mount it may be a word", async () => {
		const s = session();
		s.call(P, "symlink", [1, 1], 0, { path: "../t", path2: "d/l" });
		s.call(P, "mount", [1, 1, 1, 0, 0], 0, { path: "tmpfs", path2: "m" });
		const details = Buffer.from("n");
		s.call(P, "memfd_create", [1, 0], 5, { details, answers: [{ fd: 5, path: "/memfd:n" }] });
		expect(await ask(s)).toEqual([
			"symlink /home/t /home/d/l - -",
			"mount - /home/m - -",
			"memfd_create - - /memfd:n -",
		]);
	});

	test("of a process in a chroot has its root in front, of what the kernel answers too", async () => {
		const s = session({ cwd: "/jail/a", open: { 4: "/outside" } });
		s.call(P, "chroot", [1], 0, { path: ".." });
		s.opens(P, "/etc/passwd", 5);
		s.call(P, "openat", [AT_FDCWD, 1, 0], -2, { path: "../../x" });
		s.call(P, "openat", [4, 1, 0], -2, { path: "y" });
		s.call(P, "read", [5, 0, 0], 1);
		s.call(P, "fchdir", [4], 0, { answers: [{ fd: -100, path: "/outside" }] });
		s.call(P, "openat", [AT_FDCWD, 1, 0], -2, { path: "z" });
		s.call(P, "openat", [4, 1, 0], 6, { path: "u", answers: [{ fd: 6, path: "/outside/u" }] });
		s.call(P, "openat", [4, 1, 0], 7, { path: "link", answers: [{ fd: 7, path: "/v" }] });
		expect(await ask(s)).toEqual([
			"chroot /jail - - -",
			"openat /jail/etc/passwd - /jail/etc/passwd -",
			"openat /jail/x - - -",
			"openat /outside/y - - -",
			"read - - /jail/etc/passwd -",
			"fchdir - - /outside -",
			"openat /outside/z - - -",
			"openat /outside/u - /outside/u -",
			"openat /outside/link - - -",
		]);
	});
});

describe("a descriptor", () => {
	test("is what the kernel answers, until it is closed", async () => {
		const s = session();
		s.opens(P, "link", 3, { path: "/real" });
		reads(s, P, 3).call(P, "close", [3], 0);
		reads(s, P, 3).call(P, "close", [3], -9);
		expect(await ask(s)).toEqual([
			"openat /home/link - /real -",
			"read - - /real -",
			"close - - /real -",
			"read - - - -",
			"close - - - -",
		]);
	});

	test("is what it was at the start", async () => {
		const s = session({ open: { 0: "/dev/null", 1: "pipe:[7]" } });
		reads(s, P, 0, 1, 2).call(P, "sendfile", [1, 0, 0, 9], 9);
		expect(await ask(s)).toEqual([
			"read - - /dev/null -",
			"read - - pipe:[7] -",
			"read - - - -",
			"sendfile - - pipe:[7] /dev/null",
		]);
	});

	test("is not what a look found that may be older than a call", async () => {
		const s = session({ open: { 3: "/a", 4: "/b" }, lookedAt: 1045 });
		s.call(P, "close", [3], 0);
		s.call(P, "read", [4, 0, 0], 1);
		reads(s, P, 3, 4);
		expect(await ask(s, "name = 'read'")).toEqual([
			"read - - - -",
			"read - - - -",
			"read - - /b -",
		]);
	});

	test("without an answer is none", async () => {
		const s = session({ open: { 3: "/a" } });
		s.call(P, "socket", [1, 1, 0], 3);
		expect(await ask(reads(s, P, 3), "name = 'read'")).toEqual(["read - - - -"]);
	});

	test("is copied by dup, dup2, dup3 and fcntl", async () => {
		const s = session({ open: { 3: "/a", 4: "/b", 9: "/c" } });
		s.call(P, "dup", [3], 5).call(P, "dup2", [4, 9], 9).call(P, "dup3", [3, 6, 0o2000000], 6);
		s.call(P, "fcntl", [4, 0, 100], 100).call(P, "fcntl", [4, 1030, 200], 200);
		s.call(P, "dup", [77], 8).call(P, "dup2", [3, 3], 3);
		reads(s, P, 3, 4, 5, 6, 8, 9, 100, 200);
		s.exec(s.tick(), P, { comm: "x" });
		reads(s, P, 3, 4, 5, 6, 8, 9, 100, 200);
		expect((await ask(s, "name = 'read'")).map((line) => line.split(" ")[3])).toEqual([
			...["/a", "/b", "/a", "/a", "-", "/b", "/b", "/b"],
			...["/a", "/b", "/a", "-", "-", "/b", "/b", "-"],
		]);
	});

	test("goes by close-on-exec, however that was set", async () => {
		const s = session({ open: { 3: "/a!", 4: "/b", 5: "/c", 6: "/d!", 7: "/e" } });
		s.call(P, "fcntl", [4, 2, 1], 0).call(P, "ioctl", [5, 0x5451], 0);
		s.call(P, "fcntl", [6, 2, 0], 0).call(P, "close_range", [7, 0xffff_ffff, 4], 0);
		s.opens(P, "/f", 8, { closeOnExec: true });
		s.exec(s.tick(), P, { comm: "x" });
		reads(s, P, 3, 4, 5, 6, 7, 8);
		expect((await ask(s, "name = 'read'")).map((line) => line.split(" ")[3])).toEqual([
			...["-", "-", "-", "/d", "-", "-"],
		]);
	});

	test("goes by close_range", async () => {
		const s = session({ open: { 3: "/a", 4: "/b", 5: "/c" } });
		s.call(P, "close_range", [4, 0xffff_ffff, 0], 0);
		expect((await ask(reads(s, P, 3, 4, 5), "name = 'read'")).join()).toBe(
			"read - - /a -,read - - - -,read - - - -",
		);
	});

	test("may come by a message, or from another process", async () => {
		const s = session({ open: { 3: "socket:[5]", 4: "anon_inode:[pidfd]" } });
		s.call(P, "recvmsg", [3, 1, 0], 1, { answers: [{ fd: 6, path: "/sent" }] });
		s.call(P, "pidfd_getfd", [4, 1, 0], 7, { answers: [{ fd: 7, path: "/taken" }] });
		expect(await ask(reads(s, P, 6, 7))).toEqual([
			"recvmsg - - socket:[5] -",
			"pidfd_getfd - - anon_inode:[pidfd] /taken",
			"read - - /sent -",
			"read - - /taken -",
		]);
	});

	test("keeps the name of a file that was deleted", async () => {
		const s = session();
		s.opens(P, "/t/x", 3, { path: "/t/x", deleted: true });
		s.opens(P, "/memfd", 4, { path: "/memfd:n", deleted: true });
		expect(await ask(reads(s, P, 3, 4), "name = 'read'")).toEqual([
			"read - - /t/x -",
			"read - - /memfd:n -",
		]);
	});
});

describe("two threads at once", () => {
	const threads = { tids: [P, 11], open: { 3: "/a" } };

	test("a number that another one got while it was closed stays", async () => {
		const s = session(threads);
		s.begin(P, "close", [3]).opens(11, "/b", 3).end(P, "close", 0);
		expect([...(await ask(reads(s, P, 3)))].sort()).toEqual([
			"close - - /a -",
			"openat /b - /b -",
			"read - - /b -",
		]);
	});

	test("of two closes of one number and an open between, what stands there is not known", async () => {
		const s = session(threads);
		s.begin(P, "close", [3]).begin(11, "close", [3]).opens(12, "/none", 4);
		s.end(P, "close", 0).answer(P, { fd: 3, path: "/b" }).end(11, "close", 0);
		expect(await ask(reads(s, P, 3), "name = 'read'")).toEqual(["read - - - -"]);
	});

	test("a read of what is another file when it returns is of neither", async () => {
		const s = session(threads);
		s.begin(P, "read", [3, 0, 0]).call(11, "close", [3], 0).opens(11, "/b", 3);
		s.end(P, "read", 1).begin(P, "read", [3, 0, 0]).call(11, "close", [3], 0).end(P, "read", 1);
		expect(await ask(s, "name = 'read'")).toEqual(["read - - - -", "read - - /b -"]);
	});

	test("a copy of what is being replaced is not known", async () => {
		const s = session(threads);
		s.begin(P, "dup", [3]).call(11, "close", [3], 0).opens(11, "/b", 3).end(P, "dup", 5);
		s.begin(P, "dup2", [3, 6]).opens(11, "/c", 6).end(P, "dup2", 6);
		expect(await ask(reads(s, P, 5, 6), "name = 'read'")).toEqual(["read - - - -", "read - - - -"]);
	});
});

describe("a child", () => {
	const life = { open: { 3: "/a", 4: "/b!" } };

	test("of fork has a copy of descriptors and directories", async () => {
		const s = session(life);
		s.begin(P, "fork", []).fork(s.tick(), P, CHILD).end(P, "fork", CHILD);
		s.call(CHILD, "close", [3], 0);
		s.call(CHILD, "chdir", [1], 0, { path: "/c", answers: [{ fd: -100, path: "/c" }] });
		reads(reads(s, P, 3), CHILD, 3, 4);
		s.call(P, "openat", [AT_FDCWD, 1, 0], -2, { path: "x" });
		s.call(CHILD, "openat", [AT_FDCWD, 1, 0], -2, { path: "x" });
		expect(await ask(s, "name IN ('read', 'openat')")).toEqual([
			"read - - /a -",
			"read - - - -",
			"read - - /b -",
			"openat /home/x - - -",
			"openat /c/x - - -",
		]);
	});

	test.each([
		["clone", [CLONE_FILES | CLONE_FS], {}],
		["clone3", [1, 88], { details: structure(CLONE_FILES | CLONE_FS) }],
	] as const)("of %s may share both", async (name, args, options) => {
		const s = session(life);
		s.begin(P, name, args, options).fork(s.tick(), P, CHILD).end(P, name, CHILD);
		s.call(CHILD, "close", [3], 0).opens(CHILD, "/n", 5);
		s.call(CHILD, "chdir", [1], 0, { path: "/c", answers: [{ fd: -100, path: "/c" }] });
		reads(s, P, 3, 5).call(P, "openat", [AT_FDCWD, 1, 0], -2, { path: "x" });
		expect((await ask(s, `pid = ${P}`)).slice(1)).toEqual([
			"read - - - -",
			"read - - /n -",
			"openat /c/x - - -",
		]);
	});

	test("that shares has its own from execve or unshare on", async () => {
		const s = session(life);
		s.begin(P, "clone", [CLONE_FILES]).fork(s.tick(), P, CHILD).end(P, "clone", CHILD);
		s.begin(P, "clone", [CLONE_FILES]).fork(s.tick(), P, 21).end(P, "clone", 21);
		s.begin(CHILD, "execve", [1, 1, 1], { path: "/x" });
		s.exec(s.tick(), CHILD, { comm: "x" }).end(CHILD, "execve", 0);
		s.call(21, "unshare", [CLONE_FILES], 0).call(21, "close", [3], 0);
		s.call(CHILD, "close", [3], 0);
		reads(reads(reads(s, P, 3, 4), CHILD, 3, 4), 21, 3, 4);
		expect((await ask(s, "name = 'read'")).map((line) => line.split(" ")[3])).toEqual([
			...["/a", "/b", "-", "-", "-", "/b"],
		]);
	});

	test("whose flags are not known makes both uncertain, until an execve", async () => {
		const s = session(life);
		s.begin(P, "clone3", [1, 88], { flags: 32 }).fork(s.tick(), P, CHILD).end(P, "clone3", CHILD);
		s.opens(P, "/n", 5);
		reads(reads(s, P, 3, 5), CHILD, 3, 4);
		s.begin(CHILD, "execve", [1, 1, 1], { path: "/x" }).end(CHILD, "execve", 0);
		s.opens(CHILD, "/m", 6);
		reads(s, CHILD, 6);
		expect((await ask(s, "name = 'read'")).map((line) => line.split(" ")[3])).toEqual([
			...["-", "-", "-", "-", "/m"],
		]);
	});

	test("that was born before calls were recorded leaves its parent as certain as it was", async () => {
		const s = session(life);
		s.fork(s.tick(), P, CHILD);
		reads(reads(s.opens(CHILD, "/n", 5), CHILD, 3, 5), P, 3, 5);
		expect((await ask(s, "name = 'read'")).map((line) => line.split(" ")[3])).toEqual([
			...["-", "/n", "/a", "-"],
		]);
	});

	test("that nobody told of, and that shares, makes its parent uncertain", async () => {
		const s = session(life);
		s.call(P, "clone", [CLONE_FILES | CLONE_THREAD], CHILD).opens(P, "/n", 5);
		expect(await ask(reads(s, P, 3, 5), "name = 'read'")).toEqual(["read - - - -", "read - - - -"]);
	});

	test("that is a thread may execute: it goes on as the leader, with what all had", async () => {
		const s = session(life);
		s.begin(P, "clone", [CLONE_FILES | CLONE_FS | CLONE_THREAD]);
		s.fork(s.tick(), P, 12, { pid: P }).end(P, "clone", 12);
		s.opens(12, "/n", 5).begin(12, "execve", [1, 1, 1], { path: "prog" });
		s.exec(s.tick(), P, { oldTid: 12, comm: "prog" });
		s.end(P, "execve", 0);
		expect(await ask(reads(s, P, 3, 4, 5), "name IN ('read', 'execve')")).toEqual([
			"execve /home/prog - - -",
			"read - - /a -",
			"read - - - -",
			"read - - /n -",
		]);
	});
});

describe("nothing is certain", () => {
	test("after a loss, until the kernel answers", async () => {
		const s = session({ open: { 3: "/a" } });
		reads(s, P, 3);
		s.event(1, s.tick(), 99, "syscall_exit_short", 39, 99).lose(1, 5);
		s.event(1, s.tick(), 99, "syscall_exit_short", 39, 99);
		reads(s, P, 3).call(P, "openat", [AT_FDCWD, 1, 0], -2, { path: "x" });
		s.call(P, "openat", [AT_FDCWD, 1, 0], -2, { path: "/x" });
		reads(s.opens(P, "/b", 3), P, 3);
		expect(await ask(s, `pid = ${P}`)).toEqual([
			"read - - /a -",
			"read - - - -",
			"openat - - - -",
			"openat /x - - -",
			"openat /b - /b -",
			"read - - /b -",
		]);
	});

	test("from io_uring_setup on, but for each answer itself", async () => {
		const s = session({ open: { 3: "/a" } });
		const answers = [{ fd: 5, path: "anon_inode:[io_uring]" }];
		s.call(P, "io_uring_setup", [1, 1], 5, { answers }).opens(P, "/b", 6);
		expect(await ask(reads(s, P, 3, 6))).toEqual([
			"io_uring_setup - - anon_inode:[io_uring] -",
			"openat /b - /b -",
			"read - - - -",
			"read - - - -",
		]);
	});

	test("where a filter left calls out, but for each answer itself", async () => {
		const filters = [{ source: "syscalls", expression: "x", trigger: false }];
		const s = session({ open: { 3: "/a" } }, { filters });
		s.opens(P, "/b", 6).call(P, "openat", [AT_FDCWD, 1, 0], -2, { path: "x" });
		expect(await ask(reads(s, P, 3, 6))).toEqual([
			"openat /b - /b -",
			"openat - - - -",
			"read - - - -",
			"read - - - -",
		]);
	});

	test("of a thread that was met without its history", async () => {
		const s = session();
		s.opens(77, "/b", 6);
		expect(await ask(reads(s, 77, 6))).toEqual(["openat /b - /b -", "read - - - -"]);
	});

	test("after a close or a dup2 whose entry is missing", async () => {
		const s = session({ open: { 3: "/a" } });
		s.exit(0, s.tick(), P, 3, 0);
		expect(await ask(reads(s, P, 3), "name = 'read'")).toEqual(["read - - - -"]);
	});
});

function structure(flags: number): Buffer {
	const bytes = Buffer.alloc(88);
	bytes.writeUInt32LE(flags);
	return bytes;
}
