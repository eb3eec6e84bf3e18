/** The built program as users run it: processes, pipes, exit statuses. */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { POINTER, WALL_START, writeFixtureSession } from "./fixture-session.js";
import { rawCalls, writeRawSession } from "./raw-session.js";

// Every case starts processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const root = join(import.meta.dirname, "../..");
const program = join(root, "bin/relayscope.js");
const entry = join(root, "dist/src/cli/main.js");

let directory = "";

beforeAll(() => {
	if (!existsSync(entry)) throw new Error("these tests run the built program: npm run build");
	directory = mkdtempSync(join(tmpdir(), "relayscope-cli-"));
	writeFixtureSession(join(directory, "whole"));
	writeFixtureSession(join(directory, "lossy"), { lossy: true });
	writeFixtureSession(join(directory, "killed"), { killed: true });
});

afterAll(() => {
	if (directory !== "") rmSync(directory, { recursive: true });
});

interface Run {
	readonly status: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

function run(args: readonly string[], input = ""): Run {
	const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
		cwd: directory,
		encoding: "utf8",
		input,
	});
	return { status, stdout, stderr };
}

describe("exit status", () => {
	it.each([
		[0, ["--help"], ""],
		[0, ["--version"], ""],
		[0, ["help", "query"], ""],
		[0, ["report", "--help"], ""],
		[0, ["query", "whole", "SELECT 1"], ""],
		[2, [], "Usage: relayscope COMMAND"],
		[2, ["frobnicate"], "relayscope: unknown command 'frobnicate'"],
		[2, ["qurey"], "Did you mean query?"],
		[2, ["query"], "relayscope: missing required argument 'session'"],
		[2, ["query", "whole", "--jsn"], "Did you mean --json?"],
		[2, ["query", "whole", "SELECT 1", "--csv", "--json"], "cannot be used with"],
		[
			2,
			["report", "whole", "nothing"],
			"syscalls, calls, errors, files, changes, network, block, latency, slow, processes, exec",
		],
		[2, ["report", "whole", "syscalls", "--pid", "x"], "It must be a whole number."],
		[
			2,
			["report", "whole", "syscalls", "--since", "soon"],
			'relayscope: "soon" is not a time\n  Use 1.5s',
		],
		[3, ["query", "missing", "SELECT 1"], "relayscope: There is no session at"],
		[3, ["report", ".", "syscalls"], "relayscope: "],
		[4, ["query", "whole", "SELECT nam FROM logs"], "no such column: nam (at column 8)"],
		[4, ["query", "whole", "DELETE FROM logs"], "DELETE is refused"],
	] as const)("%i: %j", (status, args, message) => {
		const result = run(args);
		expect(result.stderr).toContain(message);
		expect(result.status).toBe(status);
		if (status !== 0) expect(result.stdout).toBe("");
	});

	it("every command's --help has examples", () => {
		const commands = [...run(["--help"]).stdout.matchAll(/^ {2}([a-z]+) {2,}/gm)]
			.map((match) => match[1] ?? "")
			.filter((name) => name !== "help");
		expect(commands).toEqual(expect.arrayContaining(["report", "query", "import"]));
		for (const name of commands) {
			expect(run([name, "--help"]).stdout, name).toMatch(/\nExamples:\n {2}# /);
		}
	});

	it("a checkout that is not built says how to build it", () => {
		const checkout = join(directory, "checkout");
		mkdirSync(join(checkout, "bin"), { recursive: true });
		cpSync(program, join(checkout, "bin/relayscope.js"));
		writeFileSync(join(checkout, "package.json"), '{"type":"module"}');
		const { status, stderr } = spawnSync(process.execPath, [join(checkout, "bin/relayscope.js")], {
			encoding: "utf8",
		});
		expect(stderr).toContain("npm run setup");
		expect(status).toBe(1);
	});
});

describe("query", () => {
	it("--json prints every digit", () => {
		const sql = `SELECT arg1, ${WALL_START} AS wall FROM syscalls LIMIT 1`;
		expect(run(["query", "whole", sql, "--json"]).stdout).toBe(
			`[\n{"arg1":${POINTER},"wall":${WALL_START}}\n]\n`,
		);
	});

	it("takes SQL from stdin", () => {
		expect(run(["query", "whole", "--csv", "-"], "SELECT 1 AS a;\n").stdout).toBe("a\r\n1\r\n");
		expect(run(["query", "whole", "--csv"], "SELECT 2 AS a\n").stdout).toBe("a\r\n2\r\n");
	});

	it("says once, on stderr, that the session has losses", () => {
		const { stdout, stderr } = run(["query", "lossy", "SELECT 1 AS a", "--csv"]);
		expect(stdout).toBe("a\r\n1\r\n");
		expect(stderr).toBe(
			"relayscope: note: this recording lost 12,345 records; when and where: relayscope report lossy losses\n",
		);
		expect(run(["query", "whole", "SELECT 1"]).stderr).toBe("");
		expect(run(["query", "killed", "SELECT 1"]).stderr).toContain("ended abnormally");
	});

	it("streams a large answer in little memory and stops when its reader does", async () => {
		const sql =
			"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, 'padding' FROM n";
		for (const format of ["--csv", "--json"]) {
			// Endless: only an answer that is written as it is read ever gets to the pipe.
			const child = spawn(process.execPath, [program, "query", "whole", sql, format], {
				cwd: directory,
				stdio: ["ignore", "pipe", "pipe"],
			});
			let stderr = "";
			child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
			let bytes = 0;
			for await (const piece of child.stdout) {
				bytes += (piece as Buffer).length;
				if (bytes > 4_000_000) break;
			}
			child.stdout.destroy();
			const status = await new Promise((resolve) => child.on("close", resolve));
			expect(stderr).toBe("");
			expect(status).toBe(141);
		}
	});
});

describe("a session that has raw files only", () => {
	it("gets its database with the first question", () => {
		writeRawSession(join(directory, "raw"), { calls: 5_000, lost: 7 });
		const { stdout, stderr, status } = run(["report", "raw", "syscalls", "--json"]);
		expect(stderr).toBe("");
		expect(status).toBe(0);
		const calls = JSON.parse(stdout).calls as { name: string; count: number; errors: number }[];
		const found = calls.map(({ name, count, errors }) => [name, count, errors]).sort();
		expect(found).toEqual(rawCalls(5_000));
		expect(run(["import", "raw"]).stdout).toContain("is up to date");
	});

	it("import says what it built", () => {
		writeRawSession(join(directory, "imported"), { calls: 5_000, lost: 7 });
		const first = run(["import", "imported"]);
		expect(first.stdout).toMatch(
			/session\.db: 10,000 records, [\d,]+ rows, [\d.]+ .iB, .+, [\d,]+ records\/s\n$/,
		);
		expect(first.stderr).toBe("");
		expect(run(["import", "--force", "imported"]).stdout).toContain("10,000 records");
	});

	it("every record is accounted for", () => {
		writeRawSession(join(directory, "accounted"), { calls: 300, lost: 7 });
		const report = JSON.parse(run(["report", "accounted", "losses", "--json"]).stdout);
		expect(report.holds).toBe(true);
		expect(report.conservation).toEqual([
			expect.objectContaining({ produced: 607, stored: 600, lost: 7, difference: 0, holds: true }),
		]);
		expect(run(["report", "accounted", "losses"]).stdout).toMatch(/^! 7 records were lost /);
	});

	it("a recorder that was killed leaves an account that is not known", () => {
		writeRawSession(join(directory, "cut"), { calls: 300, lost: 0, killed: true });
		const { stdout, status } = run(["report", "cut", "losses"]);
		expect(stdout).toMatch(/^! The recording ended abnormally/);
		expect(stdout).toContain("not known");
		expect(status).toBe(0);
	});
});

describe("report", () => {
	it("prints the warning first", () => {
		const { stdout, status } = run(["report", "lossy", "syscalls"]);
		expect(stdout).toMatch(/^! 12,345 records were lost between/);
		expect(status).toBe(0);
	});

	it("--json prints every digit", () => {
		const { stdout } = run(["report", "whole", "losses", "--json"]);
		expect(stdout).toContain(`"wall_clock_start": ${WALL_START},`);
		expect(JSON.parse(stdout).conservation).toHaveLength(2);
	});
});
