import { expect, test } from "vitest";
import { RelayscopeError } from "../base/error.js";
import { checkContextSources, contextsOf, parseContext } from "./context-request.js";

test("parts of one source, or of all", () => {
	expect(parseContext("syscalls:stack,cgroup")).toEqual({ source: "syscalls", context: 5 });
	expect(parseContext("stack,ustack,cgroup,ns")).toEqual({ source: undefined, context: 15 });
});

test("what is asked for twice adds up; sources without are left out", () => {
	const requests = ["ns", "sched:stack", "sched:ustack"].map(parseContext);
	expect(contextsOf(["syscalls", "sched"], requests)).toEqual([
		{ source: "syscalls", context: 8 },
		{ source: "sched", context: 11 },
	]);
	expect(contextsOf(["syscalls"], [parseContext("sched:stack")])).toEqual([]);
});

test.each(["", "syscalls:", "stack,", "stak", "stack:syscalls"])("%j is refused", (text) => {
	expect(() => parseContext(text)).toThrow(RelayscopeError);
});

test("a source that is not recorded is refused by name", () => {
	const requests = [parseContext("block:stack")];
	expect(() => checkContextSources(requests, ["syscalls"])).toThrow(/block/);
	expect(() => checkContextSources(requests, ["block"])).not.toThrow();
});
