import { describe, expect, it } from "vitest";
import { barLength, drawBar } from "./bar.js";

describe("bars", () => {
	it("the largest is as long as there is room, others in eighths of a column", () => {
		expect(drawBar(1000, 1000, 10)).toBe("██████████");
		expect(drawBar(500, 1000, 10)).toBe("█████");
		expect(drawBar(512, 1000, 10)).toBe("█████▏");
	});

	it("what is there at all is seen, and nothing is not", () => {
		expect(drawBar(1, 1_000_000, 10)).toBe("▏");
		expect(drawBar(0, 1_000_000, 10)).toBe("");
		expect(drawBar(0, 0, 10)).toBe("");
	});

	it("take what the other columns leave, within bounds", () => {
		expect(barLength([10, 10], 60)).toBe(36);
		expect(barLength([10, 10], 200)).toBe(50);
		expect(barLength([10, 10], 20)).toBe(8);
		expect(barLength([10, 10], undefined)).toBe(40);
	});
});
