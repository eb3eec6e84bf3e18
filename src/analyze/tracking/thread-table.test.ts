import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NR, TracedSession } from "../../../test/traced-session.js";

/** CLOCK_BOOTTIME at the session's time base in a TracedSession. */
const BOOT = 1_000_000_005_000_000_123n;
const SLEPT = 5_000_000_000n;
let session: TracedSession;

beforeEach(() => {
	session = new TracedSession();
});
afterEach(() => {
	session.remove();
});

const PROCESSES = "SELECT pid, ppid, uid, comm, exe, cmdline FROM process ORDER BY upid";
const THREADS =
	"SELECT pid, tid, t.comm FROM thread t JOIN process p ON p.upid = t.upid ORDER BY utid";

function call(ts: number, tid: number): void {
	session.enter(0, ts, tid, NR.getpid).exit(0, ts + 1, tid, NR.getpid, 0);
}

/** A process of two threads that lives when the recording starts. */
function sessionWithSnapshot(startTicks: bigint): TracedSession {
	session.remove();
	session = new TracedSession({
		metadata: {
			processes: [
				{
					pid: 70,
					ppid: 1,
					uid: 33,
					comm: "web",
					exe: "/usr/sbin/web",
					cmdline: Buffer.from("web\0-p\x0080\0"),
					threads: [
						{ tid: 70, comm: "web", startTicks },
						{ tid: 71, comm: "worker", startTicks: startTicks + 3n },
					],
				},
			],
		},
	});
	return session;
}

describe("the snapshot", () => {
	test("names what lived at the start, and when it was born on the monotonic clock", async () => {
		sessionWithSnapshot(1_000_000_00n);
		call(10, 71);
		const database = await session.build();
		expect(database.ask(PROCESSES)).toEqual(["70|1|33|web|/usr/sbin/web|web -p 80"]);
		expect(database.ask(THREADS)).toEqual(["70|70|web", "70|71|worker"]);
		expect(database.ask("SELECT start_ts, end_ts FROM process")).toEqual([
			`${1_000_000n * 1_000_000_000n - SLEPT}|-`,
		]);
		expect(database.ask("SELECT pid, tid, comm FROM syscalls")).toEqual(["70|71|worker"]);
	});

	test("and a message about the same thread make one process", async () => {
		const born = BOOT - 123_456_789n;
		sessionWithSnapshot((born * 100n) / 1_000_000_000n);
		session.rename(10, 70, "web", "renamed", { start: born }).die(20, 70, { start: born });
		const database = await session.build();
		expect(database.ask("SELECT pid, comm, start_ts, end_ts FROM process")).toEqual([
			`70|renamed|${born - SLEPT}|${session.timeBase + 20n}`,
		]);
	});

	test("taken after the recording began knows what was forked in between", async () => {
		const born = BOOT + 30_000_000n;
		sessionWithSnapshot((born * 100n) / 1_000_000_000n);
		session.fork(30_000_100, 5, 70, { start: born, comm: "web", uid: 33 });
		session.event(0, 30_000_200, 5, "sched_process_fork", 70, 70);
		call(40_000_000, 70);
		const database = await session.build();
		expect(database.ask("SELECT count(*) FROM process WHERE pid = 70")).toEqual(["1"]);
		expect(database.ask("SELECT exe FROM process WHERE pid = 70")).toEqual(["/usr/sbin/web"]);
	});

	test("says nothing about a later process of the same id", async () => {
		sessionWithSnapshot(100n);
		call(10, 70);
		session.fork(20, 5, 70, { start: BOOT, comm: "other" });
		call(30, 70);
		const database = await session.build();
		expect(database.ask("SELECT comm FROM process WHERE pid = 70 ORDER BY upid")).toEqual([
			"web",
			"other",
		]);
		expect(database.ask("SELECT comm FROM syscalls ORDER BY ts")).toEqual(["web", "other"]);
	});
});

describe("a process", () => {
	test.each(["message", "record", "both"])("is born once, told by %s", async (teller) => {
		session.fork(1, 5, 6, { comm: "sh", uid: 7, start: 10n });
		session.exec(2, 6, { comm: "sh", start: 10n, uid: 7 });
		const later = { start: 20n, comm: "sh", uid: 7 };
		if (teller !== "record") session.fork(3, 6, 8, later);
		if (teller !== "message") session.event(0, 3, 6, "sched_process_fork", 8, 8);
		call(4, 8);
		if (teller !== "record")
			session.exec(5, 8, { comm: "ls", argv: "ls\0-l\0", start: 20n, uid: 7 });
		if (teller !== "message") session.event(0, 5, 8, "sched_process_exec", 8, "/usr/bin/ls");
		call(6, 8);
		if (teller !== "record") session.die(8, 8, { start: 20n });
		if (teller !== "message") session.event(0, 8, 8, "sched_process_exit", 8, 1, 0);
		const database = await session.build();
		const cmdline = teller === "record" ? "-" : "ls -l";
		expect(database.ask(`${PROCESSES} LIMIT -1 OFFSET 2`)).toEqual([
			`8|6|7|ls|/usr/bin/ls|${cmdline}`,
		]);
		expect(database.ask("SELECT comm FROM syscalls ORDER BY ts")).toEqual(["sh", "ls"]);
		expect(database.ask(`SELECT end_ts - ${session.timeBase} FROM process WHERE pid = 8`)).toEqual([
			"8",
		]);
	});

	test("keeps its upid through execve and has what it ran last", async () => {
		session
			.fork(1, 5, 8, { comm: "a" })
			.exec(2, 8, { comm: "b" })
			.exec(3, 8, { comm: "c", uid: 0 });
		const database = await session.build();
		expect(database.ask(`${PROCESSES} LIMIT -1 OFFSET 1`)).toEqual(["8|5|0|c|/usr/bin/c|c"]);
	});

	test("of a recycled id is another one", async () => {
		session.fork(1, 5, 8, { comm: "a", start: 1n }).die(2, 8, { start: 1n });
		session.fork(3, 5, 8, { comm: "b", start: 2n }).die(4, 8, { start: 2n });
		const database = await session.build();
		expect(database.ask("SELECT comm FROM process WHERE pid = 8 ORDER BY upid")).toEqual([
			"a",
			"b",
		]);
		expect(database.ask("SELECT count(DISTINCT upid), count(*) FROM process")).toEqual(["3|3"]);
	});

	test("of a recycled id is another one, even when end and birth were not seen", async () => {
		session.fork(1, 5, 8, { comm: "a", start: 1n });
		session.exec(3, 8, { comm: "b", start: 2n });
		call(4, 8);
		const database = await session.build();
		expect(database.ask("SELECT comm FROM process WHERE pid = 8 ORDER BY upid")).toEqual([
			"a",
			"b",
		]);
		expect(database.ask("SELECT comm FROM syscalls")).toEqual(["b"]);
	});

	test("ends with its last thread, not with its first", async () => {
		session.fork(1, 5, 8, { comm: "a" }).fork(2, 8, 9, { pid: 8, comm: "a", start: 2n });
		session.die(10, 8, { groupDead: false });
		call(11, 9);
		session.die(20, 9, { pid: 8, start: 2n });
		const database = await session.build();
		expect(database.ask(`SELECT end_ts - ${session.timeBase} FROM process WHERE pid = 8`)).toEqual([
			"20",
		]);
		expect(database.ask("SELECT pid, tid FROM syscalls")).toEqual(["8|9"]);
	});

	test("met without any history has its thread's id and no name", async () => {
		call(10, 8);
		const database = await session.build();
		expect(database.ask(PROCESSES)).toEqual(["8|-|-|-|-|-"]);
		expect(database.ask("SELECT pid, tid, comm FROM syscalls")).toEqual(["8|8|-"]);
	});

	test("keeps arguments with odd bytes exactly, for those who look behind the view", async () => {
		session.fork(1, 5, 8, { comm: "a" });
		session.exec(2, 8, { comm: "b", argv: "b\0two words\0\0" });
		const database = await session.build();
		expect(database.ask("SELECT cmdline FROM process WHERE pid = 8")).toEqual(["b two words "]);
		expect(database.ask("SELECT hex(argv) FROM process_row WHERE pid = 8")).toEqual([
			Buffer.from("b\0two words\0\0").toString("hex").toUpperCase(),
		]);
	});
});

describe("a thread", () => {
	test("has in every row the name that it had then", async () => {
		session.fork(1, 5, 8, { comm: "a" });
		call(10, 8);
		session.rename(20, 8, "a", "b");
		call(30, 8);
		session.rename(40, 8, "b", "a");
		call(50, 8);
		const database = await session.build();
		expect(database.ask("SELECT comm FROM syscalls ORDER BY ts")).toEqual(["a", "b", "a"]);
		expect(database.ask("SELECT comm FROM thread WHERE tid = 8")).toEqual(["a"]);
	});

	test("renamed does not rename its process, unless it is the first", async () => {
		session.fork(1, 5, 8, { comm: "a" }).fork(2, 8, 9, { pid: 8, comm: "a", start: 2n });
		session.rename(10, 9, "a", "helper", { pid: 8, start: 2n });
		const database = await session.build();
		expect(database.ask("SELECT comm FROM process WHERE pid = 8")).toEqual(["a"]);
		expect(database.ask("SELECT tid, comm FROM thread WHERE tid IN (8, 9) ORDER BY tid")).toEqual([
			"8|a",
			"9|helper",
		]);
	});

	test("met before its name and process were told gets both in its earlier rows too", async () => {
		call(10, 9);
		session.switch(1, 15, 0, 9);
		session.rename(20, 9, "old", "new", { pid: 8, start: 2n });
		call(30, 9);
		const database = await session.build();
		expect(database.ask("SELECT pid, tid, comm FROM syscalls ORDER BY ts")).toEqual([
			"8|9|old",
			"8|9|new",
		]);
		expect(database.ask("SELECT pid, tid, comm FROM sched_slices")).toEqual(["8|9|old"]);
		expect(database.ask("SELECT pid FROM process")).toEqual(["8"]);
	});

	test("many that lived and died are all there, and their rows name them", async () => {
		const lives = 5000;
		for (let life = 0; life < lives; life++) {
			const tid = 100 + (life % 50);
			const at = 1000 + life * 10;
			session.fork(at, 5, tid, { comm: `c${life}`, start: BigInt(at) });
			call(at + 1, tid);
			session.die(at + 5, tid, { start: BigInt(at) });
		}
		const database = await session.build();
		expect(database.ask("SELECT count(*), count(DISTINCT upid) FROM process")).toEqual([
			`${lives + 1}|${lives + 1}`,
		]);
		expect(
			database.ask(
				"SELECT count(*) FROM syscalls s JOIN process p ON p.comm = s.comm AND p.pid = s.pid AND s.ts BETWEEN p.end_ts - 4 AND p.end_ts",
			),
		).toEqual([`${lives}`]);
	});
});
