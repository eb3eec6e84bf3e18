import { expect, test } from "vitest";
import { asksForHelp, programHelp } from "./help.js";
import { programFor } from "./program.js";
import { COMMANDS } from "./registry.js";

test("the help names every command in a line of a terminal's width", () => {
	const lines = programHelp().split("\n");
	for (const { name, summary } of COMMANDS) {
		const line = lines.find((each) => each.startsWith(`  ${name} `));
		expect(line).toContain(summary);
		expect(line?.length).toBeLessThanOrEqual(80);
	}
});

test("the parser, which is not loaded for it, would print the same", async () => {
	const program = await programFor(undefined);
	expect(program.helpInformation()).toBe(programHelp());
});

test("only the program's own help needs no parser", () => {
	expect(["--help", "-h", "help"].map((word) => asksForHelp([word]))).toEqual([true, true, true]);
	expect(asksForHelp([])).toBe(false);
	expect(asksForHelp(["help", "query"])).toBe(false);
	expect(asksForHelp(["query", "--help"])).toBe(false);
});
