/** The report on block I/O: the same by figures as by the raw SQL, whatever it is narrowed to. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Asking } from "../../src/analyze/query/asking.js";
import { type ReportRequest, runReport } from "../../src/analyze/reports/run-report.js";
import { Arrivals } from "../../src/analyze/tracking/block/arrivals.js";
import { reportText } from "../../src/cli/output/report-text.js";
import { jsonText } from "../../src/export/json.js";
import { BatchedInsert } from "../../src/store/batched-insert.js";
import { BLOCK_WHAT } from "../../src/store/block-figures.js";
import type { BlockRow } from "../../src/store/block-rows.js";
import { BLOCK_KIND, DEVICE_ROWS } from "../../src/store/block-tables.js";
import { BlockWindows } from "../../src/store/block-windows.js";
import type { SessionStore } from "../../src/store/session-store.js";
import { timeColumn } from "../../src/store/time-column.js";
import { START } from "./fixture-session.js";
import { addProcess, askStoredSession, writeStoredSession } from "./stored-session.js";

const LENGTH = 200_000;
const PROCESSES = [
	{ upid: 1, pid: 11, comm: "fio" },
	{ upid: 2, pid: 12, comm: "dd" },
	// The pid of a process that ended.
	{ upid: 3, pid: 11, comm: "late" },
];
const DEVICES = [
	{ dev: (8 << 20) | 0, name: "sda" },
	{ dev: (253 << 20) | 1, name: null },
];

let directory: string;
let asking: Asking;
let random = 7;

function below(limit: number): number {
	random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
	return Math.floor((random / 2 ** 32) * limit);
}

interface Due {
	readonly at: number;
	readonly add: () => void;
}

/** Requests of one bio and of two, whose ends and beginnings were not always seen. */
function fill(store: SessionStore): void {
	const devices = DEVICES.map(({ dev, name }) => store.blocks.device(dev, name));
	const threads = PROCESSES.map((process) => {
		addProcess(store, process);
		return store.slices.thread(process.upid, process.pid, process.pid, process.comm);
	});
	const arrivals = DEVICES.map(() => new Arrivals());
	const due: Due[] = [];
	let id = 0;
	const bio = (device: number, ts: number, sector: number, bytes: number, issued: number) => {
		const before = arrivals[device];
		const end = sector + bytes / 512;
		const row: BlockRow = {
			...{ id: ++id, deviceRow: devices[device] ?? 0, thread: threads[below(3)] ?? 0 },
			...{ op: below(3), flags: below(2), bytes, error: below(20) === 0 ? -5 : 0 },
			...{ queued: ts, inserted: ts + 1 + below(5), issued },
			...{ gap: before?.gap(ts) ?? Number.NaN, seek: before?.seek(sector, end) ?? Number.NaN },
		};
		before?.note(ts, sector, end);
		return row;
	};
	let sector = 0;
	for (let ts = 5; ts < LENGTH; ts += 1 + below(100)) {
		const device = below(2);
		const bytes = 512 * (1 + below(16));
		// Behind the last one, or somewhere else.
		sector = below(3) === 0 ? below(1_000_000) : sector + 16;
		const issued = ts + 10 + below(300);
		const took = below(40) === 0 ? 20_000 : below(2_000);
		const completed = below(50) === 0 ? Number.NaN : issued + took;
		const at = Number.isNaN(completed) ? LENGTH * 2 : completed;
		const first = bio(device, ts, sector, bytes, issued);
		const none = Number.NaN;
		const where = sector;
		switch (below(4)) {
			case 0: {
				// A second bio behind it, merged.
				const second = bio(device, ts + 1, where + bytes / 512, bytes, issued);
				const request = { ...first, id: ++id, bytes: 2 * bytes, gap: none, seek: none };
				ts++;
				due.push({
					at,
					add: () => {
						store.blocks.request(request, where, completed, first.queued, 2, false, none, 0);
						store.blocks.io(first, where, completed, request.id, none);
						store.blocks.io(second, where + bytes / 512, completed, request.id, none);
					},
				});
				break;
			}
			case 1: {
				// Of one whose queueing was not seen, next to a bio without a request.
				const request = { ...first, id: ++id, queued: none, gap: none, seek: none };
				due.push({
					at,
					add: () => {
						store.blocks.request(request, where, completed, first.queued, 0, false, none, 1);
						store.blocks.io({ ...first, issued: none }, where, completed, none, none);
					},
				});
				break;
			}
			default:
				due.push({
					at,
					add: () => store.blocks.request(first, where, completed, first.queued, 1, true, none, 0),
				});
		}
	}
	for (const { add } of due.sort((a, b) => a.at - b.at)) add();
	store.blocks.finish();
}

/** Cuts the windows anew, small ones, so that ranges have many of them. */
function cutWindows(path: string): void {
	const database = new Database(path);
	const columns = `ts - ${START} AS ts, id, origin, kind, sector, bytes, inserted, issued, completed, error`;
	interface Stored {
		readonly what: number;
		readonly ts: number;
		readonly id: number;
		readonly origin: number;
		readonly kind: number;
		readonly sector: number;
		readonly bytes: number;
		readonly inserted: number | null;
		readonly issued: number | null;
		readonly completed: number | null;
		readonly error: number | null;
	}
	const rows = database
		.prepare<[], Stored>(
			`SELECT 2 AS what, ${columns} FROM block_request_row UNION ALL
			 SELECT 1, ${columns} FROM block_io_row ORDER BY 2, id`,
		)
		.all();
	const arrivals = new Map<number, Arrivals>();
	const due = rows.map((row): Due & { readonly windows?: never; add: () => void } => {
		const sole = row.what === 2 && (row.kind & BLOCK_KIND.sole) !== 0;
		const device = row.origin % DEVICE_ROWS;
		const before = arrivals.get(device) ?? new Arrivals();
		arrivals.set(device, before);
		const end = row.sector + row.bytes / 512;
		const isIo = sole || row.what === 1;
		const [gap, seek] = isIo
			? [before.gap(row.ts), before.seek(row.sector, end)]
			: [Number.NaN, Number.NaN];
		if (isIo) before.note(row.ts, row.sector, end);
		const at = (time: number | null) => (time === null ? Number.NaN : row.ts + time);
		const block: BlockRow = {
			...{ id: row.id, deviceRow: device, thread: Math.floor(row.origin / DEVICE_ROWS) },
			...{ op: row.kind & 15, flags: 0, bytes: row.bytes, error: row.error ?? 0 },
			queued: (row.kind & BLOCK_KIND.unqueued) === 0 ? row.ts : Number.NaN,
			...{ inserted: at(row.inserted), issued: at(row.issued), gap, seek },
		};
		const completed = at(row.completed);
		const what = sole ? BLOCK_WHAT.both : row.what;
		return {
			at: Number.isNaN(completed) ? LENGTH * 2 : completed,
			add: () => windows.add(block, what, completed, row.ts),
		};
	});
	database.exec("DELETE FROM block_window");
	const times = ["begin_ts", "end_ts"].map((name) => timeColumn(name, START));
	const windows = new BlockWindows(
		new BatchedInsert(database, "block_window", [...times, "figures"], 1),
		97,
	);
	for (const { add } of due.sort((a, b) => a.at - b.at)) add();
	windows.finish();
	database.close();
}

beforeAll(async () => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-block-"));
	cutWindows(await writeStoredSession(directory, fill));
	asking = askStoredSession(directory);
});

afterAll(() => {
	asking.database.close();
	rmSync(directory, { recursive: true });
});

// biome-ignore lint/suspicious/noExplicitAny: tests pick members out of rows
type Row = any;

function data(request: ReportRequest): { readonly blocks: readonly Row[] } {
	return JSON.parse(jsonText(runReport("block", asking, request).json));
}

interface Narrowed {
	readonly since: number | undefined;
	readonly until: number | undefined;
	readonly pid: number | undefined;
	readonly comm: string | undefined;
	readonly device: string | undefined;
}

function conditionsOf({ since, until, pid, comm, device }: Narrowed): string {
	const conditions = ["1"];
	if (since !== undefined) conditions.push(`ts >= ${START + BigInt(since)}`);
	if (until !== undefined) conditions.push(`ts < ${START + BigInt(until)}`);
	if (pid !== undefined) conditions.push(`pid = ${pid}`);
	if (comm !== undefined) conditions.push(`comm = '${comm}'`);
	if (device !== undefined) conditions.push(`dev = '${device === "sda" ? "8:0" : device}'`);
	return conditions.join(" AND ");
}

function requestOf({ since, until, pid, comm, device }: Narrowed): ReportRequest {
	return {
		...(since === undefined ? {} : { since: `+${since}ns` }),
		...(until === undefined ? {} : { until: `+${until}ns` }),
		...(pid === undefined ? {} : { pid }),
		...(comm === undefined ? {} : { comm }),
		...(device === undefined ? {} : { device }),
	};
}

function sorted(rows: readonly unknown[]): readonly string[] {
	return rows.map((row) => JSON.stringify(row)).sort();
}

function rowsOf(sql: string): unknown[] {
	const rows = [...asking.database.ask(sql).rows];
	return rows.map((row) => row.map((value) => (typeof value === "bigint" ? Number(value) : value)));
}

const STAGES = ["q2q", "q2i", "i2d", "d2c", "q2c"];

/** Bios' figures by their definition, over nothing but the public view. */
function iosBySql(key: string, narrowed: Narrowed): unknown[] {
	const stages = STAGES.map(
		(stage) => `count(${stage}), min(${stage}), max(${stage}), coalesce(sum(${stage}), 0)`,
	);
	const overlaps = `(s0 <= sector AND sector <= e0) OR (s0 <= e AND e <= e0)`;
	return rowsOf(
		`WITH each AS (
			SELECT *, sector + bytes / 512 AS e, lag(ts) OVER before AS t0, lag(sector) OVER before AS s0,
				lag(sector + bytes / 512) OVER before AS e0
			FROM block_ios WINDOW before AS (PARTITION BY dev ORDER BY ts)),
		ios AS (
			SELECT *, ts - t0 AS q2q, CASE WHEN s0 IS NULL THEN NULL WHEN ${overlaps} THEN 0
				WHEN sector > e0 THEN sector - e0 ELSE s0 - sector END AS seek FROM each)
		SELECT ${key}, count(*), count(error), count(seek), coalesce(sum(seek > 0), 0), avg(seek),
			coalesce(sum(bytes) FILTER (WHERE op = 'read'), 0),
			coalesce(sum(bytes) FILTER (WHERE op = 'write'), 0), ${stages.join(", ")}
		FROM ios WHERE ${conditionsOf(narrowed)} GROUP BY 1`,
	);
}

function requestsBySql(key: string, narrowed: Narrowed): unknown[] {
	return rowsOf(
		`SELECT ${key}, count(*), coalesce(sum(d2c), 0), min(bytes), max(bytes), sum(bytes)
		 FROM block_requests WHERE ${conditionsOf(narrowed)} GROUP BY 1`,
	);
}

const time = fc.option(fc.integer({ min: 0, max: LENGTH + 10 }), { nil: undefined });
const narrowed: fc.Arbitrary<Narrowed> = fc
	.record({
		since: time,
		until: time,
		pid: fc.option(fc.constantFrom(11, 12, 99), { nil: undefined }),
		comm: fc.option(fc.constantFrom("fio", "late", "nobody"), { nil: undefined }),
		device: fc.option(fc.constantFrom("sda", "8:0", "253:1"), { nil: undefined }),
	})
	.filter(({ since, until }) => since === undefined || until === undefined || since < until);

describe("block", () => {
	it("there are many windows", () => {
		const [row] = [...asking.database.rows("SELECT count(*) FROM block_window")];
		expect(Number(row?.[0])).toBeGreaterThan(30);
	});

	it.each([
		["device", "dev"],
		["op", "op"],
		["process", "pid || ' ' || comm"],
	])("by %s equals the raw SQL", (by, key) => {
		fc.assert(
			fc.property(narrowed, (asked) => {
				const { blocks } = data({ ...requestOf(asked), by });
				const keyOf = (row: Row) => row.dev ?? row.op ?? `${row.pid} ${row.comm}`;
				const ios = blocks
					.filter((row: Row) => row.ios > 0)
					.map((row: Row) => [
						...[keyOf(row), row.ios, row.errors, row.seeks.of, row.seeks.seeks, row.seeks.mean],
						...[row.bytes_read, row.bytes_written],
						...STAGES.flatMap((stage) => {
							const { count, min, max, total } = row.times[stage];
							return [count, min, max, total];
						}),
					]);
				const requests = blocks
					.filter((row: Row) => row.requests > 0)
					.map((row: Row) => [
						...[keyOf(row), row.requests, row.device_ns],
						...[row.sizes.min, row.sizes.max, row.sizes.total],
					]);
				expect(sorted(ios)).toEqual(sorted(iosBySql(key, asked)));
				expect(sorted(requests)).toEqual(sorted(requestsBySql(key, asked)));
			}),
			{ numRuns: 60 },
		);
	});

	it.each(["all", "process", "device"])("latency by %s equals the raw SQL", (by) => {
		fc.assert(
			fc.property(narrowed, (asked) => {
				const { histograms } = JSON.parse(
					jsonText(runReport("latency", asking, { ...requestOf(asked), by, limit: 99 }).json),
				) as { readonly histograms: readonly Row[] };
				const key = { all: "''", process: "pid || ' ' || comm", device: "dev" }[by] ?? "";
				const expected = ["d2c", "q2c"].flatMap((of) =>
					rowsOf(
						`SELECT '${of}', ${key}, CASE WHEN ${of} = 0 THEN 0 ELSE 1 << CAST(log2(${of}) AS INTEGER) END AS power,
							count(*) FROM block_requests WHERE ${conditionsOf(asked)} AND ${of} IS NOT NULL
						 GROUP BY 2, 3`,
					),
				);
				const found = histograms.flatMap((row: Row) =>
					row.buckets
						.filter(({ count }: Row) => count > 0)
						.map(({ from, count }: Row) => {
							const owner = row.dev ?? (row.pid === undefined ? "" : `${row.pid} ${row.comm}`);
							return [row.of, owner, from, count];
						}),
				);
				expect(sorted(found)).toEqual(sorted(expected));
			}),
			{ numRuns: 40 },
		);
	});

	it("slow equals the raw SQL", () => {
		fc.assert(
			fc.property(narrowed, (asked) => {
				const { slowest } = JSON.parse(
					jsonText(
						runReport("slow", asking, { ...requestOf(asked), by: "request", limit: 7 }).json,
					),
				) as { readonly slowest: readonly Row[] };
				const found = slowest.map((row) => [row.dur_ns, row.at_ns, row.dev, row.sector, row.pid]);
				expect(found).toEqual(
					rowsOf(
						`SELECT q2c, ts - ${START}, dev, sector, pid FROM block_requests
						 WHERE ${conditionsOf(asked)} AND q2c IS NOT NULL ORDER BY q2c DESC, ts LIMIT 7`,
					),
				);
			}),
			{ numRuns: 40 },
		);
	});

	it.each([
		["block", {}],
		["block-by-process", { by: "process", device: "sda", until: "+100us" }],
		["block-by-op", { by: "op", pid: 12 }],
	] as const)("as text: %s", async (golden, request) => {
		const text = [...reportText(runReport("block", asking, request), undefined)].join("");
		const file = join(import.meta.dirname, `../golden/reports/${golden}.txt`);
		await expect(text).toMatchFileSnapshot(file);
	});
});
