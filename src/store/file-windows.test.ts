import fc from "fast-check";
import { expect, test } from "vitest";
import { isNamedError } from "./call-windows.js";
import { readFileFigures } from "./file-figures.js";
import { FileWindows } from "./file-windows.js";
import { type BoundValue, RowBuffer } from "./row-buffer.js";

class Kept extends RowBuffer {
	readonly rows: BoundValue[][] = [];

	protected override deliver(values: readonly BoundValue[]): void {
		this.rows.push(
			values.map((value) => (value instanceof Uint8Array ? Uint8Array.from(value) : value)),
		);
	}
}

interface Call {
	readonly ts: number;
	readonly caller: number;
	readonly paths: number;
	readonly dur: number;
	readonly ret: number;
}

const call = fc.record({
	ts: fc.nat(2000),
	caller: fc.integer({ min: 1, max: 3 }),
	paths: fc.integer({ min: 1, max: 4 }),
	dur: fc.oneof(fc.nat(500), fc.constant(Number.NaN), fc.constant(2 ** 51)),
	ret: fc.oneof(fc.integer({ min: -40, max: 100 }), fc.constant(2 ** 40), fc.constant(Number.NaN)),
});

interface Figures {
	calls: number;
	errors: number;
	unfinished: number;
	total: bigint;
	bytes: number;
}

function sumUp(calls: readonly Call[]): Map<string, Figures> {
	const sums = new Map<string, Figures>();
	for (const { caller, paths, dur, ret } of calls) {
		add(sums, caller, paths, {
			calls: 1,
			errors: isNamedError(ret) ? 1 : 0,
			unfinished: Number.isNaN(dur) ? 1 : 0,
			total: Number.isNaN(dur) ? 0n : BigInt(dur),
			bytes: ret > 0 && ret <= 0xffff_ffff ? ret : 0,
		});
	}
	return sums;
}

function add(to: Map<string, Figures>, caller: number, paths: number, more: Figures): void {
	const key = `${caller}/${paths}`;
	const sum = to.get(key) ?? { calls: 0, errors: 0, unfinished: 0, total: 0n, bytes: 0 };
	sum.calls += more.calls;
	sum.errors += more.errors;
	sum.unfinished += more.unfinished;
	sum.total += more.total;
	sum.bytes += more.bytes;
	to.set(key, sum);
}

test("windows have the figures of the calls that began in them, and every call once", () => {
	fc.assert(
		fc.property(
			fc.array(call, { maxLength: 60 }),
			fc.integer({ min: 2, max: 9 }),
			(calls, limit) => {
				// As they end: that is when they become rows.
				const ended = [...calls].sort((a, b) => a.ts + (a.dur || 0) - (b.ts + (b.dur || 0)));
				const rows = new Kept(3, 1);
				const windows = new FileWindows(rows, limit);
				for (const { ts, caller, paths, dur, ret } of ended)
					windows.add(ts, caller, paths, dur, ret);
				windows.finish();
				const all = new Map<string, Figures>();
				let last = 0;
				const within: { begin: number; end: number; sums: Map<string, Figures> }[] = [];
				for (const [begin, end, figures] of rows.rows) {
					if (typeof begin !== "number" || typeof end !== "number") throw new Error("no times");
					if (!(figures instanceof Uint8Array)) throw new Error("no figures");
					expect(begin).toBe(last);
					last = end;
					within.push({ begin, end, sums: new Map() });
					readFileFigures(
						figures,
						({ caller, paths, total, ...rest }) => {
							const more = { ...rest, total: BigInt(total) };
							add(all, caller, paths, more);
							add(within.at(-1)?.sums ?? all, caller, paths, more);
						},
						({ before, caller, paths, dur, failed, bytes }) => {
							const more = {
								...{
									calls: 1,
									errors: Number(failed),
									unfinished: Number(Number.isNaN(dur)),
									bytes,
								},
								total: Number.isNaN(dur) ? 0n : BigInt(dur),
							};
							add(all, caller, paths, more);
							const ts = begin - before;
							const own = within.find((window) => window.begin <= ts && ts < window.end);
							add(own?.sums ?? all, caller, paths, more);
						},
					);
				}
				expect(all).toEqual(sumUp(calls));
				for (const { begin, end, sums } of within) {
					expect(sums).toEqual(sumUp(calls.filter(({ ts }) => ts >= begin && ts < end)));
				}
			},
		),
	);
});
