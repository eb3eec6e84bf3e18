import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { BufflinkReader, type NativeError } from "#native";
import { runProgram } from "./run-program.js";
import { scratchDirectory } from "./scratch.js";

/** A bufflink reads like a FIFO; what only it can do is tested in the VM. */
function fifo(): { readonly device: string; readonly output: string; readonly writer: number } {
	const directory = scratchDirectory();
	const device = join(directory, "bufflink");
	execFileSync("mkfifo", [device]);
	const writer = openSync(device, constants.O_RDWR);
	onTestFinished(() => closeSync(writer));
	return { device, output: join(directory, "bufflink.raw"), writer };
}

function threads(): readonly string[] {
	return readdirSync("/proc/self/task").map((task) =>
		readFileSync(`/proc/self/task/${task}/comm`, "utf8").trim(),
	);
}

describe("BufflinkReader", () => {
	test("copies what comes, and at finish what is left", async () => {
		const { device, output, writer } = fifo();
		const reader = new BufflinkReader(device, output);
		expect(threads()).toContain("rs-bufflink");
		writeSync(writer, "first");
		await expect.poll(() => readFileSync(output, "utf8")).toBe("first");
		writeSync(writer, " and last");
		expect(await reader.finish()).toEqual({ bytes: 14n, refused: 0n, error: undefined });
		expect(readFileSync(output, "utf8")).toBe("first and last");
		expect(threads()).not.toContain("rs-bufflink");
		expect(await reader.finish()).toEqual({ bytes: 14n, refused: 0n, error: undefined });
	});

	test("close ends the thread at once, during a finish too", async () => {
		const { device, output, writer } = fifo();
		writeSync(writer, "x");
		const reader = new BufflinkReader(device, output);
		const finished = reader.finish();
		reader.close();
		expect(threads()).not.toContain("rs-bufflink");
		expect((await finished).error).toBeUndefined();
		reader.close();
	});

	test("a failed write is an error on the event loop, also for a late callback", async () => {
		const result = await runProgram(
			"fill-the-disk.mjs",
			[scratchDirectory()],
			[],
			["prlimit", "--fsize=1000"],
		);
		expect(result).toMatchObject({ status: 0, stderr: "" });
		const { early, late, finished, size } = JSON.parse(result.stdout) as {
			early: NativeError;
			late: NativeError;
			finished: string;
			size: number;
		};
		expect(early).toMatchObject({ code: "EFBIG", errno: 27 });
		expect(early.syscall).toMatch(/^write .*bufflink\.raw$/);
		expect(late).toMatchObject({ code: "EFBIG", errno: 27 });
		expect(finished).toBe("EFBIG");
		expect(size).toBe(800);
	});
});
