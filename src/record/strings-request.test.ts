import { expect, test } from "vitest";
import type { ChannelRequest } from "./channel-request.js";
import { withStrings } from "./strings-request.js";

const CALLS: ChannelRequest = {
	name: "calls",
	sources: ["syscalls"],
	subbufSize: 16_384,
	subbufCount: 8,
	flushIntervalMs: 200,
	overwrite: false,
	global: false,
};
const RUNS: ChannelRequest = { ...CALLS, name: "runs", sources: ["sched"], subbufSize: 4096 };

test("strings are for the channels that have system calls", () => {
	expect(withStrings([CALLS, RUNS])).toEqual([{ ...CALLS, strings: true }, RUNS]);
});

test("sub-buffers must have room for a record with two paths in full", () => {
	expect(() => withStrings([{ ...CALLS, subbufSize: 8192 }])).toThrow(/8192 bytes are too small/);
});

test("without system calls there are none", () => {
	expect(() => withStrings([RUNS])).toThrow(/not recorded/);
});
