import type { QueryDatabase } from "../query/query-database.js";
import type { SessionFacts } from "../query/session-facts.js";
import type { TimeRange } from "./time-range.js";

/** A reason why an answer about the range may be too low. */
export type Warning =
	| {
			readonly kind: "lost";
			readonly lost: bigint;
			readonly intervals: number;
			/** ns from the session's start. */
			readonly from: bigint;
			/** Absent when it is not known when the loss ended. */
			readonly to: bigint | undefined;
			readonly cpus: readonly number[];
			readonly channels: readonly string[];
	  }
	| { readonly kind: "ended-abnormally" }
	| { readonly kind: "ended-by-error"; readonly message: string }
	| { readonly kind: "faults"; readonly faults: bigint }
	| { readonly kind: "unread"; readonly unread: bigint }
	| { readonly kind: "in-snapshots" }
	| {
			readonly kind: "overwritten";
			/** Records that the snapshot no longer has, or that it was to leave out. */
			readonly overwritten: bigint;
			/** ns from the session's start; all is there from then on. */
			readonly wholeFrom: bigint;
	  };

export function findWarnings(
	database: QueryDatabase,
	facts: SessionFacts,
	range: TimeRange,
): readonly Warning[] {
	const warnings: Warning[] = [];
	const lost = lossWarning(database, facts, range);
	if (lost !== undefined) warnings.push(lost);
	if (!facts.endedProperly) warnings.push({ kind: "ended-abnormally" });
	if (facts.error !== undefined) warnings.push({ kind: "ended-by-error", message: facts.error });
	// Counted by kind where it is known; `faults` alone are records that no bytes were found for.
	const faults = total(database, "fault\\_%") || total(database, "faults");
	if (faults > 0n) warnings.push({ kind: "faults", faults });
	const unread = unreadIn(database, facts);
	if (unread > 0n) warnings.push({ kind: "unread", unread });
	if (facts.flightRecorder === "recorder") warnings.push({ kind: "in-snapshots" });
	const overwritten = overwrittenWarning(database, facts, range);
	if (overwritten !== undefined) warnings.push(overwritten);
	return warnings;
}

/** But for what a flight recorder holds back, and what its snapshot was to leave out. */
function unreadIn(database: QueryDatabase, { flightRecorder }: SessionFacts): bigint {
	const unread = total(database, "unread");
	if (flightRecorder === undefined) return unread;
	if (flightRecorder === "snapshot") return unread - total(database, "trimmed");
	const held = database.rows<[bigint | null]>(
		`SELECT sum(value) FROM stats WHERE name = 'unread'
		 AND channel IN (SELECT channel FROM stats WHERE name = 'overwritten')`,
	);
	for (const [value] of held) return unread - (value ?? 0n);
	return unread;
}

/** When the range begins before every CPU's records do. */
function overwrittenWarning(
	database: QueryDatabase,
	{ flightRecorder, wholeFrom, start }: SessionFacts,
	{ since }: TimeRange,
): Warning | undefined {
	if (flightRecorder !== "snapshot" || (since ?? start) >= wholeFrom) return undefined;
	const terms = ["overwritten", "torn", "trimmed"];
	const overwritten = terms.reduce((sum, name) => sum + total(database, name), 0n);
	return { kind: "overwritten", overwritten, wholeFrom: wholeFrom - start };
}

interface LossSummary {
	lost: bigint;
	intervals: number;
	from: bigint;
	to: bigint | undefined;
}

function lossWarning(
	database: QueryDatabase,
	facts: SessionFacts,
	range: TimeRange,
): Warning | undefined {
	if (!database.has("losses")) return undefined;
	let summary: LossSummary | undefined;
	const cpus = new Set<number>();
	const channels = new Set<string>();
	for (const loss of lossesIn(database, range)) {
		// A killed recording's open row says only that nobody counted; it has a warning of its own.
		if (loss.lost === null) continue;
		const from = loss.tsBegin - facts.start;
		const to = loss.tsEnd === null ? undefined : loss.tsEnd - facts.start;
		summary ??= { lost: 0n, intervals: 0, from, to };
		summary.lost += loss.lost;
		summary.intervals++;
		if (from < summary.from) summary.from = from;
		if (to === undefined || summary.to === undefined) summary.to = undefined;
		else if (to > summary.to) summary.to = to;
		if (loss.cpu !== null) cpus.add(loss.cpu);
		channels.add(loss.channel);
	}
	if (summary === undefined) return undefined;
	return {
		kind: "lost",
		...summary,
		cpus: [...cpus].sort((a, b) => a - b),
		channels: [...channels].sort(),
	};
}

export interface LossInterval {
	readonly tsBegin: bigint;
	/** Null: open-ended. */
	readonly tsEnd: bigint | null;
	readonly channel: string;
	readonly cpu: number | null;
	/** Null: not known. */
	readonly lost: bigint | null;
}

/** Loss intervals that share at least a moment with the range. */
export function* lossesIn(database: QueryDatabase, range: TimeRange): Generator<LossInterval> {
	const rows = database.rows<[bigint, bigint | null, string, bigint | null, bigint | null]>(
		`SELECT ts_begin, ts_end, channel, cpu, lost FROM losses
		 WHERE (@since IS NULL OR ts_end IS NULL OR ts_end >= @since) AND (@until IS NULL OR ts_begin < @until)
		 ORDER BY ts_begin, channel, cpu`,
		{ since: range.since ?? null, until: range.until ?? null },
	);
	for (const [tsBegin, tsEnd, channel, cpu, lost] of rows) {
		yield { tsBegin, tsEnd, channel, cpu: cpu === null ? null : Number(cpu), lost };
	}
}

function total(database: QueryDatabase, pattern: string): bigint {
	if (!database.has("stats")) return 0n;
	const rows = database.rows<[bigint | null]>(
		"SELECT sum(value) FROM stats WHERE name LIKE ? ESCAPE '\\'",
		pattern,
	);
	for (const [value] of rows) return value ?? 0n;
	return 0n;
}
