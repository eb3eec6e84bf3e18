/** The benchmark: measures every row, compares with the stored results, writes them. README.md. */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { prepareBench } from "./bench.js";
import { ROWS } from "./registry.js";
import { findRegressions, readResults, writeResults } from "./results-file.js";
import { resultsPage } from "./results-page.js";
import type { Result } from "./row.js";

const { values: options } = parseArgs({
	options: {
		quick: { type: "boolean", default: false },
		accept: { type: "boolean", default: false },
		only: { type: "string", multiple: true, default: [] },
	},
});

const started = Date.now();
const loadAtStart = loadavg()[0] ?? 0;
const bench = await prepareBench(options.quick);
const results: Result[] = [];
const failures: string[] = [];
for (const row of ROWS) {
	if (options.only.length > 0 && !options.only.some((name) => row.name.includes(name))) continue;
	bench.say(row.name);
	try {
		results.push(...(await row.measure(bench)));
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		bench.say(`could not be measured: ${reason}`);
		failures.push(`${row.name}: ${reason.split("\n")[0]}`);
	}
}

const regressions = findRegressions(results, readResults());
const every = options.only.length === 0;
// Stored figures are what later runs are held to: worse or smaller ones replace them only when told.
const store = every && (options.accept || (!options.quick && regressions.length === 0));
const page = resultsPage(results, failures, {
	quick: options.quick,
	milliseconds: Date.now() - started,
	loadAtStart,
});
const directory = writeResults(results, page, store);
process.stdout.write(`${page}\n`);
for (const line of regressions) process.stderr.write(`bench: worse than stored: ${line}\n`);
bench.say(`results are in ${directory}`);
process.exitCode = failures.length > 0 ? 2 : regressions.length > 0 && !options.accept ? 1 : 0;
