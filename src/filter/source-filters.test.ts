import { describe, expect, it } from "vitest";
import { BUILTIN_EVENTS } from "../schema/generated/builtin-events.js";
import { CallNames } from "./call-names.js";
import type { FilterSource } from "./fields.js";
import { filtersOf, parseFilterRequest, type SourceFilter, triggersOf } from "./source-filters.js";

const TABLE = ["0 0 read 3", "0 257 openat 4", "0 59 execve 3", "1 3 read 3", "1 295 openat 4"];
const SYSCALLS: FilterSource = {
	name: "syscalls",
	events: [],
	calls: new CallNames(`${TABLE.join("\n")}\n`),
};
const SCHED: FilterSource = {
	name: "sched",
	events: BUILTIN_EVENTS.filter(({ name }) => name.startsWith("sched_")),
	calls: undefined,
};
const SOURCES = [SYSCALLS, SCHED];
const HOST = { cgroupId: (path: string) => (path === "/a" ? 5n : undefined) };

function filters(...texts: readonly string[]): readonly SourceFilter[] {
	return filtersOf(texts.map(parseFilterRequest), SOURCES, HOST);
}

function ops(filter: SourceFilter | undefined, which: "early" | "whole"): string | undefined {
	return filter?.[which]?.instructions.map(({ op }) => op).join(" ");
}

describe("a filter on a path", () => {
	const withTexts = { ...SYSCALLS, strings: true };
	const filter = (text: string): SourceFilter | undefined =>
		filtersOf([parseFilterRequest(text)], [withTexts], HOST)[0];

	it("is decided when the call begins", () => {
		expect(ops(filter('path ~ "/etc/*"'), "early")).toBe("matches accept refuse");
		expect(ops(filter('path ~ "/etc/*"'), "whole")).toBeUndefined();
	});

	it("is asked then, too, where the rest waits for the end", () => {
		expect(ops(filter("path2 == a and ret < 0"), "early")).toBe("is accept refuse");
		expect(ops(filter("path2 == a and ret < 0"), "whole")).toBe("is lt accept refuse");
	});
});

describe("a filter goes to", () => {
	it.each([
		["pid == 1", ["syscalls", "sched"]],
		["ret < 0", ["syscalls"]],
		["next_tid == 5 and pid == 1", ["sched"]],
		["sched:pid == 1", ["sched"]],
		["sched:not comm == x", ["sched"]],
	])("%s: the sources that have all of its fields", (text, expected) => {
		expect(filters(text).map(({ source }) => source)).toEqual(expected);
	});

	it("no source that was not meant, and several of one must all hold", () => {
		const [only, ...others] = filters("syscalls:pid == 1", "ret < 0");
		expect(others).toEqual([]);
		expect(only?.text).toBe("(pid == 1) and (ret < 0)");
	});

	it.each([
		["printk:pid == 1", /source printk is not recorded/],
		["ret < 0 and next_tid == 1", /no source has all of these fields/],
		["rett < 0", /no field rett in syscalls, sched/],
		["sched:ret < 0", /no field ret in sched/],
		['path ~ "/etc/*"', /path is not recorded/],
		["sched:path2 == a", /no field path2 in sched/],
		["ret == ENOENT", /minus the errno/],
		["ret == -ENOENTT", /ENOENTT is no number/],
		["comm == 5", /comm is a text/],
		["comm < x", /comm is a text, not a number/],
		["pid ~ 5", /pid is a number, not a text/],
		['pid == "5"', /pid is a number, not a text/],
		["comm == sixteen_or_more_", /never as long as this/],
		['comm ~ "[a"', /a \[ of this pattern is not closed/],
		[`comm ~ "${"a".repeat(129)}"`, /a pattern has 128 bytes at most/],
		[
			Array.from("abcde", (each) => `comm ~ "${each.repeat(120)}*"`).join(" or "),
			/its patterns take 605 bytes, and the kernel 512 at most/,
		],
		["name < openat", /< means nothing for a call's name/],
		['name ~ "xyz*"', /no system call has such a name/],
		["pid == 8:1", /pid is no device/],
		['cgroup == "/b"', /no such cgroup/],
		["cgroup < 5", /< means nothing for a cgroup/],
		[Array.from({ length: 300 }, (_, n) => `pid == ${n * 7}`).join(" or "), /256 at most/],
		[
			Array.from({ length: 100 }, (_, n) => `filename == "${n}${"x".repeat(60)}"`).join(" or "),
			/4096 at most/,
		],
	])("nowhere: %s", (text, message) => {
		expect(() => filters(text)).toThrow(expect.objectContaining({ code: "BAD_FILTER" }));
		expect(() => filters(text)).toThrow(message);
	});
});

describe("a program is run", () => {
	it("early alone where nothing needs the event or the call's end", () => {
		const [calls] = filters("name == openat and arg0 == 3 and comm ~ 'a*'");
		expect(ops(calls, "early")).toBe("in eq matches accept refuse");
		expect(calls?.whole).toBeUndefined();
	});

	it("early for a part, so that what cannot pass is not kept", () => {
		const [calls] = filters("(name == openat or ret == 1) and pid == 5 and ret < 0");
		expect(ops(calls, "early")).toBe("eq accept refuse");
		expect(ops(calls, "whole")).toBe("in eq eq lt accept refuse");
	});

	it("late alone where nothing is known early", () => {
		const [calls] = filters("not (ret >= 0 and pid == 5)");
		expect(calls?.early).toBeUndefined();
		expect(ops(calls, "whole")).toBe("lt ne accept refuse");
	});

	it("never, where nothing can hold", () => {
		const [, sched] = filters("uid == -1");
		expect(ops(sched, "early")).toBe("refuse");
		expect(sched?.whole).toBeUndefined();
	});
});

it("calls are known by name in every table, and many numbers become a set", () => {
	const [byName] = filters("name == openat");
	expect(byName?.early?.text.length).toBe(((1024 + 295) >> 3) + 1);
	expect(ops(filters("name == execve")[0], "early")).toBe("eq accept refuse");
	expect(ops(filters("nr in (1, 2, 3, 500)")[0], "early")).toBe("in accept refuse");
	expect(ops(filters("nr not in (read, 777)")[0], "early")).toBe("notIn ne accept refuse");
	expect(ops(filters("name == syscall_777")[0], "early")).toBe("eq accept refuse");
});

it("a cgroup is looked up by its path", () => {
	const [calls] = filters('cgroup == "/a"');
	expect(calls?.early?.instructions[0]).toMatchObject({ op: "under", value: 5n });
});

it("triggers of one source fire when any holds", () => {
	const [trigger] = triggersOf(
		["ret == -EIO", "name == execve"].map(parseFilterRequest),
		[SYSCALLS],
		HOST,
	);
	expect(trigger?.text).toBe("(ret == -EIO) or (name == execve)");
	expect(trigger?.program.instructions.map(({ op }) => op)).toEqual([
		"eq",
		"eq",
		"accept",
		"refuse",
	]);
});
