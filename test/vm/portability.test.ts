import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, type GuestRun, inGuest, relayscope } from "./guest.js";

const scratch = mkdtempSync(join(tmpdir(), "relayscope-portability-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const COUNTS =
	"SELECT name, count(*) AS calls, min(ret) AS least, max(ret) AS most FROM syscalls GROUP BY name ORDER BY name";

let guest: GuestRun;
let session: string;

beforeAll(async () => {
	guest = await inGuest(
		"portability",
		`relayscope record -q -o $OUT/session -- sh -c "$PROGRAMS/known_results >/dev/null; $PROGRAMS/children >/dev/null 2>&1; $PROGRAMS/getppid 20000"`,
	);
	expect(guest.status, guest.output).toBe(0);
	session = join(guest.directory, "session");
}, 480_000);

/** The bare shell, with no extension and none of our code. */
function sqlite3(database: string, sql: string): string {
	return execFileSync("sqlite3", ["-readonly", "-batch", database, sql], {
		encoding: "utf8",
	}).trim();
}

describe("a session recorded in the virtual machine, read without modules on the host", () => {
	test("answers without a database, which is built on first use", () => {
		expect(existsSync(join(session, "session.db"))).toBe(false);
		expect(ask(session, "SELECT count(*) >= 20000 AS enough FROM syscalls")).toEqual([
			{ enough: 1 },
		]);
		expect(existsSync(join(session, "session.db"))).toBe(true);
	});

	test("gives the same answers after it was moved and after its database was deleted", () => {
		const before = ask(session, COUNTS);
		const moved = join(scratch, "moved");
		cpSync(session, moved, { recursive: true });
		expect(ask(moved, COUNTS)).toEqual(before);
		rmSync(join(moved, "session.db"));
		renameSync(moved, `${moved}-again`);
		expect(ask(`${moved}-again`, COUNTS)).toEqual(before);
	});

	test("opens in the plain sqlite3 shell, every view with the columns of the contract", () => {
		const database = join(session, "session.db");
		const columns = (view: string): string =>
			sqlite3(database, `SELECT group_concat(name, ' ') FROM pragma_table_info('${view}')`);
		expect(columns("session")).toBe("key value");
		expect(columns("process")).toMatch(/^upid pid ppid uid comm exe cmdline start_ts end_ts\b/);
		expect(columns("thread")).toMatch(/^utid upid tid comm\b/);
		expect(columns("syscalls")).toMatch(
			/^ts dur cpu pid tid comm name arg0 arg1 arg2 arg3 arg4 arg5 ret errno path path2 fd_path\b/,
		);
		expect(columns("sched_slices")).toMatch(/^ts dur cpu pid tid comm end_state\b/);
		expect(columns("losses")).toMatch(/^ts_begin ts_end channel cpu lost\b/);
		expect(columns("stats")).toMatch(/^channel cpu name value\b/);
		for (const view of ["session", "process", "thread", "syscalls", "sched_slices", "stats"]) {
			expect(Number(sqlite3(database, `SELECT count(*) FROM ${view}`))).toBeGreaterThan(0);
		}
	});

	test("has the same numbers in the shell, in JSON and in CSV, beyond 2^53 too", () => {
		const sql = "SELECT ret FROM syscalls WHERE name = 'lseek' AND ret > 9007199254740993";
		const exact = "9223372036854771712";
		expect(sqlite3(join(session, "session.db"), sql)).toBe(exact);
		expect(relayscope("query", session, sql, "--json").stdout).toContain(exact);
		expect(relayscope("query", session, sql, "--csv").stdout).toContain(exact);
		expect(relayscope("query", session, sql).stdout).toContain(exact);
		const [wall] = ask(
			session,
			"SELECT CAST(value AS INTEGER) AS ns FROM session WHERE key = 'start_wall_clock'",
		);
		expect(wall?.["ns"]).toBeTypeOf("bigint");
	});
});

interface CallRow {
	readonly name: string;
	readonly count: number;
	readonly p50_ns: number;
	readonly p99_ns: number;
	readonly max_ns: number;
	readonly total_ns: number;
}

describe("a filtered report", () => {
	const report = (...filter: readonly string[]): CallRow[] => {
		const { stdout, stderr, status } = relayscope(
			"report",
			session,
			"syscalls",
			"--json",
			...filter,
		);
		expect(status, stderr).toBe(0);
		const parsed: unknown = JSON.parse(stdout);
		return callRows(parsed);
	};

	test("by process equals the raw SQL, percentiles within 1 %", () => {
		const [row] = ask(session, "SELECT pid FROM process WHERE comm = 'getppid'");
		const pid = Number(row?.["pid"]);
		const found = report("--pid", String(pid)).find(({ name }) => name === "getppid");
		const durations = ask(
			session,
			`SELECT dur FROM syscalls WHERE pid = ${pid} AND name = 'getppid' ORDER BY dur`,
		).map(({ dur }) => Number(dur));
		expect(durations).toHaveLength(20000);
		expect(found).toMatchObject({
			count: 20000,
			total_ns: durations.reduce((sum, value) => sum + value, 0),
			max_ns: durations.at(-1),
		});
		const exact = (share: number): number =>
			durations[Math.ceil(share * durations.length) - 1] ?? Number.NaN;
		expect(Math.abs((found?.p50_ns ?? 0) / exact(0.5) - 1)).toBeLessThan(0.01);
		expect(Math.abs((found?.p99_ns ?? 0) / exact(0.99) - 1)).toBeLessThan(0.01);
	});

	test("by time equals the raw SQL", () => {
		const [range] = ask(
			session,
			"SELECT min(ts) + 1000000000 AS since, min(ts) + 2000000000 AS until FROM syscalls",
		);
		const { since, until } = { since: String(range?.["since"]), until: String(range?.["until"]) };
		const rows = ask(
			session,
			`SELECT name, count(*) AS count FROM syscalls WHERE ts >= ${since} AND ts < ${until} AND dur IS NOT NULL GROUP BY name ORDER BY name`,
		);
		const found = report("--since", `${since}ns`, "--until", `${until}ns`)
			.filter(({ count }) => count > 0)
			.map(({ name, count }) => ({ name, count }))
			.sort((a, b) => (a.name < b.name ? -1 : 1));
		expect(found).toEqual(rows);
	});
});

function callRows(parsed: unknown): CallRow[] {
	expect(parsed).toMatchObject({ calls: expect.any(Array) });
	return (parsed as { readonly calls: CallRow[] }).calls;
}

test("nothing of the session is left behind in the working directory", () => {
	expect(
		readdirSync(session).filter((name) => /partial|tmp|-wal|-shm|-journal/.test(name)),
	).toEqual([]);
});
