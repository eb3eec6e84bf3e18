import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Asking, askDatabase } from "../../src/analyze/query/asking.js";
import type { SqlValue } from "../../src/analyze/query/query-database.js";
import { REPORTS } from "../../src/analyze/reports/registry.js";
import { type ReportRequest, runReport } from "../../src/analyze/reports/run-report.js";
import { reportText } from "../../src/cli/output/report-text.js";
import { jsonText } from "../../src/export/json.js";
import { openSession } from "../../src/session/session-reader.js";
import { START, writeFixtureSession } from "./fixture-session.js";

const KINDS = { whole: {}, lossy: { lossy: true }, killed: { killed: true } } as const;
type Kind = keyof typeof KINDS;

let directory: string;
const sessions = new Map<Kind, Asking>();

beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-reports-"));
	for (const kind of Object.keys(KINDS) as Kind[]) {
		const path = join(directory, kind);
		writeFixtureSession(path, KINDS[kind]);
		const session = openSession(path);
		sessions.set(kind, askDatabase(session, session.databasePath));
	}
});

afterAll(() => {
	for (const asking of sessions.values()) asking.database.close();
	rmSync(directory, { recursive: true });
});

function session(kind: Kind): Asking {
	const asking = sessions.get(kind);
	if (asking === undefined) throw new Error(kind);
	return asking;
}

function text(kind: Kind, name: string, request: ReportRequest = {}): string {
	return [...reportText(runReport(name, session(kind), request), undefined)].join("");
}

// biome-ignore lint/suspicious/noExplicitAny: tests pick members out of different results
function data(kind: Kind, name: string, request: ReportRequest = {}): any {
	return JSON.parse(jsonText(runReport(name, session(kind), request).json));
}

function sql(kind: Kind, question: string): SqlValue[][] {
	return [...session(kind).database.ask(question).rows].map((row) => [...row]);
}

describe("as text", () => {
	it.each([
		["syscalls", "whole", "syscalls", {}],
		["syscalls-by-process", "whole", "syscalls", { by: "process" }],
		["syscalls-limit", "lossy", "syscalls", { limit: 2 }],
		["syscalls-empty", "whole", "syscalls", { comm: "nobody" }],
		["latency", "whole", "latency", {}],
		["latency-by-call", "lossy", "latency", { by: "call", limit: 2, until: "1.7s" }],
		["latency-by-process", "whole", "latency", { by: "process" }],
		["slow", "whole", "slow", { limit: 4 }],
		["slow-by-call", "whole", "slow", { by: "call", limit: 2 }],
		["slow-path", "whole", "slow", { path: "/etc/*" }],
		["calls", "whole", "calls", { since: "1.1s", limit: 3 }],
		["calls-path", "whole", "calls", { path: "/etc/*" }],
		["errors", "whole", "errors", {}],
		["errors-by-process", "whole", "errors", { by: "process" }],
		["errors-by-file", "whole", "errors", { by: "file" }],
		["processes", "whole", "processes", {}],
		["exec", "whole", "exec", {}],
		["processes-late", "whole", "processes", { since: "2.5s" }],
		["sched", "whole", "sched", {}],
		["sched-range", "lossy", "sched", { by: "thread", since: "1.1s", until: "1.55s" }],
		["losses", "lossy", "losses", {}],
		["losses-none", "whole", "losses", {}],
		["losses-killed", "killed", "losses", {}],
	] as const)("%s", async (golden, kind, name, request) => {
		const file = join(import.meta.dirname, `../golden/reports/${golden}.txt`);
		await expect(text(kind, name, request)).toMatchFileSnapshot(file);
	});
});

describe("equals the raw SQL", () => {
	const ranges: readonly ReportRequest[] = [
		{},
		{ since: "1.05s" },
		{ until: "1.5s" },
		{ since: "1.05s", until: "1.5s" },
		{ since: `${START + 1_050_000_000n}ns`, until: "1.050000001s" },
		{ pid: 102 },
		{ comm: "late" },
		{ pid: 102, comm: "cat", since: "1.09s" },
		{ path: "/etc/hosts" },
		{ path: "/etc/*", since: "1.55s" },
	];

	function where({ since, until, pid, comm, path }: ReportRequest): string {
		const offset = (time: string): bigint =>
			time.endsWith("ns")
				? BigInt(time.slice(0, -2))
				: START + BigInt(Math.round(Number(time.slice(0, -1)) * 1e9));
		const conditions = ["1"];
		if (since !== undefined) conditions.push(`ts >= ${offset(since)}`);
		if (until !== undefined) conditions.push(`ts < ${offset(until)}`);
		if (pid !== undefined) conditions.push(`pid = ${pid}`);
		if (comm !== undefined) conditions.push(`comm = '${comm}'`);
		if (path !== undefined) conditions.push(`path GLOB '${path}'`);
		return conditions.join(" AND ");
	}

	it.each(ranges)("syscalls %j", (request) => {
		const rows = sql(
			"whole",
			`SELECT name, count(dur), count(errno), sum(dur IS NULL), coalesce(sum(dur), 0), max(dur)
			 FROM syscalls WHERE ${where(request)} GROUP BY name ORDER BY name`,
		).map((row) => row.map((value) => (typeof value === "bigint" ? Number(value) : value)));
		// biome-ignore lint/suspicious/noExplicitAny: as above
		const found = data("whole", "syscalls", request).calls.map((call: any) => [
			call.name,
			call.count,
			call.errors,
			call.unfinished,
			call.total_ns,
			call.max_ns,
		]);
		expect(found.sort()).toEqual(rows);
		expect(rows.length).toBeGreaterThan(0);
	});

	it.each(ranges)("latency %j", (request) => {
		const rows = sql(
			"whole",
			`SELECT name, 1 << CAST(log2(dur) AS INTEGER) AS power, count(*) FROM syscalls
			 WHERE ${where(request)} AND dur > 0 GROUP BY 1, 2 ORDER BY 1, 2`,
		).map((row) => row.map((value) => (typeof value === "bigint" ? Number(value) : value)));
		const asked = { ...request, by: "call", limit: 100 };
		// biome-ignore lint/suspicious/noExplicitAny: as above
		const found = data("whole", "latency", asked).histograms.flatMap(({ name, buckets }: any) =>
			buckets
				.filter(({ count }: { count: number }) => count > 0)
				// biome-ignore lint/suspicious/noExplicitAny: as above
				.map(({ from, count }: any) => [name, from, count]),
		);
		expect(found.sort()).toEqual(rows.sort());
	});

	it.each(ranges)("slow %j", (request) => {
		const rows = sql(
			"whole",
			`SELECT ts - ${START}, dur, name, pid FROM syscalls WHERE ${where(request)} AND dur IS NOT NULL
			 ORDER BY dur DESC, ts LIMIT 7`,
		).map((row) => row.map((value) => (typeof value === "bigint" ? Number(value) : value)));
		const { slowest } = data("whole", "slow", { ...request, by: "call", limit: 7 });
		// biome-ignore lint/suspicious/noExplicitAny: as above
		const found = slowest.map((row: any) => [row.at_ns, row.dur_ns, row.name, row.pid]);
		expect(found).toEqual(rows);
	});

	it.each(ranges.filter(({ path }) => path === undefined))("sched %j", (request) => {
		const [row] = sql(
			"whole",
			`SELECT count(*), coalesce(sum(dur), 0) FROM sched_slices WHERE ${where(request)} AND tid > 0`,
		);
		let [slices, cpu] = [0n, 0n];
		for (const task of data("whole", "sched", request).tasks) {
			slices += BigInt(task.slices);
			cpu += BigInt(task.cpu_ns);
		}
		expect([slices, cpu]).toEqual(row);
	});
});

it("percentiles are within 1 % of the exact ones", () => {
	const call = data("whole", "syscalls", { comm: "cat" }).calls.find(
		(row: { name: string }) => row.name === "read",
	);
	expect(Math.abs(call.p50_ns - 50_000)).toBeLessThan(500);
	expect(Math.abs(call.p99_ns - 99_000)).toBeLessThan(990);
});

describe("a pid that was used twice", () => {
	it("is two processes", () => {
		const rows = data("whole", "syscalls", { by: "process" }).calls.filter(
			(row: { name: string }) => row.name === "read",
		);
		expect(rows.map((row: { upid: number; count: number }) => [row.upid, row.count])).toEqual([
			[3, 100],
			[4, 1],
		]);
	});
});

describe("warnings", () => {
	const kinds = (kind: Kind, request: ReportRequest = {}): string[] =>
		data(kind, "syscalls", request).warnings.map((warning: { kind: string }) => warning.kind);

	it("a range that a loss overlaps says so, another does not", () => {
		expect(kinds("lossy")).toEqual(["lost"]);
		expect(kinds("lossy", { until: "1.2s" })).toEqual([]);
		expect(kinds("lossy", { until: "1.200000001s" })).toEqual(["lost"]);
		expect(kinds("lossy", { since: "1.94s" })).toEqual(["lost"]);
		expect(kinds("lossy", { since: "1.940000001s" })).toEqual([]);
		expect(text("lossy", "syscalls", { until: "1.55s" })).toMatch(
			/^! 12,000 records were lost between \+1\.20 s and \+1\.50 s on CPU 0 \(kernel\)/,
		);
	});

	it.each(REPORTS.map(({ name }) => name))("the report %s begins with them", (name) => {
		expect(text("lossy", name)).toMatch(
			/^! 12,345 records were lost between \+1\.20 s and \+1\.94 s, in 2 intervals/,
		);
		expect(text("lossy", name, { until: "1.1s" })).not.toMatch(/^!/);
	});

	it("a recorder that was killed is always said", () => {
		expect(kinds("killed", { until: "1s" })).toEqual(["ended-abnormally"]);
		expect(data("killed", "losses").holds).toBeNull();
	});
});

describe("what a report cannot do is BAD_ARGUMENT", () => {
	it.each([
		["losses", { pid: 1 }],
		["losses", { comm: "cat" }],
		["sched", { path: "/etc/hosts" }],
		["syscalls", { device: "8:0" }],
		["syscalls", { path: "hosts" }],
		["processes", { by: "thread" }],
		["syscalls", { since: "soon" }],
		["syscalls", { since: "2s", until: "1s" }],
		["nothing", {}],
	])("%s %j", (name, request) => {
		expect(() => runReport(name, session("whole"), request)).toThrow(
			expect.objectContaining({ code: "BAD_ARGUMENT" }),
		);
	});
});

it("a filter that a report does not take is refused, with those that do", () => {
	expect(() => runReport("losses", session("whole"), { path: "/etc/hosts" })).toThrow(
		expect.objectContaining({
			message: "the report losses takes no --path",
			hint: expect.stringMatching(
				/^It takes --since, --until\. Reports that take --path: syscalls\b/,
			),
		}),
	);
});
