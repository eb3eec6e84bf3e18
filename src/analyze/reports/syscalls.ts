import type { QueryDatabase } from "../query/query-database.js";
import { CallTimes } from "./call-times.js";
import { readCallsIn } from "./calls-in-scope.js";
import { defineReport, type Limited, limited, type ReportColumn, type Scope } from "./report.js";

interface CallFigures {
	/** Finished calls. */
	readonly count: number;
	readonly errors: number;
	/** Calls that had not returned when the recording ended, such as exit_group. */
	readonly unfinished: number;
	/** ns; null when no call finished. */
	readonly totalNs: bigint;
	readonly averageNs: number | null;
	readonly p50Ns: number | null;
	readonly p99Ns: number | null;
	readonly maxNs: number | null;
}

interface CallRow extends CallFigures {
	readonly pid?: number;
	readonly upid?: number | null;
	readonly comm?: string | null;
	readonly name: string;
}

interface SyscallsResult {
	readonly by: string;
	readonly calls: readonly CallRow[];
	readonly omitted: number;
	readonly total: CallFigures;
}

/** Times and errors of system calls that began in the range. */
export const syscalls = defineReport<SyscallsResult>({
	name: "syscalls",
	summary: "calls by name: count, errors, total, average, percentiles",
	by: ["call", "process"],
	filters: ["pid", "comm", "path"],

	build(database, scope) {
		const groups = groupCalls(database, scope);
		const all = new CallTimes();
		for (const { times } of groups) all.merge(times);
		groups.sort(
			(a, b) =>
				Number(b.times.total.value() - a.times.total.value()) ||
				b.times.count - a.times.count ||
				(a.name < b.name ? -1 : a.name > b.name ? 1 : (a.pid ?? 0) - (b.pid ?? 0)),
		);
		const { rows, omitted }: Limited<Group> = limited(groups, scope.limit);
		return { by: scope.by, calls: rows.map(rowOf), omitted, total: figures(all) };
	},

	tables({ by, calls, omitted, total }) {
		const whose: ReportColumn[] = [
			{ title: "pid", kind: "id" },
			{ title: "comm", kind: "text" },
		];
		const rows = calls.map((row) => [
			...(by === "process" ? [row.pid ?? null, row.comm ?? null] : []),
			row.name,
			...cells(row),
		]);
		if (rows.length > 0)
			rows.push([...(by === "process" ? ["", ""] : []), "total", ...cells(total)]);
		return [
			{
				title: by === "process" ? "System calls by process" : "System calls",
				columns: [
					...(by === "process" ? whose : []),
					{ title: "call", kind: "text" },
					...FIGURE_COLUMNS,
				],
				rows,
				omitted,
				whenEmpty:
					"No system calls: none in this range, or the source `syscalls` was not recorded.",
			},
		];
	},
});

interface Group {
	readonly pid?: number;
	readonly upid?: number | null;
	readonly comm?: string | null;
	readonly name: string;
	readonly times: CallTimes;
}

function groupCalls(database: QueryDatabase, scope: Scope): Group[] {
	const byProcess = scope.by === "process";
	const groups = new Map<string, Group>();
	readCallsIn(database, scope, ({ name, pid, upid, comm }) => {
		const key = byProcess ? `${upid ?? `pid ${pid}`} ${name}` : name;
		let group = groups.get(key);
		if (group === undefined) {
			const whose = byProcess ? { pid, upid, comm } : {};
			group = { ...whose, name, times: new CallTimes() };
			groups.set(key, group);
		}
		return group.times;
	});
	return [...groups.values()].filter(({ times }) => times.count + times.unfinished > 0);
}

function rowOf(group: Group): CallRow {
	const { times, ...whose } = group;
	return { ...whose, ...figures(times) };
}

function figures(times: CallTimes): CallFigures {
	return {
		count: times.count,
		errors: times.errors,
		unfinished: times.unfinished,
		totalNs: times.total.value(),
		averageNs: times.average(),
		p50Ns: times.histogram.quantile(0.5) ?? null,
		p99Ns: times.histogram.quantile(0.99) ?? null,
		maxNs: times.histogram.max ?? null,
	};
}

const FIGURE_COLUMNS: readonly ReportColumn[] = [
	{ title: "count", kind: "count" },
	{ title: "errors", kind: "count" },
	{ title: "unfinished", kind: "count" },
	{ title: "total", kind: "duration" },
	{ title: "average", kind: "duration" },
	{ title: "p50", kind: "duration" },
	{ title: "p99", kind: "duration" },
	{ title: "max", kind: "duration" },
];

function cells(row: CallFigures): (number | bigint | null)[] {
	return [
		row.count,
		row.errors,
		row.unfinished,
		row.count === 0 ? null : row.totalNs,
		row.averageNs,
		row.p50Ns,
		row.p99Ns,
		row.maxNs,
	];
}
