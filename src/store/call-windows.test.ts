import Database from "better-sqlite3";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketOf } from "../base/log-linear.js";
import { BatchedInsert } from "./batched-insert.js";
import { CallWindows, isNamedError, namedErrno } from "./call-windows.js";
import { PLACE_SCALE_KEY, tablesDdl } from "./tables.js";
import { timeColumn } from "./time-column.js";
import { readFigures } from "./window-figures.js";

const BASE = 2n ** 60n;

interface Call {
	readonly ts: number;
	readonly caller: number;
	/** NaN: unfinished. */
	readonly dur: number;
	readonly ret: number;
}

interface Totals {
	finished: number;
	errors: number;
	unfinished: number;
	unfinishedErrors: number;
	min: number;
	max: number;
	total: bigint;
	readonly buckets: Map<number, number>;
	/** By number: how often, and when such calls first and last began. */
	readonly errnos: Map<number, { count: number; first: number; last: number }>;
}

function windowRows(database: Database.Database): BatchedInsert {
	const times = ["begin_ts", "end_ts"].map((name) => timeColumn(name, BASE));
	return new BatchedInsert(database, "call_window", [...times, "figures"], 1);
}

function noCalls(): Totals {
	return {
		finished: 0,
		errors: 0,
		unfinished: 0,
		unfinishedErrors: 0,
		min: Number.POSITIVE_INFINITY,
		max: 0,
		total: 0n,
		buckets: new Map(),
		errnos: new Map(),
	};
}

function countErrno(to: Totals, errno: number, times: number, first: number, last: number): void {
	const known = to.errnos.get(errno);
	to.errnos.set(errno, {
		count: (known?.count ?? 0) + times,
		first: Math.min(known?.first ?? first, first),
		last: Math.max(known?.last ?? last, last),
	});
}

function count(to: Totals, ts: number, dur: number, errno: number): void {
	const failed = errno !== 0;
	if (failed) countErrno(to, errno, 1, ts, ts);
	if (Number.isNaN(dur)) {
		to.unfinished++;
		if (failed) to.unfinishedErrors++;
		return;
	}
	to.finished++;
	if (failed) to.errors++;
	to.min = Math.min(to.min, dur);
	to.max = Math.max(to.max, dur);
	to.total += BigInt(dur);
	const bucket = bucketOf(dur);
	to.buckets.set(bucket, (to.buckets.get(bucket) ?? 0) + 1);
}

function of(totals: Map<number, Totals>, caller: number): Totals {
	const known = totals.get(caller) ?? noCalls();
	totals.set(caller, known);
	return known;
}

const duration = fc.oneof(
	fc.nat(300),
	fc.nat(10_000_000),
	fc.integer({ min: 2 ** 50, max: 2 ** 52 }),
	fc.constant(Number.NaN),
);
const aCall = fc.record({
	gap: fc.nat(3),
	caller: fc.integer({ min: 1, max: 3 }),
	dur: duration,
	ret: fc.constantFrom(0, 5, -2, -13, -41, -4095, -5000),
});

/** Calls arrive when they end: none begins before one that has arrived, except those going on. */
function arrivals(raw: readonly { gap: number; caller: number; dur: number; ret: number }[]) {
	let now = 0;
	return raw
		.map(({ gap, ...call }) => {
			now += gap;
			return { ...call, ts: now };
		})
		.sort((a, b) => a.ts + (a.dur || 0) - (b.ts + (b.dur || 0)) || a.ts - b.ts);
}

test("every call is counted once, in the window that it began in", () => {
	fc.assert(
		fc.property(
			fc.array(aCall, { maxLength: 400 }),
			fc.integer({ min: 1, max: 90 }),
			(raw, size) => {
				const calls: readonly Call[] = arrivals(raw);
				using database = opened();
				const windows = new CallWindows(windowRows(database.handle), size);
				for (const { ts, caller, dur, ret } of calls) windows.add(ts, caller, dur, ret);
				windows.finish();
				const rows = database.handle
					.prepare<[], { begin: number; end: number; figures: Buffer }>(
						`SELECT begin_ts - ${BASE} AS begin, end_ts - ${BASE} AS end, figures
					 FROM call_window ORDER BY begin_ts`,
					)
					.all();
				const found = rows.map(() => new Map<number, Totals>());
				let at = 0;
				for (const [index, { begin, end, figures }] of rows.entries()) {
					expect([begin, end > begin]).toEqual([at, true]);
					at = end;
					readFigures(
						figures,
						(group) => {
							const to = of(found[index] as Map<number, Totals>, group.caller);
							to.finished += group.finished;
							to.errors += group.errors;
							to.unfinished += group.unfinished;
							to.unfinishedErrors += group.unfinishedErrors;
							if (group.finished > 0) {
								to.min = Math.min(to.min, group.min);
								to.max = Math.max(to.max, group.max);
							}
							expect(group.total).toBeLessThanOrEqual(2 ** 52);
							to.total += BigInt(group.total);
							for (let each = 0; each < group.size; each++) {
								const bucket = group.buckets[each] as number;
								const counted = group.counts[each] as number;
								to.buckets.set(bucket, (to.buckets.get(bucket) ?? 0) + counted);
							}
							const { size, codes, counts, first, last } = group.errnos;
							for (let each = 0; each < size; each++) {
								const [from, until] = [first[each] as number, last[each] as number];
								const times = counts[each] as number;
								countErrno(to, codes[each] as number, times, begin + from, begin + until);
							}
						},
						({ before, caller, dur, errno }) => {
							const home = rows.findIndex(
								(row) => begin - before >= row.begin && begin - before < row.end,
							);
							expect(home).toBeLessThan(index);
							count(of(found[home] as Map<number, Totals>, caller), begin - before, dur, errno);
						},
					);
				}
				const expected = rows.map(() => new Map<number, Totals>());
				for (const { ts, caller, dur, ret } of calls) {
					const home = rows.findIndex(({ begin, end }) => ts >= begin && ts < end);
					count(of(expected[home] as Map<number, Totals>, caller), ts, dur, namedErrno(ret));
				}
				expect(found).toEqual(expected);
			},
		),
		{ numRuns: 300 },
	);
});

test("an error is what the view has a name for", () => {
	using database = opened();
	const named = database.handle
		.prepare<[], number>("SELECT -code FROM errno_name ORDER BY code")
		.pluck()
		.all();
	const all = Array.from({ length: 5000 }, (_, index) => -index);
	expect(all.filter((ret) => isNamedError(ret))).toEqual(named);
	expect(isNamedError(-(2n ** 60n))).toBe(false);
	expect(isNamedError(Number.NaN)).toBe(false);
});

function opened(): { readonly handle: Database.Database; [Symbol.dispose](): void } {
	const handle = new Database(":memory:");
	handle.exec(tablesDdl({ cpuIds: 2, events: [], strings: false }));
	handle.prepare("INSERT INTO store_value VALUES (?, ?)").run(PLACE_SCALE_KEY, 2);
	return { handle, [Symbol.dispose]: () => handle.close() };
}
