import { explainAlert } from "../../audit/explain.js";
import { loadPacks } from "../../audit/packs.js";
import { type AuditResult, keepAlerts, runAudit } from "../../audit/run-audit.js";
import { RelayscopeError } from "../../base/error.js";
import { type CommandModule, examples } from "../command.js";
import { EXIT_STATUS, exitStatusOf } from "../exit-status.js";
import { failureOf } from "../failure.js";
import { openForAsking } from "../open-for-asking.js";
import { alertsJson, alertsText } from "../output/alert-text.js";
import { lossNote } from "../output/loss-note.js";
import { formatCounted } from "../output/quantity.js";
import { writeAll } from "../output/text-sink.js";
import { stderr, stdout } from "../print.js";

interface Options {
	readonly rules: readonly string[];
	readonly json?: true;
	readonly explain?: true;
	readonly store: boolean;
}

const ALERTS_FOUND = 1;

export const command: CommandModule = {
	define(command) {
		command
			.argument("<session>", "session directory")
			.option(
				"--rules <file>",
				"a file of rules in the place of those that come along; repeatable",
				(file: string, files: readonly string[]) => [...files, file],
				[],
			)
			.option("--explain", "show the rows behind each alert, whole")
			.option("--json", "an array of objects; times in ns, every digit")
			.option("--no-store", "do not put the alerts into the session's view alerts")
			.addHelpText("after", NOTES + EXAMPLES)
			.action(audit);
	},
};

async function audit(path: string, options: Options): Promise<void> {
	try {
		// Before the session is opened, which may take its database's building.
		const packs = loadPacks(options.rules);
		using asking = await openForAsking(path);
		const { database, facts } = asking;
		const result = runAudit(packs, database);
		const notes = [lossNote(facts, path) ?? "", ...notesOf(result, hasPaths(asking))];
		stderr.write(notes.join(""));
		await stderr.flush();
		const explain =
			options.explain === true
				? (alert: (typeof result.alerts)[0]) => explainAlert(alert, database)
				: undefined;
		const pieces =
			options.json === true ? alertsJson(result, explain) : alertsText(result, facts, explain);
		await writeAll(stdout, pieces);
		if (options.store && !keepAlerts(result.alerts, database.path)) {
			stderr.write(
				"relayscope: note: the database can only be read; view alerts stays as it was\n",
			);
			await stderr.flush();
		}
		process.exitCode = result.alerts.length > 0 ? ALERTS_FOUND : EXIT_STATUS.success;
	} catch (error) {
		if (!(error instanceof RelayscopeError)) throw error;
		if (exitStatusOf(error.code, false) !== EXIT_STATUS.failure) throw error;
		// 1 is an answer here.
		stderr.write(failureOf(error, false).text);
		await stderr.flush();
		process.exitCode = EXIT_STATUS.usage;
	}
}

function hasPaths({ database }: Awaited<ReturnType<typeof openForAsking>>): boolean {
	if (!database.has("execs")) return false;
	const [row] = database.rows("SELECT EXISTS (SELECT 1 FROM syscalls WHERE path IS NOT NULL)");
	return row?.[0] === 1n;
}

function notesOf({ skipped, forgotten }: AuditResult, paths: boolean): readonly string[] {
	const notes = [...skipped].map(
		([view, rules]) =>
			`${formatCounted(rules.length, "rule")} not run: the session has no view ${view}`,
	);
	if (!paths) {
		notes.push(
			"no paths were recorded (record --strings): rules about files and programs find nothing",
		);
	}
	if (forgotten > 0) {
		notes.push(`${formatCounted(forgotten, "beginning")} of sequences did not fit in memory`);
	}
	return notes.map((note) => `relayscope: note: ${note}\n`);
}

const NOTES = `
Rules are YAML files: docs/audit.md. Without --rules all packs in rules/ are run.
Record with --strings, so that calls have paths and programs have arguments.
Alerts go to the session's view alerts, too, in the place of those of the last audit.

Ends with 0: no alert; 1: alerts; 2: it could not be done, or the command line is wrong;
3 to 5 as relayscope --help has them (4: a rule is wrong).
`;

const EXAMPLES = examples(
	["relayscope audit ./session", "everything that the packs that come along know of"],
	["relayscope audit ./session --rules my-rules.yaml", "rules of your own"],
	["relayscope audit ./session --explain", "with the rows behind each alert"],
	["relayscope audit ./session --json | jq '.[] | select(.severity == \"high\")'", "for a program"],
	[
		'relayscope query ./session "SELECT rule, count(*) FROM alerts GROUP BY rule"',
		"afterwards, in SQL",
	],
);
