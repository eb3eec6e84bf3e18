import { describe, expect, test } from "vitest";
import { runProgram } from "./run-program.js";
import { scratchDirectory } from "./scratch.js";

describe("lifetime", () => {
	test.each([
		["process.exit while a thread reads", "exit"],
		["the event loop runs empty while a thread reads", "end"],
		["process.exit during finish, wait and with a held child", "exit-busy"],
		["an exception nobody catches in onError", "throw"],
	])("%s", { timeout: 120_000 }, async (_title, how) => {
		const result = await runProgram("end-while-reading.mjs", [scratchDirectory(), how]);
		expect(result.signal).toBeNull();
		if (how === "throw") {
			expect(result.stderr).toContain("thrown by the callback");
			expect(result.status).toBe(1);
		} else {
			expect(result).toMatchObject({ status: 7, stderr: "" });
		}
	});

	test("readers are collected, with their threads and descriptors", {
		timeout: 120_000,
	}, async () => {
		const result = await runProgram("collect-readers.mjs", [scratchDirectory()], ["--expose-gc"]);
		expect(result).toMatchObject({ status: 0, stdout: "collected\n", stderr: "" });
	});

	test("workers load it, use it, and may be terminated at any moment", {
		timeout: 120_000,
	}, async () => {
		const result = await runProgram("workers.mjs", [scratchDirectory()]);
		expect(result).toMatchObject({ status: 0, stdout: "no thread left\n", stderr: "" });
	});
});
