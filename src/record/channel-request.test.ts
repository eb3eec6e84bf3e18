import { cpus } from "node:os";
import { describe, expect, test } from "vitest";
import { type ChannelRequest, checkChannels } from "./channel-request.js";
import { availableMemory } from "./host.js";

const CHANNEL: ChannelRequest = {
	name: "kernel",
	sources: ["syscalls"],
	subbufSize: 4096,
	subbufCount: 8,
	flushIntervalMs: 200,
	overwrite: false,
	global: false,
};

const check = (...changes: Partial<ChannelRequest>[]): (() => void) => {
	return () => checkChannels(changes.map((change) => ({ ...CHANNEL, ...change })));
};

test("channels of their own are taken", () => {
	expect(check({}, { name: "runs", sources: ["sched"] })).not.toThrow();
	// One keeps everything on disk, the other the newest in memory.
	expect(check({}, { name: "now", overwrite: true, flushIntervalMs: 0 })).not.toThrow();
});

describe("refused with a sentence and what to do:", () => {
	test.each<[string, RegExp, Partial<ChannelRequest>[]]>([
		["a size that is no power of two", /sub-buffer of 5000 bytes/, [{ subbufSize: 5000 }]],
		["one sub-buffer", /1 sub-buffers/, [{ subbufCount: 1 }]],
		["more than relay can address", /2048 MiB a CPU/, [{ subbufSize: 1 << 20, subbufCount: 2048 }]],
		["a name with a dot", /name "a.b"/, [{ name: "a.b" }]],
		["the bufflink's name", /name "bufflink"/, [{ name: "bufflink" }]],
		["a name twice", /two channels have the name kernel/, [{}, { sources: ["sched"] }]],
		["a source twice", /syscalls is in two channels/, [{}, { name: "b" }]],
		["no source", /channel kernel has nothing to record/, [{ sources: [] }]],
		["a flight recorder that flushes", /no flush interval/, [{ overwrite: true }]],
	])("%s", (_, message, channels) => {
		expect(check(...channels)).toThrow(message);
	});

	test("more memory than half of what is free, all channels together, with the figures", () => {
		const each = 2 ** 30 * cpus().length;
		const count = Math.floor(availableMemory() / 2 / each);
		const many = (overwrite: boolean): Partial<ChannelRequest>[] =>
			Array.from({ length: count + (overwrite ? 1 : 0) }, (_, index) => ({
				...{ name: `c${index}`, sources: [`s${index}`], subbufSize: 2 ** 20, subbufCount: 1024 },
				...(overwrite ? { overwrite, flushIntervalMs: 0 } : {}),
			}));
		expect(check(...many(false))).not.toThrow();
		expect(check(...many(true))).toThrow(
			/buffers of \d+ MiB would take more than half of the \d+ MiB/,
		);
	});
});
