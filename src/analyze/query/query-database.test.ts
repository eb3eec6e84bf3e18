import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POINTER, START, writeFixtureDatabase } from "../../../test/asking/fixture-session.js";
import { RelayscopeError } from "../../base/error.js";
import { QueryDatabase } from "./query-database.js";

let directory: string;
let database: QueryDatabase;

beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-query-"));
	writeFixtureDatabase(join(directory, "session.db"));
	database = new QueryDatabase(join(directory, "session.db"));
});

afterAll(() => {
	database.close();
	rmSync(directory, { recursive: true });
});

function refusal(sql: string): RelayscopeError {
	try {
		[...database.ask(sql).rows];
	} catch (error) {
		if (error instanceof RelayscopeError) return error;
		throw error;
	}
	throw new Error(`not refused: ${sql}`);
}

it("keeps every digit of 64-bit integers", () => {
	const { columns, rows } = database.ask("SELECT ts, arg1 FROM syscalls ORDER BY ts LIMIT 1");
	expect(columns).toEqual(["ts", "arg1"]);
	expect([...rows]).toEqual([[START + 500_000_000n, POINTER]]);
});

describe("what would change or reach beyond the session is refused, and changes nothing", () => {
	const checksum = (): string =>
		createHash("sha256")
			.update(readFileSync(join(directory, "session.db")))
			.digest("hex");

	it.each([
		"INSERT INTO stats VALUES (1, 2, 3, 4)",
		"INSERT INTO stats VALUES (1, 2, 3, 4) RETURNING name",
		"WITH x AS (SELECT 1) DELETE FROM stats",
		"WITH x AS (SELECT 1) INSERT INTO stats SELECT 1, 2, 3, 4 RETURNING *",
		"UPDATE stats SET value = 0",
		"DROP TABLE stats",
		"CREATE TABLE t (a)",
		"CREATE TEMP TABLE t (a)",
		"ATTACH '/etc/passwd' AS p",
		"/* look */ ; attach ':memory:' AS m",
		"VACUUM INTO 'copy.db'",
		"BEGIN IMMEDIATE",
		"SAVEPOINT s",
		"PRAGMA query_only = 0",
		"PRAGMA query_only(0)",
		";PRAGMA query_only = 0",
		"PRAGMA/**/query_only = 0",
		"PRAGMA journal_mode = WAL",
		"PRAGMA writable_schema = 1",
		"REPLACE INTO stats VALUES (1, 2, 3, 4)",
	])("%s", (sql) => {
		const before = checksum();
		const error = refusal(sql);
		expect(error.code).toBe("BAD_SQL");
		expect(error.message).toMatch(/refused/);
		expect(checksum()).toBe(before);
		expect([...database.ask("PRAGMA table_info(stats)").rows]).toHaveLength(4);
		expect(existsSync("copy.db")).toBe(false);
		const [row] = [...database.rows<[bigint]>("PRAGMA query_only")];
		expect(row).toEqual([1n]);
	});

	it("load_extension", () => {
		expect(refusal("SELECT load_extension('x')").message).toMatch(/not authorized/);
	});
});

describe("BAD_SQL says what and where", () => {
	it.each([
		["SELECT name frm syscalls", /near "syscalls": syntax error \(at column 17\)/],
		[
			"SELECT from_name AS x,\n  from syscalls",
			/near "from": syntax error \(at line 2, column 3\)/,
		],
		["SELECT ts FROM syscalls WHERE ts = 'from' from", /near "from": .* \(at column 43\)/],
		["SELECT 'open", /unrecognized token: "'open" \(at column 8\)/],
		["SELECT (", /incomplete input \(at column 9\)/],
		["SELECT 'nam', nam FROM syscalls", /no such column: nam \(at column 15\)/],
		["SELECT 1; SELECT 2", /more than one statement/],
		["SELECT ?", /parameters/],
		["SELECT :a", /parameters/],
		["  -- nothing", /no SQL statement/],
		["SELECT json('{')", /malformed JSON/],
		["SELECT abs(-9223372036854775807 - 1)", /integer overflow/],
	])("%j", (sql, message) => {
		const error = refusal(sql);
		expect(error.code).toBe("BAD_SQL");
		expect(error.message).toMatch(message);
	});

	it("names the views and the likely one", () => {
		const { hint } = refusal("SELECT 1 FROM syscals");
		expect(hint).toMatch(/^Did you mean syscalls\? Views: logs, losses, process, /);
	});

	it("names the columns of the views asked", () => {
		const { hint } = refusal("SELECT l.txt FROM logs AS l");
		expect(hint).toBe("Did you mean text? Columns of logs: ts, cpu, pid, comm, text.");
	});
});

it("allows what reads", () => {
	for (const sql of [
		"select 1;",
		"VALUES (1)",
		"EXPLAIN QUERY PLAN SELECT * FROM logs",
		"EXPLAIN INSERT INTO stats VALUES (1, 2, 3, 4)",
		"WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 3) SELECT * FROM n",
		"PRAGMA table_info(logs);",
	]) {
		expect([...database.ask(sql).rows].length, sql).toBeGreaterThan(0);
	}
});

it("reads rows as they are taken", () => {
	const { rows } = database.ask(
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
	);
	expect(rows.next().value).toEqual([1n]);
	rows.return?.();
	expect([...database.ask("SELECT 1").rows]).toEqual([[1n]]);
});

it("a file that is no database is DATABASE", () => {
	const path = join(directory, "text.db");
	writeFileSync(path, "this is not a database at all, though long enough to be one".repeat(20));
	expect(() => new QueryDatabase(path)).toThrow(expect.objectContaining({ code: "DATABASE" }));
});
