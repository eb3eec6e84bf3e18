import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../src/base/package-root.js";
import type { Result } from "./row.js";

const STORED = join(packageRoot(), "bench");

/** How much worse than the stored one a ratio may be. */
const TOLERANCE = 0.3;
const SPREADS = 3;

export function readResults(): Result[] {
	try {
		return JSON.parse(readFileSync(join(STORED, "results.json"), "utf8")) as Result[];
	} catch {
		// The first run has nothing to compare with.
		return [];
	}
}

/** Beside this program, or in `out/` when the stored results are to stay. */
export function writeResults(results: readonly Result[], page: string, store: boolean): string {
	const directory = store ? STORED : join(packageRoot(), "out", "bench");
	mkdirSync(directory, { recursive: true });
	writeFileSync(join(directory, "results.json"), `${JSON.stringify(results, null, "\t")}\n`);
	writeFileSync(join(directory, "RESULTS.md"), page);
	return directory;
}

/**
 * Ratios only: absolute times differ between machines. Worse by more than the tolerance or three
 * times the spread, whichever is larger, so that a noisy row does not cry wolf.
 */
export function findRegressions(now: readonly Result[], before: readonly Result[]): string[] {
	const stored = new Map(before.map((result) => [keyOf(result), result]));
	return now.flatMap((result) => {
		const old = stored.get(keyOf(result));
		if (old === undefined || old.ratio === null || result.ratio === null) return [];
		const worse =
			result.better === "lower" ? result.ratio / old.ratio - 1 : old.ratio / result.ratio - 1;
		const allowed = Math.max(TOLERANCE, SPREADS * Math.max(old.spread ?? 0, result.spread ?? 0));
		if (worse <= allowed) return [];
		const percent = Math.round(worse * 100);
		return [
			`${keyOf(result)}: ratio ${old.ratio.toFixed(3)} -> ${result.ratio.toFixed(3)} (${percent} % worse)`,
		];
	});
}

function keyOf(result: Result): string {
	return result.peer === null ? result.name : `${result.name} vs ${result.peer}`;
}
