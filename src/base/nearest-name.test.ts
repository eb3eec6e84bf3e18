import { expect, it } from "vitest";
import { editDistance, nearestName } from "./nearest-name.js";

it("finds what was meant", () => {
	const views = ["syscalls", "sched_slices", "logs", "losses"];
	expect(nearestName("syscals", views)).toBe("syscalls");
	expect(nearestName("SYSCALLS", views)).toBe("syscalls");
	expect(nearestName("shced_slices", views)).toBe("sched_slices");
	expect(nearestName("elephants", views)).toBeUndefined();
});

it.each([
	["", "", 0],
	["abc", "", 3],
	["kitten", "sitting", 3],
	["ab", "ba", 1],
])("distance of %j and %j is %i", (a, b, distance) => {
	expect(editDistance(a, b)).toBe(distance);
	expect(editDistance(b, a)).toBe(distance);
});
