import Database from "better-sqlite3";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Asking, askDatabase } from "../../src/analyze/query/asking.js";
import { type ReportRequest, runReport } from "../../src/analyze/reports/run-report.js";
import { jsonText } from "../../src/export/json.js";
import { buildDatabase } from "../../src/pipeline.js";
import { BatchedInsert } from "../../src/store/batched-insert.js";
import { CallWindows } from "../../src/store/call-windows.js";
import { PLACE_SCALE_KEY } from "../../src/store/tables.js";
import { timeColumn } from "../../src/store/time-column.js";
import { NR, TracedSession } from "../traced-session.js";

const PIDS = [11, 12, 13] as const;
const LENGTH = 60_000;

let session: TracedSession;
/** Reports that sum up windows, and reports of the same session that have rows only. */
let summing: Asking;
let reading: Asking;

/** A recording of some thousand calls, long ones among them, of processes that come and go. */
function record(): TracedSession {
	const traced = new TracedSession();
	for (const pid of PIDS) traced.fork(pid, 5, pid, { comm: `p${pid}`, start: BigInt(pid) });
	traced.exec(20, 12, { comm: "later", start: 12n });
	traced.channel("main", { subbufSize: 65536 });
	let seed = 7;
	const below = (limit: number): number => {
		seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
		return seed % limit;
	};
	const calls = [NR.read, NR.write, NR.openat, NR.getpid];
	const due: { ts: number; write: () => void }[] = [];
	for (const [cpu, pid] of PIDS.entries()) {
		for (let ts = 100 + cpu; ts < LENGTH; ) {
			const nr = calls[below(calls.length)] as number;
			const dur = below(50) === 0 ? 1_000 + below(3_000) : 1 + below(40);
			const [from, to] = [ts, ts + dur];
			const ret =
				below(5) === 0 ? (below(3) === 0 ? -13 : -2) : below(40) === 0 ? -4000 : below(100);
			due.push({ ts: from, write: () => traced.enter(cpu, from, pid, nr) });
			due.push({ ts: to, write: () => traced.exit(cpu, to, pid, nr, ret) });
			ts = to + 1 + below(30);
		}
		due.push({ ts: LENGTH * 2, write: () => traced.enter(cpu, LENGTH * 2, pid, NR.exit_group) });
	}
	for (const { write } of due.sort((a, b) => a.ts - b.ts)) write();
	traced.finish();
	return traced;
}

/** Cuts the windows anew, small ones, so that ranges have many of them. */
function cutWindows(path: string, timeBase: bigint, size: number): void {
	const database = new Database(path);
	const scale = database
		.prepare<[string], number>("SELECT value FROM store_value WHERE key = ?")
		.pluck()
		.get(PLACE_SCALE_KEY);
	const calls = database
		.prepare<[], { ts: number; caller: number; dur: number | null; ret: number | null }>(
			`SELECT ts - ${timeBase} AS ts, place / ${scale} AS caller, dur, ret
			 FROM syscall_row ORDER BY ts - ${timeBase} + coalesce(dur, 0)`,
		)
		.all();
	database.exec("DELETE FROM call_window");
	const times = ["begin_ts", "end_ts"].map((name) => timeColumn(name, timeBase));
	const rows = new BatchedInsert(database, "call_window", [...times, "figures"], 1);
	const windows = new CallWindows(rows, size);
	for (const { ts, caller, dur, ret } of calls) {
		windows.add(ts, caller, dur ?? Number.NaN, ret ?? Number.NaN);
	}
	windows.finish();
	database.close();
}

beforeAll(async () => {
	session = record();
	const opened = session.open();
	const path = await buildDatabase(opened);
	const rows = `${path}-rows`;
	const copy = new Database(path);
	copy.prepare("VACUUM INTO ?").run(rows);
	copy.close();
	const bare = new Database(rows);
	bare.exec("DROP TABLE call_window");
	bare.close();
	cutWindows(path, session.timeBase, 53);
	summing = askDatabase(opened, path);
	reading = askDatabase(opened, rows);
});

afterAll(() => {
	summing.database.close();
	reading.database.close();
	session.remove();
});

it("there are many windows, and calls that reach from one into another", () => {
	const [row] = [...summing.database.rows("SELECT count(*) FROM call_window")];
	expect(Number(row?.[0])).toBeGreaterThan(20);
	const [strays] = [
		...summing.database.rows(
			`SELECT count(*) FROM syscall_row s WHERE EXISTS
			 (SELECT 1 FROM call_window w WHERE w.begin_ts > s.ts AND w.begin_ts <= s.ts + s.dur)`,
		),
	];
	expect(Number(strays?.[0])).toBeGreaterThan(20);
});

const time = fc.option(
	fc.integer({ min: 1, max: LENGTH * 2 }).map((ns) => ns),
	{ nil: undefined },
);
const request = fc.record({
	since: time,
	until: time,
	pid: fc.option(fc.constantFrom(...PIDS, 99), { nil: undefined }),
	comm: fc.option(fc.constantFrom("p11", "p12", "later", "nobody"), { nil: undefined }),
});

it.each([
	["syscalls", "call"],
	["syscalls", "process"],
	["latency", "all"],
	["latency", "call"],
	["latency", "process"],
	["slow", "any"],
	["slow", "call"],
	["processes", "process"],
	["errors", "call"],
	["errors", "process"],
])("the report %s by %s is the same by windows and by rows", (name, by) => {
	fc.assert(
		fc.property(request, ({ since, until, pid, comm }) => {
			const [from, to] =
				since !== undefined && until !== undefined && since >= until
					? [until - 1, since]
					: [since, until];
			const asked: ReportRequest = {
				by,
				...(from === undefined ? {} : { since: `+${from}ns` }),
				...(to === undefined ? {} : { until: `+${to}ns` }),
				...(pid === undefined ? {} : { pid }),
				...(comm === undefined ? {} : { comm }),
			};
			const answer = (asking: Asking) => jsonText(runReport(name, asking, asked).json);
			expect(answer(summing)).toBe(answer(reading));
		}),
		{ numRuns: 150 },
	);
});

it("the report errors is what the view counts", () => {
	fc.assert(
		fc.property(request, ({ since, until, pid, comm }) => {
			const conditions = ["errno IS NOT NULL"];
			const start = summing.facts.start;
			if (since !== undefined) conditions.push(`ts >= ${start + BigInt(since)}`);
			if (until !== undefined) conditions.push(`ts < ${start + BigInt(until)}`);
			if (pid !== undefined) conditions.push(`pid = ${pid}`);
			if (comm !== undefined) conditions.push(`comm = '${comm}'`);
			const asked: ReportRequest = {
				...(since === undefined ? {} : { since: `+${since}ns` }),
				...(until === undefined ? {} : { until: `+${until}ns` }),
				...(pid === undefined ? {} : { pid }),
				...(comm === undefined ? {} : { comm }),
			};
			fc.pre(since === undefined || until === undefined || since < until);
			const { errors } = JSON.parse(jsonText(runReport("errors", summing, asked).json));
			const rows = summing.database.numberRows(
				`SELECT name, errno, count(*), count(DISTINCT pid), min(ts) - ${start}, max(ts) - ${start}
				 FROM syscalls WHERE ${conditions.join(" AND ")} GROUP BY name, errno`,
			);
			const told = (errors as Record<string, unknown>[]).map((row) =>
				["name", "errno", "count", "processes", "first_ns", "last_ns"].map((key) => row[key]),
			);
			expect(new Set(told.map(String))).toEqual(new Set([...rows].map(String)));
		}),
		{ numRuns: 150 },
	);
});
