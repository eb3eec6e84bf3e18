import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RelayscopeError } from "../base/error.js";
import { parseFilter } from "./parse.js";
import type { Expression, Value } from "./syntax.js";

/** An expression in one way of writing it. */
function written(expression: Expression): string {
	switch (expression.kind) {
		case "not":
			return `not ${written(expression.part)}`;
		case "and":
		case "or":
			return `(${expression.parts.map(written).join(` ${expression.kind} `)})`;
		case "comparison": {
			const values = expression.values.map(value).join(",");
			const { sign, field } = expression;
			return sign === "in" ? `${field.name} in (${values})` : `${field.name} ${sign} ${values}`;
		}
	}
}

function value(each: Value): string {
	if (each.kind === "text") return JSON.stringify(Buffer.from(each.bytes).toString("latin1"));
	return each.kind === "name" ? (each.negative ? "-" : "") + each.name : String(each.value);
}

describe("an expression", () => {
	it.each([
		["ret < 0", "ret < 0"],
		["ret<-1", "ret < -1"],
		["ret == -ENOENT", "ret == -ENOENT"],
		["a == 1 or b == 2 and c == 3", "(a == 1 or (b == 2 and c == 3))"],
		["(a == 1 || b == 2) && !c == 3", "((a == 1 or b == 2) and not c == 3)"],
		["not not a == 1", "not not a == 1"],
		["not (a == 1 and b == 2)", "not (a == 1 and b == 2)"],
		["name in (openat, read)", "name in (openat,read)"],
		["pid not in (1,2)", "not pid in (1,2)"],
		["bytes >= 64K", "bytes >= 65536"],
		["dur > 10ms", "dur > 10000000"],
		["flags & 0xFf", "flags & 255"],
		["dev == 8:16", `dev == ${(8 << 20) | 16}`],
		["comm ~ 'a\"b'", 'comm ~ "a\\"b"'],
		['path !~ "/etc/*"', 'path !~ "/etc/*"'],
		['x == "\\x41\\t\\\\\\"\\*"', 'x == "A\\t\\\\\\"\\\\*"'],
		["sched_switch.next_tid == 0", "sched_switch.next_tid == 0"],
		["ret == 18446744073709551615", "ret == 18446744073709551615"],
	])("%s", (text, expected) => {
		expect(written(parseFilter(text).expression)).toBe(expected);
	});

	it("keeps texts as UTF-8", () => {
		const { expression } = parseFilter('comm == "ü€😀"');
		expect(expression).toMatchObject({ values: [{ bytes: Buffer.from("ü€😀") }] });
	});
});

describe("a mistake", () => {
	it.each([
		["", 0, "a comparison is missing"],
		["ret", 3, "a comparison is due here"],
		["ret <", 5, "a value is due here"],
		["ret < (1)", 6, "a value is due here"],
		["< 5", 0, "a field is due here"],
		["(ret < 0", 8, "a parenthesis is not closed"],
		["ret < 0)", 7, "the filter could end before this"],
		["ret < 0 ret > 1", 8, "the filter could end before this"],
		["ret < 0 and", 11, "a comparison is missing"],
		["name in openat", 8, "the values of in stand in parentheses"],
		["name in (openat read)", 16, "a comma or a closing parenthesis"],
		["name in (openat,)", 16, "a value is due here"],
		['comm == "abc', 8, "this text has no end"],
		["ret == 5x", 8, "x is no unit"],
		["ret == 99999999999999999999", 7, "this number is beyond 64 bits"],
		["ret = 5", 4, '"=" means nothing here'],
		["ret == -", 8, "a number or an errno is due"],
		[`${"(".repeat(101)}a == 1`, 100, "this is nested too deep"],
	])("in %j is marked at %i", (text, at, problem) => {
		let error: unknown;
		try {
			parseFilter(text);
		} catch (caught) {
			error = caught;
		}
		if (!(error instanceof RelayscopeError)) throw new Error("it was understood");
		expect(error.code).toBe("BAD_FILTER");
		expect(error.hint).toBeTruthy();
		const [first, line, mark = ""] = error.message.split("\n");
		expect(first).toContain(problem);
		expect(line).toBe(`    ${text}`);
		expect(mark.indexOf("^") - 4).toBe(at);
	});

	it("of any kind is a RelayscopeError", () => {
		const words = ["ret", "<", "and", "or", "not", "in", "(", ")", "5", '"a"', ",", "-", "~", "'"];
		const text = fc.oneof(
			fc.string(),
			fc.array(fc.constantFrom(...words)).map((w) => w.join(" ")),
		);
		fc.assert(
			fc.property(text, (each) => {
				try {
					parseFilter(each);
				} catch (error) {
					expect(error).toBeInstanceOf(RelayscopeError);
				}
			}),
		);
	});
});
