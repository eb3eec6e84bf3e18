import commander = require("commander");

import { REPORTS } from "../../analyze/reports/registry.js";
import type { Report } from "../../analyze/reports/report.js";
import { runReport } from "../../analyze/reports/run-report.js";
import { jsonText } from "../../export/json.js";
import { type CommandModule, examples } from "../command.js";
import { openForAsking } from "../open-for-asking.js";
import { reportText } from "../output/report-text.js";
import { writeAll } from "../output/text-sink.js";
import { stdout } from "../print.js";

interface ReportOptions {
	readonly pid?: number;
	readonly comm?: string;
	readonly path?: string;
	readonly device?: string;
	readonly since?: string;
	readonly until?: string;
	readonly by?: string;
	readonly limit?: number;
	readonly json?: boolean;
}

export const command: CommandModule = {
	define(command: commander.Command): void {
		const names = REPORTS.map((report) => report.name);
		const by = [...new Set(REPORTS.flatMap((report) => (report.by.length > 1 ? report.by : [])))];
		command
			.argument("<session>", "session directory")
			.addArgument(new commander.Argument("<report>", "what to report").choices(names))
			.option("--pid <n>", "only this process", wholeNumber)
			.option("--comm <name>", "only what ran under this name")
			.option("--path <path>", "only what was done to this file, or to all that match '/etc/*'")
			.option("--device <device>", "only this block device: 8:0, sda or /dev/sda")
			.option("--since <time>", "only what began at or after this time")
			.option("--until <time>", "only what began before this time")
			.addOption(new commander.Option("--by <what>", "what rows stand for").choices(by))
			.option("--limit <n>", "at most this many rows", wholeNumber)
			.option("--json", "the report as JSON; times in ns, every digit")
			.addHelpText("after", NOTES + EXAMPLES)
			.action(report);
	},
};

async function report(path: string, name: string, options: ReportOptions): Promise<void> {
	using asking = await openForAsking(path);
	const answer = runReport(name, asking, options);
	const pieces =
		options.json === true ? [`${jsonText(answer.json)}\n`] : reportText(answer, stdout.width);
	await writeAll(stdout, pieces);
}

function wholeNumber(text: string): number {
	const value = Number(text);
	if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
	throw new commander.InvalidArgumentError("It must be a whole number.");
}

function describe({ name, summary, by, filters }: Report): string {
	const rows = by.length > 1 ? [`--by ${by.join("|")}`] : [];
	const options = [...rows, ...filters.map((filter) => `--${filter}`)].join(" ");
	const text = `  ${name.padEnd(10)} ${summary}`;
	return options === "" ? text : `${text}\n${" ".repeat(13)}${options}`;
}

const NOTES = `
Reports:
${REPORTS.map(describe).join("\n")}
All take --since and --until.

Times: 1.5s, 250ms, +2s count from the session's start; 81723000000ns is the
column ts; 2026-11-21T04:46:47.5Z is the wall clock (local without a zone).
A path with any of * ? [ is a pattern, whose * takes slashes, too.
A range takes the rows whose ts is in [since, until). Percentiles are within 0.4 %.
`;

const EXAMPLES = examples(
	["relayscope report ./session syscalls", "where the time in the kernel went, by call"],
	["relayscope report ./session syscalls --by process --limit 20", "and whose it was"],
	[
		"relayscope report ./session sched --since 1.5s --until 2s",
		"who had the CPUs in that half second",
	],
	["relayscope report ./session losses --json", "what is missing, for a program"],
);
