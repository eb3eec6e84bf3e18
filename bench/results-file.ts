import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../src/base/package-root.js";
import { keyOf, type Result } from "./row.js";

const STORED = join(packageRoot(), "bench");
const SCRATCH = join(packageRoot(), "out", "bench");

/** Results of quick and of whole runs differ by their sizes, so each is held to its own kind. */
function fileNames(quick: boolean): { readonly results: string; readonly page: string } {
	return quick
		? { results: "results.quick.json", page: "RESULTS.quick.md" }
		: { results: "results.json", page: "RESULTS.md" };
}

export interface StoredResults {
	readonly results: readonly Result[];
	/** False: a quick run that has only a whole run's results to be held to. */
	readonly sameSizes: boolean;
}

/** Undefined before the first run that stores. */
export function readStored(quick: boolean): StoredResults | undefined {
	const own = readResults(fileNames(quick).results);
	if (own !== undefined) return { results: own, sameSizes: true };
	const whole = quick ? readResults(fileNames(false).results) : undefined;
	return whole === undefined ? undefined : { results: whole, sameSizes: false };
}

function readResults(name: string): Result[] | undefined {
	let text: string;
	try {
		text = readFileSync(join(STORED, name), "utf8");
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
		throw error;
	}
	return JSON.parse(text) as Result[];
}

/** The stored results with those of some rows in place of what these gave before. */
export function replaceResults(stored: readonly Result[], measured: readonly Result[]): Result[] {
	const apart = measured.map((result) => ({ ...result, apart: true as const }));
	const fresh = new Map(apart.map((result) => [keyOf(result), result]));
	const known = new Set(stored.map(keyOf));
	return [
		...stored.map((result) => fresh.get(keyOf(result)) ?? result),
		...apart.filter((result) => !known.has(keyOf(result))),
	];
}

/** In `out/`, as rows finish, so that a run that is stopped has told what it measured. */
export function writeScratch(results: readonly Result[], page: string, quick: boolean): string {
	write(SCRATCH, results, page, quick);
	return SCRATCH;
}

/** Beside this program: what later runs are held to. */
export function store(results: readonly Result[], page: string, quick: boolean): string {
	write(STORED, results, page, quick);
	return STORED;
}

function write(directory: string, results: readonly Result[], page: string, quick: boolean): void {
	const names = fileNames(quick);
	mkdirSync(directory, { recursive: true });
	replace(join(directory, names.results), `${JSON.stringify(results, null, "\t")}\n`);
	replace(join(directory, names.page), page);
}

/** Whole or not at all, whenever the run is stopped. */
function replace(file: string, content: string): void {
	writeFileSync(`${file}.new`, content);
	renameSync(`${file}.new`, file);
}
