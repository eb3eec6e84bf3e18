import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { encodePayload } from "../../test/encode-event.js";
import { present } from "../base/assert.js";
import { compileDecoder } from "./decoder.js";
import { BUILTIN_EVENTS } from "./generated/builtin-events.js";
import { BUILTIN_VIEWS, declaredEventProblem, declaredFieldProblem } from "./names.js";
import { parseProto } from "./parse-proto.js";
import { eventColumns, eventInsert, eventTableDdl, toSqlInteger, toSqlValue } from "./table-ddl.js";

const SAMPLE = present(
	parseProto([
		{
			path: "sample.proto",
			text: `syntax = "proto3"; message sample {
				option (event_id) = 1000;
				fixed64 address = 1;
				sfixed64 change = 2;
				repeated fixed64 words = 3;
				string label = 4 [(size) = 8];
				bytes digest = 5 [(size) = 2];
				string path = 6;
				bytes rest = 7;
			}`,
		},
	])[0],
	"sample",
);

describe("an event's table", () => {
	it("keeps every value exact, and its view has the promised columns", () => {
		const database = new Database(":memory:");
		database.exec(eventTableDdl(SAMPLE));
		const values = [
			2n ** 64n - 1n,
			-(2n ** 63n),
			[1, 2n ** 53n, 2n ** 63n],
			"näme",
			Buffer.from([1, 2]),
			"/a/b",
			Buffer.from([0, 255]),
		];
		const payload = encodePayload(SAMPLE, values);
		const decoded = present(
			compileDecoder(SAMPLE).decode(
				new DataView(payload.buffer, payload.byteOffset, payload.length),
				payload,
				0,
				payload.length,
			),
			"decoded",
		);
		const row = [2n ** 62n + 1n, 3, null, 77, ...decoded.map(toSqlValue)];
		database.prepare(eventInsert(SAMPLE)).run(row);
		const select = database.prepare("SELECT * FROM sample").safeIntegers();
		expect(select.columns().map((column) => column.name)).toEqual(
			eventColumns(SAMPLE).map((column) => column.name),
		);
		expect(select.get()).toEqual({
			ts: 2n ** 62n + 1n,
			cpu: 3n,
			pid: null,
			tid: 77n,
			address: -1n,
			change: -(2n ** 63n),
			words: "[1,9007199254740992,-9223372036854775808]",
			label: "näme",
			digest: Buffer.from([1, 2]),
			path: "/a/b",
			rest: Buffer.from([0, 255]),
		});
		const words = database
			.prepare("SELECT value, typeof(value) AS type FROM sample, json_each(words)")
			.safeIntegers();
		expect(words.all()).toEqual([
			{ value: 1n, type: "integer" },
			{ value: 2n ** 53n, type: "integer" },
			{ value: -(2n ** 63n), type: "integer" },
		]);
		expect(database.prepare("SELECT printf('%x', address) AS hex FROM sample").get()).toEqual({
			hex: "ffffffffffffffff",
		});
		database.close();
	});

	it("stands beside those of all other events", () => {
		const database = new Database(":memory:");
		for (const event of BUILTIN_EVENTS) {
			if (event.view === event.name) database.exec(eventTableDdl(event));
		}
		for (const view of BUILTIN_VIEWS) database.exec(`CREATE VIEW ${view} AS SELECT 1`);
		expect(database.prepare("SELECT comm FROM task_exec").all()).toEqual([]);
		database.close();
	});
});

describe("toSqlInteger", () => {
	it("keeps the 64 bits of a value and numbers as they are", () => {
		expect(toSqlInteger(5)).toBe(5);
		expect(toSqlInteger(2n ** 63n - 1n)).toBe(2n ** 63n - 1n);
		expect(toSqlInteger(2n ** 63n)).toBe(-(2n ** 63n));
		expect(toSqlInteger(-(2n ** 63n))).toBe(-(2n ** 63n));
	});
});

describe("names that SQLite takes only in quotes", () => {
	const database = new Database(":memory:");
	const bare = (name: string): boolean => {
		try {
			database.exec(`CREATE TABLE ${name}_ (${name}); SELECT t.${name}, ${name} FROM ${name}_ t`);
			database.exec(`CREATE VIEW ${name} AS SELECT 1; DROP VIEW ${name}; DROP TABLE ${name}_`);
			return true;
		} catch {
			return false;
		}
	};
	// https://www.sqlite.org/lang_keywords.html
	const keywords = `abort action add after all alter always analyze and as asc attach autoincrement
		before begin between by cascade case cast check collate column commit conflict constraint create
		cross current current_date current_time current_timestamp database default deferrable deferred
		delete desc detach distinct do drop each else end escape except exclude exclusive exists explain
		fail filter first following for foreign from full generated glob group groups having if ignore
		immediate in index indexed initially inner insert instead intersect into is isnull join key last
		left like limit match materialized natural no not nothing notnull null nulls of offset on or order
		others outer over partition plan pragma preceding primary query raise range recursive references
		regexp reindex release rename replace restrict returning right rollback row rows savepoint select
		set table temp temporary then ties to transaction trigger unbounded union unique update using
		vacuum values view virtual when where window with without`.split(/\s+/);

	it.each(keywords.filter((name) => !bare(name)))("%s is refused", (name) => {
		expect(declaredEventProblem(name, name)).toBeDefined();
		expect(declaredFieldProblem(name)).toBeDefined();
	});
});
