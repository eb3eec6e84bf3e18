import { execFileSync } from "node:child_process";
import {
	chmodSync,
	readdirSync,
	readFileSync,
	statSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { BuiltSession, NR, TracedSession } from "../test/traced-session.js";
import { buildDatabase, ensureDatabase, Pipeline } from "./pipeline.js";
import type { EventSchema } from "./schema/event-schema.js";
import { BUILTIN_EVENTS } from "./schema/generated/builtin-events.js";

const sessions: TracedSession[] = [];

function traced(...options: ConstructorParameters<typeof TracedSession>): TracedSession {
	const session = new TracedSession(...options);
	sessions.push(session);
	return session;
}

afterEach(() => {
	for (const session of sessions.splice(0)) session.remove();
});

/** A little of everything. */
function busySession(): TracedSession {
	const session = traced();
	session.fork(1, 5, 7, { comm: "a", start: 1n }).exec(2, 7, { comm: "prog" });
	session.channel("main", { subbufSize: 4096 });
	for (let time = 10; time < 40_000; time += 20) {
		session.enter(time % 3, time, 7, NR.read, [3, BigInt(time) << 40n, 100]);
		session.exit(time % 3, time + 5, 7, NR.read, time);
	}
	session.channel("sched", { subbufSize: 4096 });
	for (let time = 10; time < 40_000; time += 100) {
		session.switch(1, time, 0, 7).switch(1, time + 50, 7, 0, 1);
	}
	session.channel("main").lose(1, 5).lose(2, 3);
	session.enter(0, 50_000, 7, NR.exit_group, [0]).die(50_001, 7);
	return session;
}

function dump(path: string): string {
	const views = ["process", "thread", "syscalls", "sched_slices", "losses", "stats", "session"];
	const sql = views.map((view) => `SELECT * FROM ${view};`).join("\n");
	return execFileSync("sqlite3", [path, sql], { encoding: "utf8", maxBuffer: 1 << 28 });
}

describe("a global channel", () => {
	function session(): TracedSession {
		const session = traced();
		session.fork(1, 5, 7, { comm: "a", start: 1n });
		session.channel("calls", { global: true });
		session.enter(0, 10, 7, NR.read, [3]).exit(1, 20, 7, NR.read, 4);
		session.enter(1, 30, 7, NR.write, [3]).lose(0, 5).exit(1, 50, 7, NR.write, 4);
		session.enter(2, 60, 7, NR.getpid).exit(2, 70, 7, NR.getpid, 7).lose(2, 2);
		return session;
	}

	test("gives its rows the CPUs that they are from", async () => {
		const database = await session().build();
		expect(
			database.ask(
				"SELECT ts - (SELECT min(ts) FROM syscalls), cpu, name, dur FROM syscalls ORDER BY ts",
			),
		).toEqual([...["0|0|read|10", "20|1|write|-", "40|1|write|-", "50|2|getpid|10"]]);
	});

	test("is lost in for all CPUs, which keeps apart what may be two calls", async () => {
		const database = await session().build();
		expect(database.ask("SELECT channel, cpu, lost FROM losses ORDER BY ts_begin")).toEqual([
			...["calls|-|5", "calls|-|2"],
		]);
		expect(
			database.ask("SELECT count(*) FROM syscalls WHERE name = 'write' AND dur IS NOT NULL"),
		).toEqual(["0"]);
	});

	test("counts on each CPU what happened, and for all what became of it", async () => {
		const database = await session().build();
		const rows = database.ask(
			"SELECT cpu, name, value FROM stats WHERE channel = 'calls' AND name IN ('seen', 'written', 'lost', 'stored', 'faults', 'unread') ORDER BY cpu, name",
		);
		expect(rows).toEqual([
			...["-|faults|0", "-|stored|6", "-|unread|0"],
			...["0|lost|5", "0|seen|6", "0|written|1"],
			...["1|lost|0", "1|seen|3", "1|written|3"],
			...["2|lost|2", "2|seen|4", "2|written|2"],
		]);
	});
});

describe("the database", () => {
	test("is whole and has the views of the contract", async () => {
		const database = await busySession().build();
		expect(database.ask("PRAGMA integrity_check")).toEqual(["ok"]);
		expect(statSync(database.path).mode & 0o777).toBe(0o600);
		const columns = (view: string) =>
			database.ask(`SELECT group_concat(name, ' ') FROM pragma_table_info('${view}')`)[0];
		expect(columns("session")).toBe("key value");
		expect(columns("process")).toBe(
			"upid pid ppid uid comm exe cmdline start_ts end_ts exit_status euid gid loginuid " +
				"session_id cgroup container",
		);
		expect(columns("thread")).toBe("utid upid tid comm");
		expect(columns("syscalls")).toBe(
			"ts dur cpu pid tid comm name arg0 arg1 arg2 arg3 arg4 arg5 ret errno path path2 fd_path " +
				"path_given path2_given fd_path2 path_truncated abi",
		);
		expect(columns("sched_slices")).toBe("ts dur cpu pid tid comm end_state");
		expect(columns("losses")).toBe("ts_begin ts_end channel cpu lost");
		expect(columns("stats")).toBe("channel cpu name value");
		expect(database.ask("SELECT count(*) FROM syscalls WHERE comm <> 'prog'")).toEqual(["0"]);
	});

	test("built again from the raw files is the same, byte for byte in its views", async () => {
		const session = busySession();
		const { path } = await session.build();
		const first = dump(path);
		const bytes = readFileSync(path);
		await buildDatabase(session.open());
		expect(dump(path)).toBe(first);
		expect(readFileSync(path).equals(bytes)).toBe(true);
	});

	test("is the same however many records a step takes", async () => {
		const session = busySession();
		const { path } = await session.build();
		const other = join(session.directory, "other.db");
		const pipeline = new Pipeline(session.open(), other);
		while (pipeline.step(7) === "record");
		await pipeline.finish();
		expect(dump(other)).toBe(dump(path));
	});

	test("finds a range of time by search, through the views", async () => {
		const { path } = await busySession().build();
		const database = new BuiltSession(path, 0n);
		for (const view of ["syscalls", "sched_slices"]) {
			const plan = database.ask(`EXPLAIN QUERY PLAN SELECT * FROM ${view} WHERE ts > 5 AND ts < 9`);
			expect(plan.join("\n")).toMatch(/SEARCH s USING PRIMARY KEY \(ts>\? AND ts<\?\)/);
			const ordered = database.ask(`EXPLAIN QUERY PLAN SELECT * FROM ${view} ORDER BY ts LIMIT 5`);
			expect(ordered.join("\n")).not.toMatch(/TEMP B-TREE/);
		}
	});

	test("a process's calls of a time are found without looking up everybody else's", async () => {
		const session = traced();
		session.fork(1, 5, 7, { comm: "a", start: 1n }).fork(2, 5, 8, { comm: "b", start: 2n });
		for (let time = 10; time < 50_000; time += 10) {
			session.enter(0, time, 7 + (time % 20) / 10, NR.getpid).exit(0, time + 5, 7, NR.getpid, 1);
		}
		const database = await session.build();
		for (const condition of ["pid = 8", "tid = 8 AND ts > 5", "comm = 'b' AND ts < 9"]) {
			const sql = `EXPLAIN QUERY PLAN SELECT count(*) FROM syscalls WHERE ${condition}`;
			expect(database.ask(sql).join()).toContain("BLOOM FILTER ON c");
		}
		expect(database.ask("SELECT stat FROM sqlite_stat1 WHERE tbl = 'syscall_row'")).toEqual([
			`${database.ask("SELECT count(*) FROM syscall_row")[0]} 1 1`,
		]);
		expect(database.ask("SELECT stat FROM sqlite_stat1 WHERE tbl = 'caller'")).toEqual(
			database.ask("SELECT count(*) FROM caller"),
		);
	});

	test("tells how far its building is", async () => {
		const session = busySession();
		session.finish();
		const pipeline = new Pipeline(session.open(), join(session.directory, "other.db"));
		const shares: number[] = [];
		const share = () => pipeline.progress.bytes / pipeline.progress.totalBytes;
		while (pipeline.step(100) === "record") shares.push(share());
		await pipeline.finish();
		expect(shares).toHaveLength(48);
		expect(shares).toEqual(shares.toSorted((a, b) => a - b));
		expect(shares.at(-1)).toBeGreaterThan(0.9);
		expect(pipeline.progress.records).toBe(4804);
		expect(share()).toBe(1);
	});
});

describe("accounts", () => {
	test("hold on every CPU: produced = stored + lost", async () => {
		const database = await busySession().build();
		const terms = (name: string) => `sum(CASE name WHEN '${name}' THEN value END)`;
		const rows = database.ask(
			`SELECT channel, cpu, ${terms("produced")} - ${terms("stored")} - ${terms("lost")} - ${terms("unread")} - ${terms("faults")},
				${terms("lost")} = ${terms("lost_full")}
			FROM stats GROUP BY channel, cpu`,
		);
		expect(rows).toEqual(["main|0|0|1", "main|1|0|1", "main|2|0|1", "sched|1|0|1"]);
	});

	test("losses after the last sub-buffer end with the recording", async () => {
		const session = busySession();
		const database = await session.build();
		const last = database.ask("SELECT value FROM session WHERE key = 'end_ts'")[0];
		expect(database.ask("SELECT ts_end, channel, cpu, lost FROM losses ORDER BY cpu")).toEqual([
			`${last}|main|1|5`,
			`${last}|main|2|3`,
		]);
	});

	test("losses on a CPU that stored nothing and of the bufflink are rows too", async () => {
		const session = traced();
		session.enter(0, 10, 7, NR.getpid).lose(1, 9).refuse(4);
		const database = await session.build();
		expect(
			database.ask("SELECT ts_begin, channel, cpu, lost FROM losses ORDER BY channel"),
		).toEqual([`${session.timeBase}|bufflink|-|4`, `${session.timeBase}|main|1|9`]);
		expect(database.ask("SELECT value FROM stats WHERE channel = 'bufflink'")).toEqual(["4"]);
	});

	test("a killed recording has no counters and an open loss on every CPU", async () => {
		const session = traced();
		session.enter(0, 10, 7, NR.read, [1]).enter(2, 30, 8, NR.read, [1]);
		const database = await session.build({ ending: "killed" });
		expect(
			database.ask(
				`SELECT ts_begin - ${session.timeBase}, ts_end, channel, cpu, lost FROM losses ORDER BY cpu`,
			),
		).toEqual(["10|-|main|0|-", "30|-|main|2|-"]);
		expect(database.ask("SELECT count(*) FROM stats WHERE name IN ('seen', 'produced')")).toEqual([
			"0",
		]);
		expect(database.ask("SELECT value FROM session WHERE key = 'status'")).toEqual(["killed"]);
		expect(database.calls()).toHaveLength(2);
	});

	test("a damaged file is read as far as it goes, and says so", async () => {
		const session = busySession();
		session.finish();
		const { path = "" } = session.open().rawFiles[0] ?? {};
		truncateSync(path, statSync(path).size - 100);
		const database = new BuiltSession(await buildDatabase(session.open()), session.timeBase);
		expect(
			database.ask("SELECT count(*) FROM stats WHERE name LIKE 'fault%' AND value > 0"),
		).not.toEqual(["0"]);
		expect(database.ask("PRAGMA integrity_check")).toEqual(["ok"]);
	});
});

test("an event of somebody's own is a view of its own", async () => {
	const own: EventSchema = {
		name: "queue_full",
		id: 1000,
		doc: "",
		fields: [
			{ kind: "fixed", name: "depth", doc: "", unit: undefined, type: "u64", offset: 0 },
			{ kind: "fixed", name: "delta", doc: "", unit: undefined, type: "s32", offset: 8 },
			{
				kind: "tail",
				name: "label",
				doc: "",
				unit: undefined,
				type: "string",
				lengthOffset: undefined,
			},
		],
		fixedLength: 12,
		headerLength: 12,
		view: "queue_full",
	};
	const session = traced({}, [...BUILTIN_EVENTS, own]);
	session.fork(1, 5, 7, { comm: "a" });
	session.event(1, 10, 7, "queue_full", 2n ** 64n - 1n, -5, "dévice");
	session.event(1, 20, 99, "queue_full", 2n ** 53n + 1n, 5, "");
	session.event(1, 30, 0, "queue_full", 1, 0, "x");
	const database = await session.build();
	expect(database.ask("SELECT * FROM queue_full ORDER BY ts")).toEqual([
		`${session.timeBase + 10n}|1|7|7|-1|-5|dévice`,
		`${session.timeBase + 20n}|1|-|99|9007199254740993|5|`,
		`${session.timeBase + 30n}|1|0|0|1|0|x`,
	]);
	expect(database.ask("SELECT tid, child_tid, comm FROM task_fork")).toEqual(["5|7|a"]);
	const plan = database.ask("EXPLAIN QUERY PLAN SELECT * FROM queue_full WHERE ts > 5");
	expect(plan.join()).toMatch(/USING INDEX event_queue_full_ts/);
});

test("facts about the session are exact", async () => {
	const session = traced({
		metadata: {
			request: {
				command: ["sh", "-c", "true"],
				commandPid: 77,
				pids: [],
				sources: ["syscalls", "sched"],
				recorderPid: 70,
			},
		},
	});
	const database = await session
		.enter(0, 10, 7, NR.getpid)
		.build({ ending: { commandEnded: true, commandStatus: 3 } });
	const facts = new Map(
		database.ask("SELECT key, value FROM session").map((row) => row.split("|") as [string, string]),
	);
	expect(facts.get("start_ts")).toBe("1000000000000000123");
	expect(facts.get("start_wall_clock")).toBe("2700000000000000123");
	expect(facts.get("status")).toBe("ended");
	expect(facts.get("command")).toBe("sh -c true");
	expect(facts.get("command_status")).toBe("3");
	expect(facts.get("cpus")).toBe("4");
	expect(facts.get("records")).toBe("1");
});

/** What one thread does next, as its own small program. */
interface Action {
	readonly tid: number;
	readonly cpu: number;
	readonly pause: number;
	readonly kind: "enter" | "exit" | "lost-exit" | "other-exit";
	readonly nr: number;
}

describe("any interleaving of calls over threads and CPUs", () => {
	const action: fc.Arbitrary<Action> = fc.record({
		tid: fc.integer({ min: 1, max: 4 }),
		cpu: fc.integer({ min: 0, max: 3 }),
		pause: fc.integer({ min: 0, max: 3 }),
		kind: fc.constantFrom<Action["kind"][]>(
			"enter",
			"exit",
			"exit",
			"enter",
			"lost-exit",
			"other-exit",
		),
		nr: fc.constantFrom(NR.read, NR.write, NR.getpid, NR.futex),
	});

	test("is paired as a list of each thread's calls says", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(action, { maxLength: 200 }), async (actions) => {
				const session = traced();
				const expected: string[] = [];
				const open = new Map<number, { nr: number; ts: number; cpu: number }>();
				const names = new Map<number, string>(Object.entries(NR).map(([name, nr]) => [nr, name]));
				const row = (
					ts: number,
					dur: number | "-",
					cpu: number,
					tid: number,
					nr: number,
					ret: string,
				) =>
					`${ts} ${dur} cpu${cpu} ${tid}/${tid} - ${names.get(nr)}(${ret.startsWith("x") ? "" : nr}) = ${ret.replace("x", "")}`;
				const unfinished = (tid: number) => {
					const call = open.get(tid);
					if (call !== undefined) expected.push(row(call.ts, "-", call.cpu, tid, call.nr, "-"));
					open.delete(tid);
				};
				let now = 10;
				for (const { tid, cpu, pause, kind, nr } of actions) {
					// Strictly later than before: of equal times on two CPUs the order is the merge's affair.
					now += 1 + pause;
					const call = open.get(tid);
					if (kind === "enter") {
						unfinished(tid);
						session.enter(cpu, now, tid, nr, [nr]);
						open.set(tid, { nr, ts: now, cpu });
					} else if (kind === "exit" && call !== undefined) {
						session.exit(cpu, now, tid, call.nr, now);
						expected.push(row(call.ts, now - call.ts, call.cpu, tid, call.nr, `${now}`));
						open.delete(tid);
					} else if (kind === "other-exit") {
						if (call?.nr === nr) continue;
						session.exit(cpu, now, tid, nr, now);
						unfinished(tid);
						expected.push(row(now, "-", cpu, tid, nr, `x${now}`));
					}
				}
				for (const tid of [...open.keys()]) unfinished(tid);
				const database = await session.channel("main").build();
				expect(database.calls().toSorted()).toEqual(expected.toSorted());
			}),
			{ numRuns: 40 },
		);
	}, 60_000);
});

describe("ensureDatabase", () => {
	test("builds once, and again when the raw files have changed", async () => {
		const session = busySession();
		session.finish();
		const path = await ensureDatabase(session.open());
		const { mtimeNs, ino } = statSync(path, { bigint: true });
		expect(await ensureDatabase(session.open())).toBe(path);
		expect(statSync(path, { bigint: true })).toMatchObject({ mtimeNs, ino });
		const { path: raw = "" } = session.open().rawFiles[0] ?? {};
		truncateSync(raw, statSync(raw).size - 8);
		await ensureDatabase(session.open());
		expect(statSync(path, { bigint: true }).ino).not.toBe(ino);
	});

	test("builds what is no database, or another's, again", async () => {
		const session = busySession();
		const { path } = await session.build();
		const first = dump(path);
		writeFileSync(path, "not a database");
		expect(await ensureDatabase(session.open())).toBe(path);
		expect(dump(path)).toBe(first);
		execFileSync("sqlite3", [path, "PRAGMA user_version = 999"]);
		expect(dump(await ensureDatabase(session.open()))).toBe(first);
		expect(new BuiltSession(path, 0n).ask("PRAGMA user_version")).not.toEqual(["999"]);
	});

	test("leaves nothing behind, neither its own nor a dead builder's", async () => {
		const session = busySession();
		session.finish();
		// Above the largest pid that Linux gives.
		writeFileSync(join(session.directory, "session.db.partial-4194305"), "half");
		writeFileSync(join(session.directory, "session.db.partial-4194305-scratch"), "half");
		await ensureDatabase(session.open());
		expect(readdirSync(session.directory).filter((name) => name.startsWith("session.db"))).toEqual([
			"session.db",
		]);
	});

	// Root may write where the mode forbids it; a mount that is read-only needs root to be made.
	test.skipIf(process.getuid?.() === 0)("builds in the user's cache beside nothing", async () => {
		const session = busySession();
		session.finish();
		const cache = join(session.directory, "..", "cache");
		vi.stubEnv("XDG_CACHE_HOME", cache);
		chmodSync(session.directory, 0o500);
		const { fingerprint } = session.open();
		const path = await ensureDatabase(session.open());
		expect(path).toBe(join(cache, "relayscope", "db", `${fingerprint}.db`));
		expect(await ensureDatabase(session.open())).toBe(path);
		chmodSync(session.directory, 0o700);
		vi.unstubAllEnvs();
	});

	test("a failing build leaves the database that was there", async () => {
		const session = busySession();
		const { path } = await session.build();
		const bytes = readFileSync(path);
		const opened = session.open();
		const { path: raw = "" } = opened.rawFiles[0] ?? {};
		execFileSync("rm", [raw]);
		await expect(buildDatabase(opened)).rejects.toThrow(/ENOENT/);
		expect(readFileSync(path).equals(bytes)).toBe(true);
		expect(readdirSync(session.directory).filter((name) => name.includes("partial"))).toEqual([]);
	});
});
