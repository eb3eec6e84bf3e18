import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Asking, askDatabase } from "../../src/analyze/query/asking.js";
import { type ReportRequest, runReport } from "../../src/analyze/reports/run-report.js";
import { jsonText } from "../../src/export/json.js";
import { type BuiltSession, NR, TracedSession } from "../traced-session.js";

const AT_FDCWD = 0xffff_ff9c;
const NR32_OPEN = 5;
const TABLE = [
	...Object.entries({ ...NR, mmap: 9, kill: 62 }).map(([name, nr]) => `0 ${nr} ${name} 6`),
	`1 ${NR32_OPEN} open 3`,
	"1 11 execve 3",
].join("\n");
/** As a kernel might declare it that has another name for the flags. */
const OWN = "openat int dfd, const char * filename, int how_to, umode_t mode";

let session: TracedSession;
let built: BuiltSession;
let asking: Asking;

/** A shell that starts a program, by way of one that is not there, and a 32-bit program. */
function record(): TracedSession {
	const traced = new TracedSession({
		metadata: { syscallTable: TABLE, syscallArguments: OWN },
	});
	traced.fork(10, 1, 100, { pid: 100, comm: "sh", start: 1n });
	traced.exec(20, 100, { comm: "sh", argv: "sh\0-c\0ls 'a b'\0", start: 1n });
	traced.fork(30, 100, 101, { pid: 101, comm: "sh", start: 2n });
	const call = (
		ts: number,
		tid: number,
		nr: number,
		args: readonly (number | bigint)[],
		ret: number,
	) => traced.enter(0, ts, tid, nr, args).exit(0, ts + 5, tid, nr, ret);
	call(40, 101, NR.execve, [0x7ff0n, 1, 2], -2);
	traced.enter(0, 50, 101, NR.execve, [0x7ff8n, 1, 2]);
	traced.exec(54, 101, { comm: "ls", argv: "ls\0a b\0", start: 2n });
	traced.exit(0, 55, 101, NR.execve, 0);
	call(60, 101, NR.openat, [AT_FDCWD, 0x5000n, 0x80000, 0], 3);
	call(70, 101, NR.openat, [AT_FDCWD, 0x5000n, 0xc1, 0o644], -17);
	traced.enter(0, 80, 101, NR32_OPEN, [0x5000, 2, 0], 1).exit(0, 85, 101, NR32_OPEN, -13, 1);
	call(90, 101, 62, [0xffff_ffff, 9], -3);
	call(100, 101, 9, [0, 4096, 3, 0x22, -1n, 0], 0x7000);
	traced.die(200, 101, { start: 2n });
	return traced;
}

beforeAll(async () => {
	session = record();
	built = await session.build();
	asking = askDatabase(session.open(), built.path);
});

afterAll(() => {
	asking.database.close();
	session.remove();
});

// biome-ignore lint/suspicious/noExplicitAny: tests pick members out of different results
function data(name: string, request: ReportRequest = {}): any {
	return JSON.parse(jsonText(runReport(name, asking, request).json));
}

describe("the report calls", () => {
	it("writes calls out, each by its own table", () => {
		const texts = data("calls").calls.map((call: { text: string }) => call.text);
		expect(texts).toEqual([
			"execve(0x7ff0, 0x1, 0x2) = -1 ENOENT",
			"execve(0x7ff8, 0x1, 0x2) = 0",
			"openat(AT_FDCWD, 0x5000, O_RDONLY|O_CLOEXEC, 000) = 3",
			"openat(AT_FDCWD, 0x5000, O_WRONLY|O_CREAT|O_EXCL, 0644) = -1 EEXIST",
			"open(0x5000, O_RDWR) = -1 EACCES",
			"kill(-1, SIGKILL) = -1 ESRCH",
			"mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7000",
		]);
	});

	it("has arguments by the names that the recorded kernel gives them", () => {
		const [open] = data("calls", { since: "+60ns" }).calls;
		expect(open.arguments).toEqual({
			dfd: "AT_FDCWD",
			filename: "0x5000",
			how_to: "O_RDONLY|O_CLOEXEC",
			mode: "000",
		});
	});

	it("says how many more there are", () => {
		const { calls, omitted } = data("calls", { limit: 2, since: "+50ns" });
		expect([calls.length, omitted]).toEqual([2, 4]);
		expect(data("calls", { limit: 7 }).omitted).toBe(0);
	});
});

describe("in plain SQL", () => {
	it("arguments have their names, types and kinds", () => {
		expect(
			built.ask("SELECT position, argument, type, kind FROM syscall_arguments WHERE name = 'kill'"),
		).toEqual(["0|pid|pid_t|signed", "1|sig|int|signal"]);
		expect(
			built.ask("SELECT abi, argument FROM syscall_arguments WHERE name = 'open' AND position = 1"),
		).toEqual(["ia32|flags"]);
	});

	it("flags become symbols by a join", () => {
		expect(
			built.ask(
				`SELECT s.name, (SELECT group_concat(y.symbol, '|') FROM argument_symbols y
					WHERE y.kind = a.kind AND s.arg1 & y.mask = y.value)
				 FROM syscalls s JOIN syscall_arguments a ON a.name = s.name AND a.abi = s.abi
				 WHERE a.position = 1 AND s.name IN ('open', 'kill') ORDER BY s.ts`,
			),
		).toEqual(["open|O_RDWR", "kill|SIGKILL"]);
	});

	it("a call tells the table that it was made through", () => {
		expect(built.ask("SELECT DISTINCT abi FROM syscalls ORDER BY abi")).toEqual(["ia32", "x86_64"]);
	});
});

it("the report errors counts by call and error", () => {
	const { errors, total } = data("errors", { by: "process" });
	expect(total).toBe(4);
	expect(errors).toEqual(
		[
			{ name: "execve", errno: "ENOENT", first_ns: 40, last_ns: 40 },
			{ name: "kill", errno: "ESRCH", first_ns: 90, last_ns: 90 },
			{ name: "open", errno: "EACCES", first_ns: 80, last_ns: 80 },
			{ name: "openat", errno: "EEXIST", first_ns: 70, last_ns: 70 },
		].map((row) => ({ ...row, count: 1, pid: 101, upid: 3, comm: "ls" })),
	);
});

describe("the report exec", () => {
	it("has the tree of processes with what they ran and failed to run", () => {
		const { processes, failed } = data("exec");
		expect(failed).toBe(1);
		expect(
			processes.map((row: Record<string, unknown>) => [row["pid"], row["depth"], row["programs"]]),
		).toEqual([
			[1, 0, []],
			[
				100,
				1,
				[{ at_ns: 20, path: "/usr/bin/sh", command: `sh -c 'ls '\\''a b'\\'''`, errno: null }],
			],
			[
				101,
				2,
				[
					{ at_ns: 40, path: null, command: null, errno: "ENOENT" },
					{ at_ns: 54, path: "/usr/bin/ls", command: "ls 'a b'", errno: null },
				],
			],
		]);
	});

	it("asked about a program, it has those who ran it", () => {
		const pids = data("exec", { path: "*/ls" }).processes.map((row: { pid: number }) => row.pid);
		expect(pids).toEqual([101]);
	});
});
