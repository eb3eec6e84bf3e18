/** The prompt of `relayscope query`: SQL up to a semicolon, dot commands, errors that end nothing. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { QueryDatabase } from "../analyze/query/query-database.js";
import { isBlankSql, isCompleteStatement } from "../analyze/query/sql-scan.js";
import { RelayscopeError } from "../base/error.js";
import { nearestName } from "../base/nearest-name.js";
import { withHint } from "./failure.js";
import { printRows, type RowFormat } from "./output/rows.js";
import { printable } from "./output/terminal-text.js";
import type { TextSink } from "./output/text-sink.js";

const PROMPT = "relayscope> ";
const CONTINUED = "       ...> ";
const HISTORY_LINES = 1000;

export interface PromptStreams {
	readonly input: NodeJS.ReadableStream & { setRawMode?(raw: boolean): unknown };
	readonly output: NodeJS.WritableStream;
	readonly terminal: boolean;
	/** Undefined: none is kept. */
	readonly historyFile: string | undefined;
}

export async function runPrompt(
	database: QueryDatabase,
	format: RowFormat,
	sink: TextSink,
	streams: PromptStreams = terminalStreams(),
): Promise<void> {
	const lines = createInterface({
		input: streams.input,
		output: streams.output,
		terminal: streams.terminal,
		prompt: PROMPT,
		history: readHistory(streams.historyFile),
		historySize: HISTORY_LINES,
		removeHistoryDuplicates: true,
		completer: (line: string) => completions(database, line),
	});
	// Taken before anything is awaited: lines that come earlier would be lost.
	const typed = lines[Symbol.asyncIterator]();
	const entered: string[] = [];
	let pending = "";
	const showPrompt = (): void => {
		lines.setPrompt(pending === "" ? PROMPT : CONTINUED);
		lines.prompt();
	};
	lines.on("SIGINT", () => {
		pending = "";
		streams.output.write("\n");
		showPrompt();
	});
	sink.write("SQL ends with a semicolon. .help lists the commands.\n");
	await sink.flush();
	showPrompt();
	for await (const line of typed) {
		if (line.trim() !== "") entered.push(line);
		if (pending === "" && line.trim().startsWith(".")) {
			if (!(await runDotCommand(line.trim(), database, sink))) break;
		} else {
			pending += `${line}\n`;
			if (isBlankSql(pending)) pending = "";
			if (isCompleteStatement(pending)) {
				const sql = pending;
				pending = "";
				await runStatement(sql, database, format, sink, streams);
			}
		}
		showPrompt();
	}
	closePrompt(lines, streams, entered);
}

function terminalStreams(): PromptStreams {
	const state = process.env["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state");
	const historyFile = join(state, "relayscope", "query_history");
	return { input: process.stdin, output: process.stdout, terminal: true, historyFile };
}

async function runStatement(
	sql: string,
	database: QueryDatabase,
	format: RowFormat,
	sink: TextSink,
	streams: PromptStreams,
): Promise<void> {
	// SQLite runs on this thread: only a terminal out of raw mode turns Ctrl-C into a signal.
	if (streams.terminal) streams.input.setRawMode?.(false);
	try {
		await printRows(sink, database.ask(sql), format);
	} catch (error) {
		if (!(error instanceof RelayscopeError)) throw error;
		sink.write(`${withHint(error)}\n`);
		await sink.flush();
	} finally {
		if (streams.terminal) streams.input.setRawMode?.(true);
	}
}

const HELP = `.views         what can be asked
.schema VIEW   the columns of a view
.help          this
.quit          leave; so does Ctrl-D
Ctrl-C drops what was typed; while an answer is on its way it ends relayscope.
`;

/** False: leave. */
async function runDotCommand(
	line: string,
	database: QueryDatabase,
	sink: TextSink,
): Promise<boolean> {
	const [name = "", argument] = line.replace(/;$/, "").split(/\s+/);
	if (name === ".quit" || name === ".exit") return false;
	sink.write(dotCommandText(name, argument, database));
	await sink.flush();
	return true;
}

function dotCommandText(
	name: string,
	argument: string | undefined,
	database: QueryDatabase,
): string {
	const views = database.views();
	if (name === ".help") return HELP;
	if (name === ".views" || (name === ".schema" && argument === undefined)) {
		return `${views.map((view) => printable(view.name)).join("\n")}\n`;
	}
	if (name === ".schema") {
		const view = views.find((candidate) => candidate.name === argument);
		if (view !== undefined) return `${view.name}(${view.columns.map(printable).join(", ")})\n`;
		const nearest = nearestName(
			argument ?? "",
			views.map((candidate) => candidate.name),
		);
		return `There is no view ${argument}.${nearest === undefined ? "" : ` Did you mean ${nearest}?`}\n`;
	}
	return `There is no command ${name}. .help lists them.\n`;
}

function completions(database: QueryDatabase, line: string): [string[], string] {
	const word = /[A-Za-z0-9_.]*$/.exec(line)?.[0] ?? "";
	const names = new Set([".views", ".schema", ".help", ".quit"]);
	for (const view of database.views())
		for (const name of [view.name, ...view.columns]) names.add(name);
	const matching = word === "" ? [] : [...names].filter((name) => name.startsWith(word));
	return [matching.sort(), word];
}

function readHistory(file: string | undefined): string[] {
	if (file === undefined) return [];
	try {
		return readFileSync(file, "utf8").split("\n").filter(Boolean).reverse();
	} catch {
		// No history yet, or none that may be read: the prompt works without.
		return [];
	}
}

function closePrompt(lines: Interface, streams: PromptStreams, entered: readonly string[]): void {
	lines.close();
	const { historyFile } = streams;
	if (historyFile === undefined || entered.length === 0) return;
	const all = [...readHistory(historyFile).reverse(), ...entered].slice(-HISTORY_LINES);
	try {
		mkdirSync(dirname(historyFile), { recursive: true, mode: 0o700 });
		writeFileSync(historyFile, `${all.join("\n")}\n`, { mode: 0o600 });
	} catch {
		// A home that cannot be written to costs the history, never the session at the prompt.
	}
}
