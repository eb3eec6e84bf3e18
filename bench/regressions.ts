/** Which ratios became worse than the stored ones. Absolute figures differ between machines. */
import type { StoredResults } from "./results-file.js";
import { keyOf, type Result } from "./row.js";

/** Worse by more than this is a regression, however noisy the row. */
const TOLERANCE = 0.3;
/** So is worse by more than this many spreads, for rows that hardly vary. */
const SPREADS = 3;
/** Counts of instructions and bytes repeat to a per mille; less than this is no finding. */
const NEGLIGIBLE = 0.05;

export interface Regression {
	readonly key: string;
	readonly before: number;
	readonly now: number;
	/** As a share of what it was. */
	readonly worse: number;
}

export function findRegressions(now: readonly Result[], stored: StoredResults): Regression[] {
	const before = new Map(stored.results.map((result) => [keyOf(result), result]));
	return now.flatMap((result) => {
		const key = keyOf(result);
		const old = before.get(key);
		if (old === undefined || old.ratio === null || result.ratio === null) return [];
		const worse =
			result.better === "lower" ? result.ratio / old.ratio - 1 : old.ratio / result.ratio - 1;
		const allowed = stored.sameSizes ? allowedOf(old, result) : TOLERANCE;
		return worse > allowed ? [{ key, before: old.ratio, now: result.ratio, worse }] : [];
	});
}

/** A spread that only one side has, or a single run's, which is none, counts as far as it is known. */
function allowedOf(old: Result, result: Result): number {
	if (old.spread === null && result.spread === null) return TOLERANCE;
	const spread = Math.max(old.spread ?? 0, result.spread ?? 0);
	return Math.min(TOLERANCE, Math.max(SPREADS * spread, NEGLIGIBLE));
}

export function describeRegression({ key, before, now, worse }: Regression): string {
	return `${key}: ratio ${before.toFixed(3)} -> ${now.toFixed(3)} (${Math.round(worse * 100)} % worse)`;
}

/** Figures that are stored and that this run did not give. */
export function findMissing(now: readonly Result[], stored: StoredResults): string[] {
	const measured = new Set(now.map(keyOf));
	return stored.results.map(keyOf).filter((key) => !measured.has(key));
}
