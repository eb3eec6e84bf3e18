import { formatDuration } from "../../base/time.js";
import type { QueryDatabase } from "../query/query-database.js";
import { type BlockOwner, hasBlockRows, readBlocksIn } from "./block-in-scope.js";
import { BlockTotals } from "./block-totals.js";
import { CallTimes } from "./call-times.js";
import { readCallsIn } from "./calls-in-scope.js";
import type { Histogram, PowerOfTwo } from "./histogram.js";
import { defineReport, limited, type ReportTable, type Scope } from "./report.js";

/** How long one kind of things took: how many by powers of two, and the figures of all. */
interface LatencyRow {
	/** System calls; block requests from issue to completion, or from their first bio's queueing on. */
	readonly of: "syscalls" | "d2c" | "q2c";
	/** The call; absent when they are not told apart. */
	readonly name?: string;
	readonly pid?: number;
	readonly upid?: number | null;
	readonly comm?: string | null;
	/** The device, and what it was called; absent when they are not told apart. */
	readonly dev?: string;
	readonly device?: string | null;
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
	by: ["all", "call", "process", "device"],
	filters: ["pid", "comm", "path", "device"],

	build(database, scope) {
		const found = [...callLatencies(database, scope), ...blockLatencies(database, scope)];
		found.sort(byTotal);
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

type Whose = Pick<LatencyRow, "name" | "pid" | "upid" | "comm" | "dev" | "device">;

/** None where devices are asked about: a call has none. */
function callLatencies(database: QueryDatabase, scope: Scope): LatencyRow[] {
	if (scope.device !== undefined || scope.by === "device") return [];
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
		.map(({ times, ...whose }) => rowOf("syscalls", whose, times.histogram, times.total.value()));
}

/** None where calls or files are asked about. */
function blockLatencies(database: QueryDatabase, scope: Scope): LatencyRow[] {
	if (scope.path !== undefined || scope.by === "call" || !hasBlockRows(database)) return [];
	const groups = new Map<string, Whose & { readonly requests: BlockTotals }>();
	const ios = new BlockTotals();
	readBlocksIn(database, scope, (owner) => {
		const { key, whose } = blockGroup(owner, scope.by);
		let group = groups.get(key);
		if (group === undefined) {
			group = { ...whose, requests: new BlockTotals() };
			groups.set(key, group);
		}
		return { ios: ios.sinkOf(owner.op), requests: group.requests.sinkOf(owner.op) };
	});
	return [...groups.values()].flatMap(({ requests, ...whose }) =>
		(["d2c", "q2c"] as const)
			.map((of) => ({ of, times: requests.series[of] }))
			.filter(({ times }) => times.histogram.count > 0)
			.map(({ of, times }) => rowOf(of, whose, times.histogram, times.total())),
	);
}

function blockGroup(
	{ dev, deviceName, pid, upid, processComm }: BlockOwner,
	by: string,
): { readonly key: string; readonly whose: Whose } {
	if (by === "process") {
		return { key: String(upid ?? `pid ${pid}`), whose: { pid, upid, comm: processComm } };
	}
	return by === "device"
		? { key: dev, whose: { dev, device: deviceName } }
		: { key: "", whose: {} };
}

function rowOf(
	of: LatencyRow["of"],
	whose: Whose,
	histogram: Histogram,
	totalNs: bigint,
): LatencyRow {
	const { count } = histogram;
	return {
		...{ of, ...whose, count, totalNs },
		averageNs: count === 0 ? null : Math.round(Number(totalNs) / count),
		p50Ns: histogram.quantile(0.5) ?? null,
		p99Ns: histogram.quantile(0.99) ?? null,
		maxNs: histogram.max ?? null,
		buckets: histogram.powersOfTwo(),
	};
}

/** What a user of the machine waits for comes first. */
const ORDER: readonly LatencyRow["of"][] = ["syscalls", "q2c", "d2c"];

function byTotal(a: LatencyRow, b: LatencyRow): number {
	if (a.of !== b.of) return ORDER.indexOf(a.of) - ORDER.indexOf(b.of);
	if (a.totalNs !== b.totalNs) return a.totalNs < b.totalNs ? 1 : -1;
	return b.count - a.count || (subjectOf(a) < subjectOf(b) ? -1 : 1);
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

const KINDS: Readonly<Record<LatencyRow["of"], string>> = {
	syscalls: "System calls",
	d2c: "Block requests, D2C",
	q2c: "Block requests, Q2C",
};

function titleOf(row: LatencyRow): string {
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
	return `${subjectOf(row)}: ${row.count} · ${texts.join(" · ")}`;
}

function subjectOf({ of, name, pid, comm, dev, device }: LatencyRow): string {
	if (name !== undefined) return name;
	const kind = KINDS[of];
	if (pid !== undefined) return `${kind} of ${comm ?? "?"} (${pid})`;
	if (dev === undefined) return kind;
	return `${kind} on ${device ?? dev}${device === null || device === undefined ? "" : ` (${dev})`}`;
}
