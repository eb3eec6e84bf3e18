import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExactSum } from "./exact-sum.js";
import { Histogram } from "./histogram.js";

/** Durations of every magnitude, as calls have them: uniform in the exponent, not in the value. */
const duration = fc
	.tuple(fc.integer({ min: 0, max: 51 }), fc.double({ min: 1, max: 2, noNaN: true }))
	.map(([exponent, mantissa]) => Math.floor(2 ** exponent * mantissa));

function exactQuantile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? Number.NaN;
}

describe("Histogram", () => {
	it("quantiles are within 1/256 of the exact ones", () => {
		fc.assert(
			fc.property(
				fc.array(duration, { minLength: 1, maxLength: 300 }),
				fc.constantFrom(0, 0.01, 0.5, 0.9, 0.99, 1),
				(values, share) => {
					const histogram = new Histogram();
					for (const value of values) histogram.add(value);
					const exact = exactQuantile(values, share);
					const found = histogram.quantile(share) ?? Number.NaN;
					expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact / 256);
				},
			),
			{ numRuns: 2000 },
		);
	});

	it("is exact below 256 and at the extremes", () => {
		const histogram = new Histogram();
		for (let value = 0; value < 256; value++) histogram.add(value);
		expect(histogram.quantile(0.5)).toBe(127);
		histogram.add(2 ** 52 + 1);
		expect(histogram.quantile(1)).toBeCloseTo(2 ** 52, -46);
		expect(histogram.max).toBe(2 ** 52 + 1);
	});

	it("merging is the same as adding all to one", () => {
		fc.assert(
			fc.property(fc.array(duration), fc.array(duration), (a, b) => {
				const [left, right, both] = [new Histogram(), new Histogram(), new Histogram()];
				for (const value of a) left.add(value);
				for (const value of b) right.add(value);
				for (const value of [...a, ...b]) both.add(value);
				left.merge(right);
				expect([left.count, left.max, left.quantile(0.5), left.quantile(0.99)]).toEqual([
					both.count,
					both.max,
					both.quantile(0.5),
					both.quantile(0.99),
				]);
			}),
		);
	});

	it("powers of two count every value where it belongs, without a gap", () => {
		fc.assert(
			fc.property(fc.array(duration, { minLength: 1, maxLength: 300 }), (values) => {
				const histogram = new Histogram();
				for (const value of values) histogram.add(value);
				const powers = histogram.powersOfTwo();
				for (const [index, { from, below, count }] of powers.entries()) {
					expect(count).toBe(values.filter((value) => value >= from && value < below).length);
					if (index > 0) expect(from).toBe(powers[index - 1]?.below);
				}
				expect(powers.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
				expect([powers.at(0)?.count, powers.at(-1)?.count]).not.toContain(0);
			}),
		);
	});

	it("0 is a class of its own", () => {
		const histogram = new Histogram();
		for (const value of [0, 0, 1, 2, 3, 2 ** 32 - 1, 2 ** 32]) histogram.add(value);
		const powers = histogram.powersOfTwo().filter(({ count }) => count > 0);
		expect(powers).toEqual([
			{ from: 0, below: 1, count: 2 },
			{ from: 1, below: 2, count: 1 },
			{ from: 2, below: 4, count: 2 },
			{ from: 2 ** 31, below: 2 ** 32, count: 1 },
			{ from: 2 ** 32, below: 2 ** 33, count: 1 },
		]);
	});

	it("is empty without values", () => {
		const histogram = new Histogram();
		expect([histogram.count, histogram.max, histogram.quantile(0.5)]).toEqual([
			0,
			undefined,
			undefined,
		]);
	});
});

describe("ExactSum", () => {
	it("equals the bigint sum, far beyond 2^53", () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 52 }), { maxLength: 200 }), (values) => {
				const sum = new ExactSum();
				let exact = 0n;
				for (const value of values) {
					sum.add(value);
					exact += BigInt(value);
				}
				expect(sum.value()).toBe(exact);
			}),
		);
	});

	it("refuses what a double could not hold exactly", () => {
		expect(() => new ExactSum().add(2 ** 53)).toThrow(
			expect.objectContaining({ code: "DATABASE" }),
		);
	});
});
