import { expect, test } from "vitest";
import { type SequenceGap, SequenceGaps } from "./sequence-gaps.js";

/** Numbers of one CPU's events, whose times are 10, 20, 30... */
function gapsAmong(...numbers: readonly number[]): SequenceGap[] {
	const found: SequenceGap[] = [];
	const gaps = new SequenceGaps((gap) => found.push(gap));
	for (const [index, number] of numbers.entries()) gaps.see(2, number, (index + 1) * 10);
	expect(gaps.lost).toBe(found.reduce((sum, { lost }) => sum + lost, 0));
	return found;
}

test("numbers that follow each other have no gap, wherever they begin", () => {
	expect(gapsAmong(1, 2, 3)).toEqual([]);
	expect(gapsAmong(71, 72, 73)).toEqual([]);
});

test("a gap is between the events around it", () => {
	expect(gapsAmong(1, 2, 7, 8, 9, 11, 12)).toEqual([
		{ cpu: 2, tsBegin: 20, tsEnd: 30, lost: 4 },
		{ cpu: 2, tsBegin: 50, tsEnd: 60, lost: 1 },
	]);
});

test("a number that is damaged is no gap", () => {
	expect(gapsAmong(1, 2, 3_000_000_000, 4, 5)).toEqual([]);
	expect(gapsAmong(5, 6, 1, 8, 9)).toEqual([]);
});

test("a number that comes late was never missing", () => {
	expect(gapsAmong(1, 2, 4, 3, 5, 6)).toEqual([]);
	expect(gapsAmong(4, 5, 3, 6, 7)).toEqual([]);
});

test("two gaps behind each other are both told", () => {
	expect(gapsAmong(1, 3, 5, 6).reduce((sum, { lost }) => sum + lost, 0)).toBe(2);
});

test("CPUs are numbered each for itself", () => {
	const found: SequenceGap[] = [];
	const gaps = new SequenceGaps((gap) => found.push(gap));
	for (let number = 1; number < 9; number++) {
		gaps.see(0, number, number);
		gaps.see(300, number * 1, number);
	}
	expect(found).toEqual([]);
});
