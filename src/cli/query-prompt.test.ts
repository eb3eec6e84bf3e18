import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { writeFixtureDatabase } from "../../test/asking/fixture-session.js";
import { QueryDatabase } from "../analyze/query/query-database.js";
import { runPrompt } from "./query-prompt.js";

let directory: string;
let database: QueryDatabase;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-prompt-"));
	writeFixtureDatabase(join(directory, "session.db"));
	database = new QueryDatabase(join(directory, "session.db"));
});

afterEach(() => {
	database.close();
	rmSync(directory, { recursive: true });
});

async function converse(typed: string): Promise<string> {
	const input = new PassThrough();
	const output = new PassThrough();
	let printed = "";
	const sink = {
		width: undefined,
		write: (text: string) => {
			printed += text;
			return undefined;
		},
		flush: () => Promise.resolve(),
	};
	input.end(typed);
	const historyFile = join(directory, "state", "history");
	await runPrompt(database, "table", sink, { input, output, terminal: false, historyFile });
	return printed;
}

it("runs statements of several lines, up to the semicolon", async () => {
	const printed = await converse("SELECT\n 41 +\n 1 AS answer\n;\n");
	expect(printed).toContain("answer\n──────\n    42\n");
});

it("an error does not end it", async () => {
	const printed = await converse("SELECT nam FROM logs;\nDELETE FROM logs;\nSELECT 7 AS seven;\n");
	expect(printed).toContain("no such column: nam");
	expect(printed).toContain("DELETE is refused");
	expect(printed).toContain("seven\n");
});

it("has dot commands", async () => {
	const printed = await converse(".views\n.schema logs\n.schema log\n.nothing\n.quit\nSELECT 1;\n");
	expect(printed).toMatch(/^logs\nlosses\n/m);
	expect(printed).toContain("logs(ts, cpu, pid, comm, text)");
	expect(printed).toContain("There is no view log. Did you mean logs?");
	expect(printed).toContain("There is no command .nothing");
	expect(printed).not.toContain("──");
});

it("keeps a history across prompts, readable by its owner only", async () => {
	await converse("SELECT 1;\n");
	await converse("SELECT 2;\n");
	const file = join(directory, "state", "history");
	expect(readFileSync(file, "utf8")).toBe("SELECT 1;\nSELECT 2;\n");
});
