import fc from "fast-check";
import { expect, test } from "vitest";
import { environmentJson, execTexts, shellQuoted } from "./exec-texts.js";

const text = fc.string({ maxLength: 8 }).map((each) => each.replaceAll("\0", ""));
const variable = text.map((value) => `NAME=${value}`);

test("arguments and variables come apart, whatever arguments are empty", () => {
	fc.assert(
		fc.property(fc.array(text), fc.array(variable), (argv, env) => {
			const bytes = [...argv, "", ...env].map((each) => `${each}\0`).join("");
			expect(execTexts(Buffer.from(bytes), false)).toEqual({ argv, env });
		}),
	);
});

test("what was cut keeps its beginning", () => {
	expect(execTexts(Buffer.from("sh\0\0-c\0ech"), true)).toEqual({
		argv: ["sh", "", "-c", "ech"],
		env: [],
	});
	expect(execTexts(Buffer.from("sh\0\0PATH=/b\0LD_PRE"), true)).toEqual({
		argv: ["sh"],
		env: ["PATH=/b", "LD_PRE"],
	});
});

test("a command reads as a shell takes it", () => {
	expect(shellQuoted(["sh", "-c", "it's a $x", ""])).toBe("sh -c 'it'\\''s a $x' ''");
});

test("variables are an object", () => {
	expect(environmentJson(["A=b=c", "D="])).toBe('{"A":"b=c","D":""}');
});
