import { describe, expect, it } from "vitest";
import type { RowSet, SqlValue } from "../analyze/query/query-database.js";
import { csvLines } from "./csv.js";
import { jsonRows, jsonText } from "./json.js";

function rowSet(columns: readonly string[], ...rows: SqlValue[][]): RowSet {
	return { columns, rows: rows.values() };
}

describe("jsonRows", () => {
	const text = (result: RowSet): string => [...jsonRows(result)].join("");

	it("prints every digit of integers and keeps reals reals", () => {
		const row: SqlValue[] = [
			18_014_398_509_481_985n,
			-9_223_372_036_854_775_808n,
			3,
			1e21,
			0.1,
			-0,
		];
		expect(text(rowSet(["a", "b", "c", "d", "e", "f"], row))).toBe(
			'[\n{"a":18014398509481985,"b":-9223372036854775808,"c":3.0,"d":1e+21,"e":0.1,"f":0.0}\n]\n',
		);
	});

	it("is JSON that parses, whatever is in it", () => {
		const row: SqlValue[] = [null, 'say "hi"\n\u0001', new Uint8Array([0, 255]), Infinity, 5n];
		expect(JSON.parse(text(rowSet(["n", "t", "b", "i", 'odd "name"'], row, row)))).toEqual(
			Array(2).fill({ n: null, t: 'say "hi"\n\u0001', b: "00ff", i: Infinity, 'odd "name"': 5 }),
		);
	});

	it("no rows are an empty array", () => {
		expect(text(rowSet(["a"]))).toBe("[]\n");
	});

	it("a column name that occurs again gets a number", () => {
		expect(text(rowSet(["ts", "ts", "ts:1"], [1n, 2n, 3n]))).toBe(
			'[\n{"ts":1,"ts:1":2,"ts:1:1":3}\n]\n',
		);
	});
});

describe("csvLines", () => {
	it("follows RFC 4180 and tells NULL from an empty text", () => {
		const lines = [
			...csvLines(
				rowSet(
					["plain", "a,b"],
					["x", 'say "hi"'],
					["two\nlines", "cr\r"],
					[null, ""],
					[9_007_199_254_740_993n, new Uint8Array([1, 171])],
					[" padded ", 3],
				),
			),
		];
		expect(lines).toEqual([
			'plain,"a,b"\r\n',
			'x,"say ""hi"""\r\n',
			'"two\nlines","cr\r"\r\n',
			',""\r\n',
			"9007199254740993,01ab\r\n",
			'" padded ",3.0\r\n',
		]);
	});
});

it("jsonText names members as the views do and keeps digits", () => {
	const value = {
		errorCount: 1,
		big: 2n ** 63n,
		list: [],
		none: undefined,
		deep: [{ toNs: null }],
	};
	expect(jsonText(value)).toBe(
		'{\n  "error_count": 1,\n  "big": 9223372036854775808,\n  "list": [],\n  "deep": [\n    {\n      "to_ns": null\n    }\n  ]\n}',
	);
});
