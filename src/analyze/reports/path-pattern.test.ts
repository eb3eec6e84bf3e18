import { describe, expect, it } from "vitest";
import { parsePathPattern } from "./path-pattern.js";

describe("parsePathPattern", () => {
	it.each([
		["/etc/passwd", "exact"],
		["/etc/*", "glob"],
		["*/passwd", "glob"],
		["/tmp/file[0-9]", "glob"],
		["/tmp/a?", "glob"],
		["pipe:[4711]", "exact"],
		["anon_inode:[eventpoll]", "exact"],
		["socket:*", "glob"],
	] as const)("%s is %s", (text, kind) => {
		const pattern = parsePathPattern(text);
		expect([pattern.text, pattern.kind]).toEqual([text, kind]);
		expect(pattern.condition("path")).toBe(kind === "glob" ? "path GLOB ?" : "path = ?");
	});

	it.each(["", "passwd", "etc/passwd", "./a", "../a*"])("%j is BAD_ARGUMENT", (text) => {
		expect(() => parsePathPattern(text)).toThrow(
			expect.objectContaining({ code: "BAD_ARGUMENT", hint: expect.stringContaining("'/etc/*'") }),
		);
	});
});
