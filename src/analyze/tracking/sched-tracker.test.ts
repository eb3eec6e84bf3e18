import { afterEach, beforeEach, expect, test } from "vitest";
import { TracedSession } from "../../../test/traced-session.js";
import { endState } from "./task-state.js";

let session: TracedSession;

beforeEach(() => {
	session = new TracedSession();
});
afterEach(() => {
	session.remove();
});

async function slices(): Promise<readonly string[]> {
	return (await session.build()).slices();
}

test("a slice lasts from the switch to a thread until the switch from it", async () => {
	session.fork(1, 5, 7, { comm: "a" });
	session.switch(0, 10, 0, 7).switch(0, 30, 7, 8, 1).switch(0, 35, 8, 0, 2);
	session.switch(1, 12, 0, 9).switch(1, 20, 9, 0, 0, 7);
	expect(await slices()).toEqual(["10 20 cpu0 7/7 a S", "12 8 cpu1 9/9 - R+", "30 5 cpu0 8/8 - D"]);
});

test("a slice still going on at the end has no duration", async () => {
	session.switch(0, 10, 0, 7);
	expect(await slices()).toEqual(["10 - cpu0 7/7 - -"]);
});

test("the idle thread and threads that are not recorded have no slices", async () => {
	session.switch(0, 10, 7, 0).switch(0, 20, 0, 8, 0, 1).switch(0, 30, 8, 9, 0, 2);
	session.switch(0, 40, 9, 0);
	expect(await slices()).toEqual(["30 10 cpu0 9/9 - R"]);
});

test("a slice never reaches across a gap in its CPU's records", async () => {
	session.switch(0, 10, 0, 7).lose(0, 2).switch(0, 500, 7, 0, 1);
	session.switch(0, 600, 0, 7).switch(0, 700, 7, 0, 1);
	session.switch(1, 20, 0, 8).switch(1, 800, 8, 0, 1);
	expect(await slices()).toEqual([
		"10 - cpu0 7/7 - -",
		"20 780 cpu1 8/8 - S",
		"600 100 cpu0 7/7 - S",
	]);
});

test("a switch from another thread than the one that ran ends it without duration", async () => {
	session.switch(0, 10, 0, 7).switch(0, 30, 8, 0, 1);
	expect(await slices()).toEqual(["10 - cpu0 7/7 - -"]);
});

test("a slice has the name that its thread had when it began", async () => {
	session.fork(1, 5, 7, { comm: "a" });
	session.switch(0, 10, 0, 7).rename(15, 7, "a", "b").switch(0, 20, 7, 0, 1);
	session.switch(0, 30, 0, 7).switch(0, 40, 7, 0, 1);
	expect(await slices()).toEqual(["10 10 cpu0 7/7 a S", "30 10 cpu0 7/7 b S"]);
});

test("slices of no length at equal times are rows of their own", async () => {
	for (let times = 0; times < 3; times++) session.switch(0, 10, 0, 7).switch(0, 10, 7, 0, 1);
	expect(await slices()).toEqual(new Array(3).fill("10 0 cpu0 7/7 - S"));
});

test.each([
	[0, 0, "R"],
	[0, 4, "R+"],
	[1, 4, "R+"],
	[1, 0, "S"],
	[2, 0, "D"],
	[0x102, 0, "D"],
	[4, 0, "T"],
	[8, 0, "t"],
	[0x10, 0, "X"],
	[0x20, 0, "Z"],
	[0xa0, 0, "Z"],
	[0x40, 0, "P"],
	[0x80, 0, "X"],
	[0x402, 0, "I"],
	[0x2001, 0, "S"],
	[0x1000, 0, "D"],
	[0x8000, 0, "D"],
])("task state %i with flags %i reads %s", (state, flags, letter) => {
	expect(endState(state, flags)).toBe(letter);
});
