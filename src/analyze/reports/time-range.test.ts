import { describe, expect, it } from "vitest";
import { formatWallClock, parseRange, parseTime } from "./time-range.js";

const origin = { start: 9_107_199_254_740_993n, wallClockStart: 1_795_236_407_123_456_789n };

describe("parseTime", () => {
	it.each([
		["1.5s", 1_500_000_000n],
		["250ms", 250_000_000n],
		["+2s", 2_000_000_000n],
		["+17ns", 17n],
		["3us", 3_000n],
		["3µs", 3_000n],
		["0.000000001s", 1n],
		["2min", 120_000_000_000n],
		["1h", 3_600_000_000_000n],
		["2026-11-21T04:46:48.123456789Z", 1_000_000_000n],
		["2026-11-21 04:46:48.123456790Z", 1_000_000_001n],
		["2026-11-21T05:46:48.123456789+01:00", 1_000_000_000n],
		["2026-11-21T05:46:48.123456789+0100", 1_000_000_000n],
	])("%s is %s ns from the start", (text, offset) => {
		expect(parseTime(text, origin) - origin.start).toBe(offset);
	});

	it("plain ns are the column ts, exactly", () => {
		expect(parseTime("9107199254740995ns", origin)).toBe(9_107_199_254_740_995n);
	});

	it("a wall clock without zone is local", () => {
		const local = BigInt(new Date("2026-11-21T04:46:48").getTime()) * 1_000_000n;
		const expected = origin.start + local - origin.wallClockStart;
		expect(parseTime("2026-11-21T04:46:48", origin)).toBe(expected);
	});

	it.each(["", "abc", "5", "-1s", "1.5", "1e3s", "2026-13-41T00:00:00Z", "12:30", "1 s 2"])(
		"%j is BAD_ARGUMENT",
		(text) => {
			expect(() => parseTime(text, origin)).toThrow(
				expect.objectContaining({ code: "BAD_ARGUMENT" }),
			);
		},
	);
});

it("a range that is empty or backwards is BAD_ARGUMENT", () => {
	expect(() => parseRange("2s", "2s", origin)).toThrow(/not before/);
	expect(() => parseRange("2s", "1s", origin)).toThrow(/not before/);
	expect(parseRange(undefined, undefined, origin)).toEqual({ since: undefined, until: undefined });
});

it("formatWallClock", () => {
	expect(formatWallClock(origin.wallClockStart)).toBe("2026-11-21T04:46:47.123456Z");
});
