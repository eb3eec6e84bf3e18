import type { QueryDatabase } from "../query/query-database.js";
import { type BlockOwner, hasBlockRows, readBlocksIn } from "./block-in-scope.js";
import { BlockTotals } from "./block-totals.js";
import {
	defineReport,
	limited,
	type ReportColumn,
	type ReportTable,
	type Scope,
} from "./report.js";
import type { SeriesFigures, SeriesTotal } from "./series-total.js";
import { sessionRange } from "./session-range.js";

/** Stages of a bio's way, as btt names them. */
const STAGES = ["q2q", "q2i", "i2d", "d2c", "q2c"] as const;
type Stage = (typeof STAGES)[number];

interface SeekFigures {
	/** Of so many whose distance from the one before is known. */
	readonly of: number;
	/** That did not touch or overlap the one before. */
	readonly seeks: number;
	/** Sectors, over all of them, as btt has it. */
	readonly mean: number | null;
	readonly median: number | null;
}

interface BlockRow {
	/** `major:minor`; only when rows stand for devices. */
	readonly dev?: string;
	readonly device?: string | null;
	/** Only when rows stand for processes. */
	readonly pid?: number;
	readonly upid?: number | null;
	readonly comm?: string | null;
	/** Only when rows stand for kinds. */
	readonly op?: string;
	/** Bios that were queued. */
	readonly ios: number;
	readonly requests: number;
	/** Bios to a request; null without requests. */
	readonly mergeRatio: number | null;
	readonly errors: number;
	readonly bytesRead: bigint;
	readonly bytesWritten: bigint;
	/** ns that the device worked on the requests, each by itself. */
	readonly deviceNs: bigint;
	/** Of bios, ns. */
	readonly times: Readonly<Record<Stage, SeriesFigures>>;
	/** Of requests, bytes. */
	readonly sizes: SeriesFigures;
	readonly seeks: SeekFigures;
	/** Requests that the device was working on, on average over the range. */
	readonly depth: number | null;
	/** Requests that were under way, waiting to be issued or issued, on average over the range. */
	readonly queueDepth: number | null;
}

interface BlockResult {
	readonly by: string;
	readonly blocks: readonly BlockRow[];
	readonly omitted: number;
}

/** What block devices did, whose it was, and where its time went. */
export const block = defineReport<BlockResult>({
	name: "block",
	summary: "block I/O: times by stage as btt has them, sizes, seeks, merges, depth",
	by: ["device", "process", "op"],
	filters: ["pid", "comm", "device"],

	build(database, scope) {
		const found = hasBlockRows(database) ? totalBlocks(database, scope) : [];
		found.sort(byDeviceTime);
		const { rows, omitted } = limited(found, scope.limit);
		return { by: scope.by, blocks: rows, omitted };
	},

	tables(result) {
		return [volumeTable(result), stageTable(result), patternTable(result)];
	},
});

interface Group {
	readonly whose: Pick<BlockRow, "dev" | "device" | "pid" | "upid" | "comm" | "op">;
	readonly ios: BlockTotals;
	readonly requests: BlockTotals;
}

function totalBlocks(database: QueryDatabase, scope: Scope): BlockRow[] {
	const groups = new Map<string, Group>();
	readBlocksIn(database, scope, (owner) => {
		const { key, whose } = groupKey(owner, scope.by);
		let group = groups.get(key);
		if (group === undefined) {
			group = { whose, ios: new BlockTotals(), requests: new BlockTotals() };
			groups.set(key, group);
		}
		return { ios: group.ios.sinkOf(owner.op), requests: group.requests.sinkOf(owner.op) };
	});
	const { from, to } = sessionRange(scope);
	return [...groups.values()]
		.filter(({ ios, requests }) => ios.count + requests.count > 0)
		.map((group) => rowOf(group, to - from));
}

function groupKey(
	{ dev, deviceName, pid, upid, processComm, op }: BlockOwner,
	by: string,
): { readonly key: string; readonly whose: Group["whose"] } {
	if (by === "process") {
		return { key: String(upid ?? `pid ${pid}`), whose: { pid, upid, comm: processComm } };
	}
	if (by === "op") return { key: op, whose: { op } };
	return { key: dev, whose: { dev, device: deviceName } };
}

function rowOf({ whose, ios, requests }: Group, rangeNs: number): BlockRow {
	const { series } = ios;
	return {
		...whose,
		ios: ios.count,
		requests: requests.count,
		mergeRatio: requests.count === 0 ? null : ios.count / requests.count,
		errors: ios.errors,
		bytesRead: ios.bytesRead.value(),
		bytesWritten: ios.bytesWritten.value(),
		deviceNs: requests.series.d2c.total(),
		times: {
			q2q: series.gap.figures(),
			q2i: series.q2i.figures(),
			i2d: series.i2d.figures(),
			d2c: series.d2c.figures(),
			q2c: series.q2c.figures(),
		},
		sizes: requests.series.bytes.figures(),
		seeks: seekFigures(series.seek),
		depth: onAverage(requests.series.d2c, rangeNs),
		queueDepth: onAverage(requests.series.q2c, rangeNs),
	};
}

/** By Little's law: how many there are at a time is the time that all took, by the time that passed. */
function onAverage(times: SeriesTotal, rangeNs: number): number | null {
	return rangeNs === 0 ? null : Number(times.total()) / rangeNs;
}

function seekFigures(distances: SeriesTotal): SeekFigures {
	const { count, average, p50 } = distances.figures();
	const touching = distances.histogram.countBelow(1);
	return { of: count, seeks: count - touching, mean: average, median: p50 };
}

function byDeviceTime(a: BlockRow, b: BlockRow): number {
	if (a.deviceNs !== b.deviceNs) return a.deviceNs < b.deviceNs ? 1 : -1;
	if (a.ios !== b.ios) return b.ios - a.ios;
	return nameOf(a) < nameOf(b) ? -1 : 1;
}

function nameOf(row: BlockRow): string {
	return row.dev ?? row.op ?? `${row.pid} ${row.upid}`;
}

/** Columns that say whose figures a line has. */
function whoseColumns(by: string): readonly ReportColumn[] {
	if (by === "process") {
		return [
			{ title: "pid", kind: "id" },
			{ title: "comm", kind: "text" },
		];
	}
	if (by === "op") return [{ title: "op", kind: "text" }];
	return [
		{ title: "dev", kind: "text" },
		{ title: "device", kind: "text" },
	];
}

function whoseCells(row: BlockRow, by: string): (string | number | null)[] {
	if (by === "process") return [row.pid ?? null, row.comm ?? null];
	return by === "op" ? [row.op ?? null] : [row.dev ?? null, row.device ?? null];
}

function volumeTable({ by, blocks, omitted }: BlockResult): ReportTable {
	return {
		title: `Block I/O by ${by}`,
		columns: [
			...whoseColumns(by),
			{ title: "I/Os", kind: "count" },
			{ title: "requests", kind: "count" },
			{ title: "I/Os a request", kind: "decimal" },
			{ title: "errors", kind: "count" },
			{ title: "read", kind: "bytes" },
			{ title: "written", kind: "bytes" },
			{ title: "device time", kind: "duration" },
		],
		rows: blocks.map((row) => [
			...whoseCells(row, by),
			...[row.ios, row.requests, row.mergeRatio, row.errors],
			...[row.bytesRead, row.bytesWritten, row.deviceNs],
		]),
		omitted,
		whenEmpty: "No block I/O: none in this range, or no source that tells of it was recorded.",
	};
}

function stageTable({ by, blocks }: BlockResult): ReportTable {
	return {
		title: "Times of I/Os by stage",
		columns: [
			...whoseColumns(by),
			{ title: "stage", kind: "text" },
			{ title: "count", kind: "count" },
			{ title: "min", kind: "duration" },
			{ title: "average", kind: "duration" },
			{ title: "p50", kind: "duration" },
			{ title: "p99", kind: "duration" },
			{ title: "max", kind: "duration" },
			{ title: "of Q2C", kind: "percent" },
		],
		rows: blocks.flatMap((row) =>
			STAGES.filter((stage) => row.times[stage].count > 0).map((stage) => {
				const { count, min, average, p50, p99, max } = row.times[stage];
				return [
					...[...whoseCells(row, by), stage.toUpperCase()],
					...[count, min, average, p50, p99, max, shareOfQ2c(row, stage)],
				];
			}),
		),
		omitted: 0,
		whenEmpty: "",
	};
}

/** The time between two is no part of either's way. */
function shareOfQ2c({ times }: BlockRow, stage: Stage): number | null {
	const all = times.q2c.total;
	return stage === "q2q" || all === 0n ? null : Number(times[stage].total) / Number(all);
}

function patternTable({ by, blocks }: BlockResult): ReportTable {
	return {
		title: "Sizes of requests, sectors between I/Os, requests at a time",
		columns: [
			...whoseColumns(by),
			{ title: "min size", kind: "bytes" },
			{ title: "average", kind: "bytes" },
			{ title: "max", kind: "bytes" },
			{ title: "seeks", kind: "count" },
			{ title: "share", kind: "percent" },
			{ title: "mean", kind: "count" },
			{ title: "median", kind: "count" },
			{ title: "depth", kind: "decimal" },
			{ title: "with queue", kind: "decimal" },
		],
		rows: blocks.map((row) => {
			const { sizes, seeks } = row;
			return [
				...[...whoseCells(row, by), sizes.min, sizes.average, sizes.max],
				...[seeks.seeks, seeks.of === 0 ? null : seeks.seeks / seeks.of],
				...[seeks.mean, seeks.median, row.depth, row.queueDepth],
			];
		}),
		omitted: 0,
		whenEmpty: "",
	};
}
