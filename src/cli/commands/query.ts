import commander = require("commander");

import { type CommandModule, examples } from "../command.js";
import { openForAsking } from "../open-for-asking.js";
import { lossNote } from "../output/loss-note.js";
import { printRows, type RowFormat } from "../output/rows.js";
import { stderr, stdout } from "../print.js";

interface QueryOptions {
	readonly json?: boolean;
	readonly csv?: boolean;
}

export const command: CommandModule = {
	define(command: commander.Command): void {
		command
			.argument("<session>", "session directory")
			.argument("[sql]", "one statement that reads; - reads it from stdin")
			.addOption(new commander.Option("--json", "an array of objects").conflicts("csv"))
			.option("--csv", "RFC 4180, with a header line")
			.addHelpText("after", NOTES + EXAMPLES)
			.action(runQuery);
	},
};

async function runQuery(
	path: string,
	sql: string | undefined,
	options: QueryOptions,
): Promise<void> {
	const format: RowFormat = options.json === true ? "json" : options.csv === true ? "csv" : "table";
	using asking = await openForAsking(path);
	const note = lossNote(asking.facts, path);
	if (note !== undefined) {
		stderr.write(note);
		await stderr.flush();
	}
	if (sql === undefined && process.stdin.isTTY) {
		const { runPrompt } = await import("../query-prompt.js");
		await runPrompt(asking.database, format, stdout);
		return;
	}
	const text = sql === undefined || sql === "-" ? await readStdin() : sql;
	await printRows(stdout, asking.database.ask(text), format);
}

async function readStdin(): Promise<string> {
	const pieces: Buffer[] = [];
	for await (const piece of process.stdin) pieces.push(piece as Buffer);
	return Buffer.concat(pieces).toString("utf8");
}

const NOTES = `
Without SQL: a prompt on a terminal, else SQL from stdin. The session is only read.
Integers keep every digit of 64 bits; --json prints them as JSON integers, so a
reader that uses doubles (JavaScript's JSON.parse, jq before 1.7) rounds those
beyond 2^53. Blobs are hexadecimal. In CSV, NULL is empty and an empty text is "".
`;

const EXAMPLES = examples(
	[
		"relayscope query ./session",
		"a prompt; .views lists what can be asked, .schema VIEW its columns",
	],
	[
		"relayscope query ./session \"SELECT comm, path, errno FROM syscalls WHERE errno = 'ENOENT'\"",
		"files that were looked for and not there",
	],
	[
		'relayscope query --json ./session "SELECT * FROM syscalls ORDER BY dur DESC LIMIT 10"',
		"the ten slowest calls, for a program",
	],
	["relayscope query --csv ./session - < slow.sql > slow.csv", "SQL from a file, CSV to a file"],
);
