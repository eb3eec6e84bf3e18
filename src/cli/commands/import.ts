import { statSync } from "node:fs";
import type { Command } from "commander";
import { QueryDatabase } from "../../analyze/query/query-database.js";
import { formatDuration } from "../../base/time.js";
import { openSession } from "../../session/session-reader.js";
import { findDatabase } from "../../store/database-file.js";
import { buildWithProgress } from "../build-database.js";
import { type CommandModule, examples } from "../command.js";
import { formatBytes, formatCount, formatCounted } from "../output/quantity.js";
import { stdout } from "../print.js";

export const command: CommandModule = {
	define(command: Command): void {
		command
			.argument("<session>", "session directory")
			.option("--force", "build it even when there is one that is up to date")
			.addHelpText("after", NOTES + EXAMPLES)
			.action(importSession);
	},
};

async function importSession(path: string, options: { readonly force?: boolean }): Promise<void> {
	const session = openSession(path);
	const current = options.force === true ? undefined : findDatabase(session);
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
report and query do this by themselves when it is needed. The database lies in the
session directory, or in the user's cache when nothing can be written there.
`;

const EXAMPLES = examples(
	["relayscope import ./session", "build the database now rather than with the first question"],
	["relayscope import --force ./session", "build it anew from the raw files"],
);
