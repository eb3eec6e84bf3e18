/** The benchmark: measures every row, compares with the stored results, writes them. README.md. */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { type Bench, prepareBench } from "./bench.js";
import { Guest } from "./guest-work.js";
import { ROWS } from "./registry.js";
import { describeRegression, findMissing, findRegressions } from "./regressions.js";
import { readStored, replaceResults, store, writeScratch } from "./results-file.js";
import { resultsPage } from "./results-page.js";
import { type Result, type Row, resultOf } from "./row.js";

const { values: options } = parseArgs({
	options: {
		quick: { type: "boolean", default: false },
		accept: { type: "boolean", default: false },
		only: { type: "string", multiple: true, default: [] },
	},
});

interface Measured {
	readonly results: readonly Result[];
	readonly failures: readonly string[];
}

const started = Date.now();
const loadAtStart = loadavg()[0] ?? 0;
const stored = readStored(options.quick);
const bench = await prepareBench(options.quick, say);
const rows = ROWS.filter(
	(row) => options.only.length === 0 || options.only.some((name) => row.name.includes(name)),
);
const guest = new Guest(bench, worksOf(rows, bench));
const results: Result[] = [];
const failures: string[] = [];
const regressions: string[] = [];
for (const [index, row] of rows.entries()) {
	let measured = await measure(row);
	let worse = stored === undefined ? [] : findRegressions(measured.results, stored);
	if (worse.length > 0 && stored !== undefined && !options.accept) {
		say(`${row.name}: worse than stored, measured once more`);
		guest.forget(row.work(bench));
		measured = await measure(row);
		const again = new Map(findRegressions(measured.results, stored).map((one) => [one.key, one]));
		worse = worse.flatMap(({ key }) => again.get(key) ?? []);
	}
	results.push(...measured.results);
	failures.push(...measured.failures);
	regressions.push(...worse.map(describeRegression));
	writeScratch(results, pageOf(rows.slice(index + 1)), options.quick);
}

const whole = options.only.length === 0;
if (whole && stored?.sameSizes === true && !options.accept) {
	for (const key of findMissing(results, stored)) failures.push(`${key}: stored, and not measured`);
}
let directory = writeScratch(results, pageOf([]), options.quick);
// Stored figures are what later runs are held to: worse or smaller ones replace them only when told.
const good = options.accept || (!options.quick && regressions.length === 0);
const before = stored?.sameSizes === true ? stored.results : [];
const kept = whole ? results : replaceResults(before, results);
const page = whole || options.accept ? pageOf([], kept) : pageOf([]);
if (failures.length === 0 && good && (whole || options.accept)) {
	directory = store(kept, page, options.quick);
}
process.stdout.write(`${page}\n`);
for (const line of regressions) say(`worse than stored: ${line}`);
for (const line of failures) say(`not measured: ${line}`);
if (options.quick && stored?.sameSizes !== true) {
	say(
		"no results of --quick are stored: run with --quick --accept to have later runs held to them",
	);
}
say(`results are in ${directory}, after ${Math.round((Date.now() - started) / 1000)} s`);
process.exitCode = failures.length > 0 ? 2 : regressions.length > 0 ? 1 : 0;

async function measure(row: Row): Promise<Measured> {
	say(row.name);
	const started = Date.now();
	const results: Result[] = [];
	const failures: string[] = [];
	const tell = (error: unknown): void => {
		const reason = error instanceof Error ? error.message : String(error);
		say(`could not be measured: ${reason}`);
		failures.push(`${row.name}: ${reason.split("\n")[0]}`);
	};
	try {
		for (const figure of await row.measure(bench, guest)) {
			try {
				results.push(resultOf(figure()));
			} catch (error) {
				tell(error);
			}
		}
	} catch (error) {
		tell(error);
	}
	say(`${row.name}: took ${Math.round((Date.now() - started) / 1000)} s`);
	return { results, failures };
}

function pageOf(left: readonly Row[], shown: readonly Result[] = results): string {
	return resultsPage(shown, failures, {
		quick: options.quick,
		milliseconds: Date.now() - started,
		loadAtStart,
		qemu: bench.qemu,
		apart: shown !== results,
		left: left.map(({ name }) => name),
	});
}

function worksOf(rows: readonly Row[], bench: Bench) {
	const works = rows.flatMap((row) => row.work(bench));
	return [...new Map(works.map((work) => [work.name, work])).values()];
}

function say(line: string): void {
	const seconds = Math.round((Date.now() - started) / 1000);
	process.stderr.write(`bench ${String(seconds).padStart(3)} s: ${line}\n`);
}
