import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, describe, expect, it } from "vitest";
import { QueryDatabase } from "../analyze/query/query-database.js";
import { Auditor } from "./auditor.js";
import { explainAlert } from "./explain.js";
import { parsePack } from "./load-pack.js";

const START = 9_107_199_254_740_993n;

type Call = readonly [
	ts: number,
	pid: number,
	comm: string,
	name: string,
	arg2: number,
	ret: number,
	path: string | null,
];
type Exec = readonly [ts: number, pid: number, comm: string, path: string, ret: number];

let directory = "";

afterEach(() => {
	if (directory !== "") rmSync(directory, { recursive: true });
	directory = "";
});

function databaseOf(calls: readonly Call[], execs: readonly Exec[] = []): QueryDatabase {
	directory = mkdtempSync(join(tmpdir(), "relayscope-audit-"));
	const path = join(directory, "session.db");
	const database = new Database(path);
	database.exec(`CREATE TABLE syscalls (ts, pid, tid, comm, name, arg2, ret, errno, path, path2, fd_path);
		CREATE TABLE execs (ts, pid, tid, comm, path, ret)`);
	const call = database.prepare(
		"INSERT INTO syscalls VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?, NULL, NULL)",
	);
	for (const [ts, pid, comm, name, arg2, ret, file] of calls) {
		call.run(
			START + BigInt(ts),
			BigInt(pid),
			BigInt(pid),
			comm,
			name,
			BigInt(arg2),
			BigInt(ret),
			file,
		);
	}
	const exec = database.prepare("INSERT INTO execs VALUES (?, ?, ?, ?, ?, ?)");
	for (const [ts, pid, comm, file, ret] of execs) {
		exec.run(START + BigInt(ts), BigInt(pid), BigInt(pid), comm, file, BigInt(ret));
	}
	database.close();
	return new QueryDatabase(path);
}

function rulesOf(text: string) {
	return parsePack("rules.yaml", `pack: own\nrules:\n${text}`).rules;
}

function found(text: string, database: QueryDatabase): string[] {
	const alerts = [...new Auditor(rulesOf(text), database).run()];
	return alerts.map(
		({ ts, message, repeats }) => `${ts - START} ${message}${repeats > 0 ? ` +${repeats}` : ""}`,
	);
}

function rule(when: string, more = ""): string {
	return `  - { rule: r, severity: low, view: syscalls, when: '${when}', message: "{name} {path}"${more} }\n`;
}

const CALLS: readonly Call[] = [
	[10, 1, "sh", "openat", 0x241, 3, "/etc/passwd"],
	[20, 1, "sh", "openat", 0, 3, "/etc/passwd"],
	[30, 2, "cp", "openat", 1, -13, "/etc/shadow"],
	[40, 2, "cp", "rename", 0, 0, "/tmp/'; DROP TABLE syscalls --"],
	[50, 3, "cat", "read", 1, 5, null],
];

describe("conditions", () => {
	it.each([
		["name == openat and arg2 & O_WRONLY", ["10 openat /etc/passwd", "30 openat /etc/shadow"]],
		[
			'path in ("/etc/passwd", "/etc/group") and ret >= 0',
			["10 openat /etc/passwd", "20 openat /etc/passwd"],
		],
		['path ~ "/etc/sh*"', ["30 openat /etc/shadow"]],
		['path !~ "/etc/*"', ["40 rename /tmp/'; DROP TABLE syscalls --"]],
		['file != "/etc/passwd" and ret == 5', ["50 read ?"]],
		['file == "/etc/shadow"', ["30 openat /etc/shadow"]],
		["ret == -EACCES", ["30 openat /etc/shadow"]],
		["not name == openat", ["40 rename /tmp/'; DROP TABLE syscalls --", "50 read ?"]],
		["path == \"/tmp/''; DROP TABLE syscalls --\"", ["40 rename /tmp/'; DROP TABLE syscalls --"]],
	])("%s", (when, expected) => {
		using database = databaseOf(CALLS);
		expect(found(rule(when), database)).toEqual(expected);
	});

	it("an exception that is not known to hold is none", () => {
		using database = databaseOf(CALLS);
		expect(found(rule("name == read", ", unless: 'path == x'"), database)).toEqual(["50 read ?"]);
		expect(found(rule("name == read", ", unless: 'comm == cat'"), database)).toEqual([]);
	});

	it("rows alike make one alert", () => {
		using database = databaseOf(CALLS);
		expect(found(rule("name == openat", ", once_per: [pid]"), database)).toEqual([
			"10 openat /etc/passwd +1",
			"30 openat /etc/shadow",
		]);
	});

	it.each([
		["nam == open", "view syscalls has no column nam"],
		["arg2 & O_WRONGLY", "O_WRONGLY is no value of an argument"],
		["ret == -EACES", "EACES is no errno"],
	])("%s is refused", (when, problem) => {
		using database = databaseOf(CALLS);
		expect(() => new Auditor(rulesOf(rule(when)), database)).toThrow(problem);
	});

	it("SQL of a rule's own is held to its view, and to reading", () => {
		using database = databaseOf(CALLS);
		const withSql = (sql: string) =>
			`  - { rule: r, severity: low, view: syscalls, sql: "${sql}", message: "{name}" }\n`;
		expect(found(withSql("(arg2 & 3) = 1 AND ret > 0"), database)).toEqual([
			"10 openat",
			"50 read",
		]);
		expect(() => found(withSql("nosuch = 1"), database)).toThrow("no such column: nosuch");
		expect(() => found(withSql("1); DELETE FROM syscalls; --"), database)).toThrow("rules.yaml:3:");
	});

	it("a rule about a view that is not there is not run", () => {
		using database = databaseOf(CALLS);
		const text =
			"  - { rule: r, severity: low, view: block_requests, when: bytes > 0, message: m }\n";
		const { compiled } = new Auditor(rulesOf(text), database);
		expect([...compiled.skipped.keys()]).toEqual(["block_requests"]);
		expect(() => new Auditor(rulesOf(text.replace("block_requests", "syscals")), database)).toThrow(
			"there is no view syscals",
		);
	});
});

describe("sequences", () => {
	const WRITTEN_AND_RUN = `  - rule: r
    severity: low
    within: 1s
    sequence:
      - { step: w, view: syscalls, when: name == write }
      - { step: x, view: execs, when: ret == 0, link: path == w.path }
    message: "{x.comm} ran {x.path} of {w.comm}"
`;
	const write = (ts: number, path: string): Call => [ts, 1, "cc", "write", 0, 1, path];

	it("link rows of different views within a time", () => {
		using database = databaseOf(
			[write(10, "/a"), write(20, "/b"), write(30, "/late")],
			[
				[5, 9, "sh", "/b", 0],
				[40, 2, "sh", "/a", 0],
				[50, 2, "sh", "/b", -13],
				[1_000_000_031, 2, "sh", "/late", 0],
			],
		);
		expect(found(WRITTEN_AND_RUN, database)).toEqual(["40 sh ran /a of cc"]);
	});

	it("the rows behind an alert are whole", () => {
		using database = databaseOf([write(10, "/a")], [[40, 2, "sh", "/a", 0]]);
		const [alert] = [...new Auditor(rulesOf(WRITTEN_AND_RUN), database).run()];
		if (alert === undefined) throw new Error("no alert");
		const rows = explainAlert(alert, database);
		expect(rows.map(({ step, view }) => [step, view])).toEqual([
			["w", "syscalls"],
			["x", "execs"],
		]);
		expect(rows[0]?.values).toContain("cc");
	});

	it("the same process, in the order of the steps", () => {
		using database = databaseOf([
			[10, 1, "a", "close", 0, 0, null],
			[20, 1, "a", "open", 0, 0, null],
			[30, 2, "b", "close", 0, 0, null],
			[40, 1, "a", "close", 0, 0, null],
		]);
		const text = `  - rule: r
    severity: low
    same: [pid]
    sequence:
      - { step: o, view: syscalls, when: name == open }
      - { step: c, view: syscalls, when: name == close }
    message: "{c.pid}"
`;
		expect(found(text, database)).toEqual(["40 1"]);
	});
});
