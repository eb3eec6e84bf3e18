/** The report on files: the same by figures as by the raw SQL, whatever it is narrowed to. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Asking } from "../../src/analyze/query/asking.js";
import { type ReportRequest, runReport } from "../../src/analyze/reports/run-report.js";
import { present } from "../../src/base/assert.js";
import { reportText } from "../../src/cli/output/report-text.js";
import { jsonText } from "../../src/export/json.js";
import { BatchedInsert } from "../../src/store/batched-insert.js";
import { FileWindows } from "../../src/store/file-windows.js";
import type { SessionStore } from "../../src/store/session-store.js";
import { PLACE_SCALE_KEY } from "../../src/store/tables.js";
import { timeColumn } from "../../src/store/time-column.js";
import { START } from "./fixture-session.js";
import { addProcess, askStoredSession, writeStoredSession } from "./stored-session.js";

const LENGTH = 100_000;
const PROCESSES = [
	{ upid: 1, pid: 11, comm: "editor" },
	{ upid: 2, pid: 12, comm: "copy" },
	// The pid of a process that ended.
	{ upid: 3, pid: 11, comm: "late" },
];
const FILES = ["/etc/passwd", "/etc/hosts", "/tmp/a[1]", "/var/log/long name"];
const CALLS = ["openat", "read", "write", "close", "rename", "sendfile", "unlink", "fsync"];

let directory: string;
let asking: Asking;

function below(seed: { value: number }, limit: number): number {
	seed.value = (Math.imul(seed.value, 1664525) + 1013904223) >>> 0;
	return Math.floor((seed.value / 2 ** 32) * limit);
}

/** Which row of `call_paths` a call of this name refers to. */
type NamesOf = (call: string) => number;

function addNames(store: SessionStore, seed: { value: number }): NamesOf {
	const named = { pathGiven: null, path2Given: null, file: null, truncated: false };
	const none = { path: null, path2: null, fdPath: null, fdPath2: null };
	const row = (names: Partial<typeof none | Record<string, string>>): number =>
		present(store.strings, "a session's strings").callPaths.paths({ ...named, ...none, ...names });
	const byPath = FILES.map((path) => row({ path }));
	const byDescriptor = FILES.map((fdPath) => row({ fdPath }));
	const [a = "", b = "", c = "", d = ""] = FILES;
	const renamed = row({ path: a, path2: b });
	const itself = row({ path: a, path2: a });
	const sent = row({ fdPath: c, fdPath2: d });
	return (call) => {
		const file = below(seed, FILES.length);
		switch (call) {
			case "openat":
			case "unlink":
				return byPath[file] ?? 0;
			case "rename":
				return below(seed, 9) === 0 ? itself : renamed;
			case "sendfile":
				return sent;
			default:
				return below(seed, 10) === 0 ? 0 : (byDescriptor[file] ?? 0);
		}
	};
}

function duration(seed: { value: number }): number {
	if (below(seed, 60) === 0) return Number.NaN;
	return below(seed, below(seed, 50) === 0 ? 9_000 : 300);
}

function result(call: string, seed: { value: number }): number {
	if (below(seed, 7) === 0) return -2;
	return ["read", "write", "sendfile"].includes(call) ? below(seed, 5_000) : 0;
}

function fill(store: SessionStore): void {
	const seed = { value: 7 };
	const namesOf = addNames(store, seed);
	const due: { end: number; add: () => void }[] = [];
	for (const process of PROCESSES) {
		addProcess(store, process);
		const { upid, pid, comm } = process;
		const callers = CALLS.map((call) => store.calls.caller(upid, pid, pid, comm, call));
		for (let ts = upid; ts < LENGTH; ts += 1 + below(seed, 90)) {
			const index = below(seed, CALLS.length);
			const [call, caller] = [CALLS[index] ?? "", callers[index] ?? 0];
			const [names, at] = [namesOf(call), ts];
			// Whether one that never returned has changed anything, nobody knows.
			const changes = call === "rename" || call === "unlink";
			const dur = changes ? below(seed, 300) : duration(seed);
			const ret = Number.isNaN(dur) ? Number.NaN : result(call, seed);
			const add = () => store.calls.add(at, caller, upid % 2, dur, ret, undefined, names);
			due.push({ end: Number.isNaN(dur) ? at : at + dur, add });
		}
	}
	for (const { add } of due.sort((a, b) => a.end - b.end)) add();
}

/** Cuts the windows anew, small ones, so that ranges have many of them. */
function cutWindows(path: string): void {
	const database = new Database(path);
	const scale = database
		.prepare<[string], number>("SELECT value FROM store_value WHERE key = ?")
		.pluck()
		.get(PLACE_SCALE_KEY);
	const calls = database
		.prepare<[], [number, number, number, number | null, number | null]>(
			`SELECT ts - ${START}, place / ${scale}, paths, dur, ret FROM syscall_row
			 WHERE paths <> 0 ORDER BY ts + coalesce(dur, 0)`,
		)
		.raw()
		.all();
	database.exec("DELETE FROM file_window");
	const times = ["begin_ts", "end_ts"].map((name) => timeColumn(name, START));
	const windows = new FileWindows(
		new BatchedInsert(database, "file_window", [...times, "figures"], 1),
		61,
	);
	for (const [ts, caller, paths, dur, ret] of calls) {
		windows.add(ts, caller, paths, dur ?? Number.NaN, ret ?? Number.NaN);
	}
	windows.finish();
	database.close();
}

beforeAll(async () => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-files-"));
	cutWindows(await writeStoredSession(directory, fill));
	asking = askStoredSession(directory);
});

afterAll(() => {
	asking.database.close();
	rmSync(directory, { recursive: true });
});

// biome-ignore lint/suspicious/noExplicitAny: tests pick members out of different results
function data(request: ReportRequest): any {
	return JSON.parse(jsonText(runReport("files", asking, request).json));
}

interface Narrowed {
	readonly since: number | undefined;
	readonly until: number | undefined;
	readonly pid: number | undefined;
	readonly comm: string | undefined;
	readonly path: string | undefined;
}

/** The definition of the report, over nothing but the public view. */
function bySql(by: string, { since, until, pid, comm, path }: Narrowed): unknown[] {
	const conditions = ["file IS NOT NULL"];
	if (since !== undefined) conditions.push(`ts >= ${START + BigInt(since)}`);
	if (until !== undefined) conditions.push(`ts < ${START + BigInt(until)}`);
	if (pid !== undefined) conditions.push(`pid = ${pid}`);
	if (comm !== undefined) conditions.push(`comm = '${comm}'`);
	if (path !== undefined) conditions.push(`file GLOB '${path}'`);
	const reads = "effect IN ('first read', 'second sendfile') AND ret > 0";
	const writes = "effect IN ('first write', 'first sendfile') AND ret > 0";
	const changes = "effect IN ('first rename', 'second rename', 'first unlink') AND errno IS NULL";
	const who = by === "process" ? "pid, comm, " : "";
	const rows = asking.database.ask(
		`WITH named AS (
			SELECT ts, pid, comm, name, dur, ret, errno, coalesce(path, fd_path) AS first,
				coalesce(path2, fd_path2) AS second FROM syscalls),
		each AS (
			SELECT *, first AS file, 'first ' || name AS effect, 1 AS counts FROM named
			UNION ALL SELECT *, second, 'second ' || name, second IS NOT first FROM named)
		SELECT ${who}file, sum(counts), coalesce(sum(errno IS NOT NULL AND counts), 0),
			coalesce(sum(ret) FILTER (WHERE ${reads}), 0), coalesce(sum(ret) FILTER (WHERE ${writes}), 0),
			count(*) FILTER (WHERE ${changes}), coalesce(sum(dur * counts), 0)
		FROM each WHERE ${conditions.join(" AND ")} GROUP BY ${who}file ORDER BY ${who}file`,
	).rows;
	return [...rows].map((row) =>
		row.map((value) => (typeof value === "bigint" ? Number(value) : value)),
	);
}

const time = fc.option(fc.integer({ min: 0, max: LENGTH + 10 }), { nil: undefined });
const narrowed: fc.Arbitrary<Narrowed> = fc
	.record({
		since: time,
		until: time,
		pid: fc.option(fc.constantFrom(11, 12, 99), { nil: undefined }),
		comm: fc.option(fc.constantFrom("editor", "late", "nobody"), { nil: undefined }),
		path: fc.option(fc.constantFrom("/etc/passwd", "/etc/*", "*a[[]1]", "*"), { nil: undefined }),
	})
	.filter(({ since, until }) => since === undefined || until === undefined || since < until);

describe("files", () => {
	it("there are many windows, and calls that reach from one into another", () => {
		const [row] = [...asking.database.rows("SELECT count(*) FROM file_window")];
		expect(Number(row?.[0])).toBeGreaterThan(30);
	});

	it.each(["file", "process"])("by %s equals the raw SQL", (by) => {
		fc.assert(
			fc.property(narrowed, (asked) => {
				const request: ReportRequest = {
					by,
					...(asked.since === undefined ? {} : { since: `+${asked.since}ns` }),
					...(asked.until === undefined ? {} : { until: `+${asked.until}ns` }),
					...(asked.pid === undefined ? {} : { pid: asked.pid }),
					...(asked.comm === undefined ? {} : { comm: asked.comm }),
					...(asked.path === undefined ? {} : { path: asked.path }),
				};
				// biome-ignore lint/suspicious/noExplicitAny: as above
				const found = data(request).files.map((row: any) => [
					...(by === "process" ? [row.pid, row.comm] : []),
					...[row.path, row.calls, row.errors, row.bytes_read, row.bytes_written],
					...[row.changes, row.time_ns],
				]);
				const order = (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
				expect(order(found)).toEqual(order(bySql(by, asked)));
			}),
			{ numRuns: 100 },
		);
	});

	it.each([
		["files", {}],
		["files-by-process", { by: "process", path: "/etc/*", until: "+50us" }],
	] as const)("as text: %s", async (golden, request) => {
		const text = [...reportText(runReport("files", asking, request), undefined)].join("");
		const file = join(import.meta.dirname, `../golden/reports/${golden}.txt`);
		await expect(text).toMatchFileSnapshot(file);
	});

	it.each([{}, { path: "/etc/*" }, { pid: 11, since: "+20us" }])(
		"changes are those that files counts: %j",
		(request: ReportRequest) => {
			// biome-ignore lint/suspicious/noExplicitAny: as above
			const sums = (rows: any[], changes: (row: any) => number) => {
				const found = new Map<string, [number, number]>();
				for (const row of rows) {
					const key = `${row.upid} ${row.path}`;
					const [count, bytes] = found.get(key) ?? [0, 0];
					found.set(key, [count + changes(row), bytes + row.bytes_written]);
				}
				return [...found].filter(([, [count, bytes]]) => count + bytes > 0).sort();
			};
			const { changes } = JSON.parse(jsonText(runReport("changes", asking, request).json));
			const { files } = data({ ...request, by: "process" });
			const unlinks = ["unlink", "rename"];
			expect(sums(changes, ({ how, count }) => (unlinks.includes(how) ? count : 0))).toEqual(
				sums(files, ({ changes: count }) => count),
			);
		},
	);

	it("changes as text", async () => {
		const request = { path: "/etc/*", comm: "copy", limit: 6 };
		const text = [...reportText(runReport("changes", asking, request), undefined)].join("");
		const file = join(import.meta.dirname, "../golden/reports/changes.txt");
		await expect(text).toMatchFileSnapshot(file);
	});

	it("a session without strings says how to have them", async () => {
		const bare = join(directory, "bare");
		await writeStoredSession(bare, () => undefined, { strings: false });
		using plain = askStoredSession(bare);
		expect([...reportText(runReport("files", plain, {}), undefined)].join("")).toContain(
			"record with --strings",
		);
	});
});
