import { constants } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { abi, BufflinkReader, ChannelReader, HeldCommand, Recorder, readClocks } from "#native";
import { scratchDirectory } from "./scratch.js";

const { ENOENT, EEXIST, ENOTTY, ENOTDIR } = constants.errno;

describe("native errors", () => {
	test("a device that is not there", () => {
		const device = join(scratchDirectory(), "relayscope");
		expect(() => new Recorder(device)).toThrow(
			expect.objectContaining({
				code: "ENOENT",
				errno: ENOENT,
				syscall: `open ${device}`,
				message: `ENOENT: No such file or directory, open ${device}`,
			}),
		);
	});

	test("a device that is not ours refuses every call", () => {
		const recorder = new Recorder("/dev/null");
		const refused = expect.objectContaining({ code: "ENOTTY", errno: ENOTTY });
		const options = { name: "kernel", subbufSize: 65536, subbufCount: 8, flushIntervalMs: 100 };
		expect(() => recorder.info()).toThrow(refused);
		expect(() => recorder.sources()).toThrow(refused);
		expect(() => recorder.createChannel(options)).toThrow(refused);
		expect(() => recorder.attachSource(0, "syscalls")).toThrow(refused);
		expect(() => recorder.addProcess(1, true)).toThrow(refused);
		expect(() => recorder.start()).toThrow(refused);
		expect(() => recorder.stop()).toThrow(refused);
		expect(() => recorder.stats(0, 0)).toThrow(refused);
		expect(
			() =>
				new ChannelReader(recorder, options, {
					channelId: 0,
					dataDirectory: "/nonexistent",
					outputPrefix: "/nonexistent/cpu",
					outputSuffix: ".raw",
				}),
		).toThrow(refused);
		recorder.close();
		expect(() => recorder.info()).toThrow(expect.objectContaining({ code: "EBADF" }));
		recorder.close();
	});

	test("a name that does not fit the ABI", () => {
		const recorder = new Recorder("/dev/null");
		expect(() => recorder.attachSource(0, "x".repeat(32))).toThrow(
			expect.objectContaining({ code: "ENAMETOOLONG" }),
		);
	});

	test("an output that exists is never overwritten", () => {
		expect(() => new BufflinkReader("/dev/null", "/dev/null")).toThrow(
			expect.objectContaining({ code: "EEXIST", errno: EEXIST, syscall: "open /dev/null" }),
		);
	});

	test("a working directory that cannot be entered", () => {
		const options = { file: "/bin/true", argv: ["true"], env: [], cwd: "/dev/null" };
		expect(() => new HeldCommand(options)).toThrow(
			expect.objectContaining({ code: "ENOTDIR", errno: ENOTDIR, syscall: "chdir /dev/null" }),
		);
	});

	test("misuse is a TypeError or RangeError that names the argument", () => {
		const recorder = new Recorder("/dev/null");
		// Reflect takes what the declarations forbid.
		const stats = (...args: unknown[]) => Reflect.apply(recorder.stats, recorder, args);
		expect(() => stats("0", 0)).toThrow(new TypeError("channelId must be a number"));
		for (const bad of [-1, 0.5, Number.NaN, 2 ** 32])
			expect(() => stats(0, bad)).toThrow(
				new RangeError("cpu must be a whole number from 0 to 4294967295"),
			);
		expect(() => Reflect.construct(HeldCommand, [undefined])).toThrow(
			new TypeError("options must be an object"),
		);
		const options = { file: "/bin/true", argv: ["a\0b"], env: [], cwd: "/" };
		expect(() => new HeldCommand(options)).toThrow(
			new TypeError("argv must be a string without null bytes"),
		);
		expect(() => Reflect.construct(ChannelReader, [{}, {}, {}])).toThrow(
			new TypeError("recorder must be a Recorder"),
		);
	});
});

test("the ABI that was compiled in", () => {
	expect(abi).toEqual({
		version: 1,
		subbufHeaderLength: 64,
		recordHeaderLength: 12,
		messageHeaderLength: 24,
	});
	expect(Object.isFrozen(abi)).toBe(true);
});

test("clocks are read together", () => {
	const before = process.hrtime.bigint();
	const clocks = readClocks();
	const after = process.hrtime.bigint();
	expect(clocks.monotonic >= before && clocks.monotonic <= after).toBe(true);
	// The same clock but for the time suspended; the monotonic one is the middle of the reading.
	expect(clocks.boottime).toBeGreaterThan(clocks.monotonic - 1_000_000n);
	expect(Math.abs(Number(clocks.realtime / 1_000_000n) - Date.now())).toBeLessThan(1000);
});
