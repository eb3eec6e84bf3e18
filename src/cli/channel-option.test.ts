import { InvalidArgumentError } from "commander";
import { expect, test } from "vitest";
import { parseChannel } from "./channel-option.js";

test("a channel in one word", () => {
	expect(
		parseChannel("calls,source=syscalls,source=sched,size=64K,count=8,mode=overwrite,flush=50ms"),
	).toEqual({
		name: "calls",
		sources: ["syscalls", "sched"],
		subbufSize: 65536,
		subbufCount: 8,
		overwrite: true,
		flushIntervalMs: 50,
	});
});

test("a channel of one buffer", () => {
	expect(parseChannel("lives,global,source=sched")).toEqual({
		name: "lives",
		sources: ["sched"],
		global: true,
	});
});

test("what is not said is left to the other options", () => {
	expect(parseChannel("calls,source=syscalls")).toEqual({ name: "calls", sources: ["syscalls"] });
	expect(parseChannel("calls,flush=0,mode=discard")).toEqual({
		name: "calls",
		sources: [],
		flushIntervalMs: 0,
		overwrite: false,
	});
});

test.each([
	"a,syscalls",
	"a,global=yes",
	"a,constructor",
	"a,colour=red",
	"a,mode=both",
	"a,size=big",
	"a,count=-1",
	"a,",
])("%s is refused", (text) => {
	expect(() => parseChannel(text)).toThrow(InvalidArgumentError);
});
