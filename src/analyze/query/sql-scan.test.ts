import { describe, expect, it } from "vitest";
import { firstKeyword, isBlankSql, isCompleteStatement, positionAt } from "./sql-scan.js";

describe("isCompleteStatement", () => {
	it.each([
		["SELECT 1;", true],
		["SELECT 1; -- done\n", true],
		["SELECT 1", false],
		["SELECT ';'", false],
		["SELECT 'it''s;", false],
		["SELECT 1 -- ;", false],
		["SELECT 1 /* ;", false],
		["SELECT 1; /* still", false],
		['SELECT "a;b";', true],
		["SELECT [a;b]", false],
		["", false],
	])("%j: %s", (sql, complete) => {
		expect(isCompleteStatement(sql)).toBe(complete);
	});
});

it("firstKeyword passes over comments and empty statements", () => {
	expect(firstKeyword("-- a\n/* b */ ; select 1")).toBe("SELECT");
	expect(firstKeyword("'text'")).toBeUndefined();
});

it("isBlankSql", () => {
	expect(isBlankSql(" -- nothing\n ;; ")).toBe(true);
	expect(isBlankSql("x")).toBe(false);
});

it("positionAt counts from 1", () => {
	expect(positionAt("a\nbc", 3)).toEqual({ line: 2, column: 2 });
	expect(positionAt("a", 0)).toEqual({ line: 1, column: 1 });
});
