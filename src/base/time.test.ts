import { describe, expect, it } from "vitest";
import { formatDuration, formatOffset } from "./time.js";

describe("formatDuration", () => {
	it.each([
		[0, "0 ns"],
		[0n, "0 ns"],
		[12n, "12 ns"],
		[999n, "999 ns"],
		[12.34, "12.3 ns"],
		[999.6, "1.00 µs"],
		[1_000n, "1.00 µs"],
		[1_235_000n, "1.24 ms"],
		[9_996_000n, "10.0 ms"],
		[99_960_000n, "100 ms"],
		[999_499_999n, "999 ms"],
		[999_600_000n, "1.00 s"],
		[3_000_000_000n, "3.00 s"],
		[-1_500n, "-1.50 µs"],
		[119_400_000_000n, "119 s"],
		[119_500_000_000n, "2 min 00 s"],
		[125_000_000_000n, "2 min 05 s"],
		[7_199_000_000_000n, "119 min 59 s"],
		[12_345_000_000_000n, "3 h 25 min"],
		[200_000_000_000_000n, "2 d 07 h"],
		[9_223_372_036_854_775_807n, "106751 d 23 h"],
	])("%s is %s", (value, text) => {
		expect(formatDuration(value)).toBe(text);
	});

	it("never prints an exponent, whatever the size", () => {
		for (let value = 1; value < 1e18; value *= 1.7) {
			expect(formatDuration(value)).not.toMatch(/e\+/);
		}
	});
});

it("formatOffset is signed", () => {
	expect(formatOffset(1_200_000_000n)).toBe("+1.20 s");
	expect(formatOffset(-5n)).toBe("-5 ns");
});
