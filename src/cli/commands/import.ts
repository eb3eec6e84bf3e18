import { statSync } from "node:fs";
import type { Command } from "commander";
import { QueryDatabase } from "../../analyze/query/query-database.js";
import { RelayscopeError } from "../../base/error.js";
import { formatDuration } from "../../base/time.js";
import { importFiles } from "../../import/formats.js";
import { openSession } from "../../session/session-reader.js";
import { findDatabase } from "../../store/database-file.js";
import { buildWithProgress } from "../build-database.js";
import { type CommandModule, examples } from "../command.js";
import { formatBytes, formatCount, formatCounted } from "../output/quantity.js";
import { stdout } from "../print.js";

interface Options {
	readonly output?: string;
	readonly force?: boolean;
}

export const command: CommandModule = {
	define(command: Command): void {
		command
			.argument("<path...>", "session directory; with --output, another program's files")
			.option("-o, --output <dir>", "session directory to make of the files")
			.option("--force", "build the database even when there is one that is up to date")
			.addHelpText("after", NOTES + EXAMPLES)
			.action(importPaths);
	},
};

async function importPaths(paths: readonly string[], options: Options): Promise<void> {
	if (options.output === undefined) {
		await importSession(onlySession(paths), options.force === true);
		return;
	}
	const notes = importFiles(paths, options.output);
	for (const note of notes) process.stderr.write(`relayscope: ${note}\n`);
	await importSession(options.output, true);
}

function onlySession([session = "", ...others]: readonly string[]): string {
	if (others.length === 0) return session;
	throw new RelayscopeError("BAD_ARGUMENT", "there are several sessions to build", {
		hint: "Give one. To make a session of another program's files, say where: -o DIR",
	});
}

async function importSession(path: string, force: boolean): Promise<void> {
	const session = openSession(path);
	const current = force ? undefined : findDatabase(session);
	if (current !== undefined) {
		stdout.write(`${current} is up to date (--force builds it anew)\n`);
		await stdout.flush();
		return;
	}
	const { path: file, records, seconds } = await buildWithProgress(session);
	using database = new QueryDatabase(file);
	const parts = [
		formatCounted(records, "record"),
		formatCounted(database.storedRows(), "row"),
		formatBytes(statSync(file).size),
		formatDuration(seconds * 1e9),
		`${formatCount(seconds === 0 ? 0 : records / seconds)} records/s`,
	];
	stdout.write(`${file}: ${parts.join(", ")}\n`);
	await stdout.flush();
}

const NOTES = `
Without --output the database of a session is built from its raw files: report and query
do this by themselves when it is needed. It lies in the session directory, or in the user's
cache when nothing can be written there.

With --output a session is made of blktrace's files (DEVICE.blktrace.CPU, versions 7 and 8,
of either byte order), whose block_requests and block_ios are those of a recording. Damaged
events are left out and counted: report losses, and the view stats, say how many.
`;

const EXAMPLES = examples(
	["relayscope import ./session", "build the database now rather than with the first question"],
	["relayscope import --force ./session", "build it anew from the raw files"],
	[
		"relayscope import -o session sda.blktrace.*",
		"a session of what blktrace has recorded, on this machine or another",
	],
);
