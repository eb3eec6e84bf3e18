import { formatDuration } from "../../base/time.js";
import type { QueryDatabase } from "../query/query-database.js";
import { CallTimes } from "./call-times.js";
import { readCallsIn } from "./calls-in-scope.js";
import type { PowerOfTwo } from "./histogram.js";
import { defineReport, limited, type ReportTable, type Scope } from "./report.js";

/** How long one kind of things took: how many by powers of two, and the figures of all. */
interface LatencyRow {
	readonly of: "syscalls";
	/** The call; absent when they are not told apart. */
	readonly name?: string;
	readonly pid?: number;
	readonly upid?: number | null;
	readonly comm?: string | null;
	readonly count: number;
	readonly totalNs: bigint;
	readonly averageNs: number | null;
	readonly p50Ns: number | null;
	readonly p99Ns: number | null;
	readonly maxNs: number | null;
	/** ns; `below` is not in it. */
	readonly buckets: readonly PowerOfTwo[];
}

interface LatencyResult {
	readonly by: string;
	readonly histograms: readonly LatencyRow[];
	readonly omitted: number;
}

/** Drawn unless told otherwise: hundreds of histograms are not read. */
const DEFAULT_LIMIT = 10;

/** How long things took, by powers of two. */
export const latency = defineReport<LatencyResult>({
	name: "latency",
	summary: "histograms of durations, by powers of two",
	by: ["all", "call", "process"],
	filters: ["pid", "comm", "path"],

	build(database, scope) {
		const found = callLatencies(database, scope).sort(byTotal);
		const { rows, omitted } = limited(found, scope.limit ?? DEFAULT_LIMIT);
		return { by: scope.by, histograms: rows, omitted };
	},

	tables({ histograms, omitted }) {
		if (histograms.length === 0) return [histogramTable(undefined, 0)];
		return histograms.map((row, index) =>
			histogramTable(row, index === histograms.length - 1 ? omitted : 0),
		);
	},
});

type Whose = Pick<LatencyRow, "name" | "pid" | "upid" | "comm">;

function callLatencies(database: QueryDatabase, scope: Scope): LatencyRow[] {
	const groups = new Map<string, Whose & { readonly times: CallTimes }>();
	readCallsIn(database, scope, ({ name, pid, upid, comm }) => {
		const { key, whose } =
			scope.by === "call"
				? { key: name, whose: { name } }
				: scope.by === "process"
					? { key: String(upid ?? `pid ${pid}`), whose: { pid, upid, comm } }
					: { key: "", whose: {} };
		let group = groups.get(key);
		if (group === undefined) {
			group = { ...whose, times: new CallTimes() };
			groups.set(key, group);
		}
		return group.times;
	});
	return [...groups.values()]
		.filter(({ times }) => times.count > 0)
		.map(({ times, ...whose }) => ({
			of: "syscalls",
			...whose,
			count: times.count,
			totalNs: times.total.value(),
			averageNs: times.average(),
			p50Ns: times.histogram.quantile(0.5) ?? null,
			p99Ns: times.histogram.quantile(0.99) ?? null,
			maxNs: times.histogram.max ?? null,
			buckets: times.histogram.powersOfTwo(),
		}));
}

function byTotal(a: LatencyRow, b: LatencyRow): number {
	return (
		Number(b.totalNs - a.totalNs) ||
		b.count - a.count ||
		((a.name ?? "") < (b.name ?? "") ? -1 : 1) ||
		(a.pid ?? 0) - (b.pid ?? 0)
	);
}

function histogramTable(row: LatencyRow | undefined, omitted: number): ReportTable {
	const { count = 0, buckets = [] } = row ?? {};
	return {
		title: row === undefined ? "" : titleOf(row),
		columns: [
			{ title: "from", kind: "duration" },
			{ title: "below", kind: "duration" },
			{ title: "count", kind: "count" },
			{ title: "share", kind: "percent" },
			{ title: "", kind: "bar" },
		],
		rows: buckets.map((bucket) => [
			bucket.from,
			bucket.below,
			bucket.count,
			bucket.count / count,
			bucket.count,
		]),
		omitted,
		whenEmpty: "Nothing that took a time: nothing in this range, or its source was not recorded.",
	};
}

function titleOf(row: LatencyRow): string {
	const whose =
		row.pid === undefined ? "System calls" : `System calls of ${row.comm ?? "?"} (${row.pid})`;
	const figures = [
		["total", row.totalNs],
		["average", row.averageNs],
		["p50", row.p50Ns],
		["p99", row.p99Ns],
		["max", row.maxNs],
	] as const;
	const texts = figures.map(
		([name, value]) => `${name} ${value === null ? "-" : formatDuration(value)}`,
	);
	return `${row.name ?? whose}: ${row.count} · ${texts.join(" · ")}`;
}
