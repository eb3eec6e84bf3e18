import type { QueryDatabase } from "../query/query-database.js";
import { defineReport, limited, type ReportTable } from "./report.js";
import { lossesIn } from "./warnings.js";

interface LossRow {
	/** ns from the session's start. */
	readonly fromNs: bigint;
	/** Null: it is not known when the loss ended. */
	readonly toNs: bigint | null;
	/** Wall clock at `from`, ns since 1970. */
	readonly wallClockNs: bigint;
	readonly channel: string;
	readonly cpu: number | null;
	/** Null: not known. */
	readonly lost: bigint | null;
}

/** One CPU's account: every record produced must be found again on the other side. */
interface ConservationRow {
	readonly channel: string;
	readonly cpu: number | null;
	/** Null when the recorder was killed: nobody counted at the end. */
	readonly produced: bigint | null;
	readonly stored: bigint;
	readonly lost: bigint;
	readonly overwritten: bigint;
	readonly torn: bigint;
	readonly unread: bigint;
	readonly faults: bigint;
	/** Dropped by a reset of the channel. */
	readonly reset: bigint;
	/** produced minus all of these; null when not known. */
	readonly difference: bigint | null;
	readonly holds: boolean | null;
}

interface LossesResult {
	readonly endedProperly: boolean;
	readonly intervals: readonly LossRow[];
	readonly omitted: number;
	readonly lostInIntervals: bigint;
	readonly conservation: readonly ConservationRow[];
	/** Whether every account holds; null when one is not known. */
	readonly holds: boolean | null;
}

/** What is missing from the recording, and whether everything else is accounted for. */
export const losses = defineReport<LossesResult>({
	name: "losses",
	summary: "what was lost, when and where, and whether the rest is all there",
	by: ["interval"],
	filters: [],

	build(database, scope) {
		const { facts } = scope;
		const found = database.has("losses") ? [...lossesIn(database, scope.range)] : [];
		const intervals = found.map((loss) => ({
			fromNs: loss.tsBegin - facts.start,
			toNs: loss.tsEnd === null ? null : loss.tsEnd - facts.start,
			wallClockNs: facts.wallClockStart + (loss.tsBegin - facts.start),
			channel: loss.channel,
			cpu: loss.cpu,
			lost: loss.lost,
		}));
		const conservation = readConservation(database);
		const { rows, omitted } = limited(intervals, scope.limit);
		return {
			endedProperly: facts.endedProperly,
			intervals: rows,
			omitted,
			lostInIntervals: intervals.reduce((sum, { lost }) => sum + (lost ?? 0n), 0n),
			conservation,
			holds: everyAccountHolds(conservation),
		};
	},

	tables(result) {
		return [intervalTable(result), conservationTable(result)];
	},
});

function intervalTable({ intervals, omitted }: LossesResult): ReportTable {
	return {
		title: "Losses",
		columns: [
			{ title: "from", kind: "offset" },
			{ title: "to", kind: "offset" },
			{ title: "wall clock", kind: "wall-clock" },
			{ title: "channel", kind: "text" },
			{ title: "cpu", kind: "id" },
			{ title: "lost", kind: "count" },
		],
		rows: intervals.map((row) => [
			row.fromNs,
			row.toNs,
			row.wallClockNs,
			row.channel,
			row.cpu,
			row.lost,
		]),
		omitted,
		whenEmpty: "No record was lost in this range.",
	};
}

function conservationTable({ conservation, holds }: LossesResult): ReportTable {
	const anyReset = conservation.some(({ reset }) => reset > 0n);
	const verdict =
		holds === null
			? "Not known: the recorder was killed, so nobody counted what was produced."
			: holds
				? `Holds: produced = stored + lost + overwritten + torn + unread + faults${anyReset ? " + reset" : ""}, on every CPU.`
				: "Does NOT hold: records are missing that nothing accounts for. Please report this.";
	return {
		title: "Conservation, whole session, in records",
		columns: [
			{ title: "channel", kind: "text" },
			{ title: "cpu", kind: "id" },
			{ title: "produced", kind: "count" },
			{ title: "= stored", kind: "count" },
			{ title: "+ lost", kind: "count" },
			{ title: "+ overwritten", kind: "count" },
			{ title: "+ torn", kind: "count" },
			{ title: "+ unread", kind: "count" },
			{ title: "+ faults", kind: "count" },
			...(anyReset ? [{ title: "+ reset", kind: "count" } as const] : []),
			{ title: "holds", kind: "text" },
		],
		rows: conservation.map((row) => [
			row.channel,
			row.cpu,
			row.produced,
			row.stored,
			row.lost,
			row.overwritten,
			row.torn,
			row.unread,
			row.faults,
			...(anyReset ? [row.reset] : []),
			row.holds === null ? "not known" : row.holds ? "yes" : `no, by ${row.difference}`,
		]),
		omitted: 0,
		whenEmpty: "The session has no counters.",
		notes: conservation.length === 0 ? [] : [verdict],
	};
}

function readConservation(database: QueryDatabase): readonly ConservationRow[] {
	if (!database.has("stats")) return [];
	const rows = database.rows<[string, bigint | null, string, bigint]>(
		"SELECT channel, cpu, name, sum(value) FROM stats GROUP BY channel, cpu, name ORDER BY channel, cpu",
	);
	const accounts = new Map<string, Account>();
	for (const [channel, cpu, name, value] of rows) {
		const key = `${channel} ${cpu}`;
		let account = accounts.get(key);
		if (account === undefined) {
			account = { channel, cpu: cpu === null ? null : Number(cpu), counts: new Map() };
			accounts.set(key, account);
		}
		account.counts.set(name, value);
	}
	// What is not counted in records stored, such as the bufflink's refusals, has no such account.
	const all = [...accounts.values()];
	return all
		.filter(({ counts }) => counts.has("stored"))
		.map((account) => conservationOf(withItsCpus(account, all)));
}

/** A global channel's records are counted on each CPU, and stored for all of them. */
function withItsCpus(account: Account, all: readonly Account[]): Account {
	if (account.cpu !== null) return account;
	const counts = new Map<string, bigint>();
	for (const each of all) {
		if (each.channel !== account.channel) continue;
		for (const [name, value] of each.counts) counts.set(name, (counts.get(name) ?? 0n) + value);
	}
	return { ...account, counts };
}

interface Account {
	readonly channel: string;
	readonly cpu: number | null;
	readonly counts: Map<string, bigint>;
}

function conservationOf({ channel, cpu, counts }: Account): ConservationRow {
	const count = (name: string): bigint => counts.get(name) ?? 0n;
	const terms = {
		stored: count("stored"),
		lost: count("lost"),
		overwritten: count("overwritten"),
		torn: count("torn"),
		unread: count("unread"),
		faults: count("faults"),
		reset: count("reset"),
	};
	const produced = counts.get("produced") ?? null;
	const found = Object.values(terms).reduce((sum, term) => sum + term, 0n);
	const difference = produced === null ? null : produced - found;
	const holds = difference === null ? null : difference === 0n;
	return { channel, cpu, produced, ...terms, difference, holds };
}

function everyAccountHolds(rows: readonly ConservationRow[]): boolean | null {
	if (rows.some((row) => row.holds === false)) return false;
	return rows.length === 0 || rows.some((row) => row.holds === null) ? null : true;
}
