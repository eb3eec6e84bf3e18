import { expect, test } from "vitest";
import { findMissing, findRegressions } from "./regressions.js";
import { type Figure, type Result, resultOf } from "./row.js";

const FIGURE: Figure = {
	name: "cost",
	unit: "ns",
	workload: "",
	ours: [1, 1, 1],
	peer: { name: "peer", values: [2, 2, 2] },
};

function result(
	ratio: number,
	spread: number | null,
	better: "lower" | "higher" = "lower",
): Result {
	return { ...resultOf(FIGURE), ratio, spread, better };
}

function isRegression(now: Result, before: Result, sameSizes = true): boolean {
	return findRegressions([now], { results: [before], sameSizes }).length > 0;
}

test("more than 30 % worse fails, however noisy the row is", () => {
	expect(isRegression(result(0.66, 0.5), result(0.5, 0.5))).toBe(true);
	expect(isRegression(result(0.64, 0.5), result(0.5, 0.5))).toBe(false);
	expect(isRegression(result(1.5, 0.5, "higher"), result(2, 0.5, "higher"))).toBe(true);
	expect(isRegression(result(1.6, 0.5, "higher"), result(2, 0.5, "higher"))).toBe(false);
});

test("more than three spreads worse fails, the wider of both runs' spreads", () => {
	expect(isRegression(result(0.56, 0.03), result(0.5, 0.01))).toBe(true);
	expect(isRegression(result(0.54, 0.03), result(0.5, 0.01))).toBe(false);
	expect(isRegression(result(0.54, 0.01), result(0.5, 0.03))).toBe(false);
});

test("a spread of nothing does not make a per mille a finding", () => {
	expect(isRegression(result(0.51, 0), result(0.5, 0))).toBe(false);
	expect(isRegression(result(0.53, 0), result(0.5, 0))).toBe(true);
});

test("a single run has no spread: 30 % alone decides", () => {
	expect(isRegression(result(0.64, null), result(0.5, null))).toBe(false);
	expect(isRegression(result(0.66, null), result(0.5, null))).toBe(true);
});

test("sizes differ between a quick and a whole run: spreads say nothing", () => {
	expect(isRegression(result(0.6, 0.001), result(0.5, 0.001), false)).toBe(false);
	expect(isRegression(result(0.66, 0.001), result(0.5, 0.001), false)).toBe(true);
});

test("better is never a regression", () => {
	expect(isRegression(result(0.1, 0), result(0.5, 0))).toBe(false);
	expect(isRegression(result(9, 0, "higher"), result(2, 0, "higher"))).toBe(false);
});

test("a stored figure that is not measured any more is missed", () => {
	const stored = { results: [result(1, 0)], sameSizes: true };
	expect(findMissing([], stored)).toEqual(["cost vs peer"]);
	expect(findMissing(stored.results, stored)).toEqual([]);
});

test.each([[[-0.2, 1, 1]], [[0, 1, 1]], [[Number.NaN]], [[Number.POSITIVE_INFINITY]], [[]]])(
	"%j is no measurement, on either side",
	(values) => {
		expect(() => resultOf({ ...FIGURE, ours: values })).toThrow("cost");
		expect(() => resultOf({ ...FIGURE, peer: { name: "peer", values } })).toThrow("cost, peer");
	},
);
