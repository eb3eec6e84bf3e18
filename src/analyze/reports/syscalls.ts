import type { QueryDatabase } from "../query/query-database.js";
import { readCallFigures } from "./call-figures.js";
import { CallTimes } from "./call-times.js";
import { ProcessLookup } from "./process-lookup.js";
import {
	CALL_PATHS,
	defineReport,
	filterOf,
	type Limited,
	limited,
	type ReportColumn,
	type Scope,
} from "./report.js";

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
	// Figures are by caller: whose call was about which file, only the rows tell.
	if (scope.path !== undefined) {
		return byProcess ? groupByProcess(database, scope) : groupByCall(database, scope);
	}
	const found = readCallFigures(database, scope.range, (caller) => {
		const { pid, upid, comm, processComm, name } = caller;
		if (scope.pid !== undefined && pid !== scope.pid) return undefined;
		if (scope.comm !== undefined && comm !== scope.comm) return undefined;
		const key = byProcess ? `${upid ?? `pid ${pid}`} ${name}` : name;
		let group = groups.get(key);
		if (group === undefined) {
			const whose = byProcess ? { pid, upid, comm: processComm } : {};
			group = { ...whose, name, times: new CallTimes() };
			groups.set(key, group);
		}
		return group.times;
	});
	if (found) return [...groups.values()].filter(({ times }) => times.count + times.unfinished > 0);
	return byProcess ? groupByProcess(database, scope) : groupByCall(database, scope);
}

function groupByCall(database: QueryDatabase, scope: Scope): Group[] {
	if (!database.has("syscalls")) return [];
	const { where, values } = filterOf(scope, CALL_PATHS);
	const rows = database.numberRows<[string, number | null, number]>(
		`SELECT name, dur, errno IS NOT NULL FROM syscalls ${where}`,
		...values,
	);
	const byName = new Map<string, CallTimes>();
	for (const [name, duration, failed] of rows) {
		let times = byName.get(name);
		if (times === undefined) {
			times = new CallTimes();
			byName.set(name, times);
		}
		times.call(duration, failed !== 0);
	}
	return [...byName].map(([name, times]) => ({ name, times }));
}

function groupByProcess(database: QueryDatabase, scope: Scope): Group[] {
	if (!database.has("syscalls")) return [];
	const { where, values } = filterOf(scope, CALL_PATHS);
	const rows = database.numberRows<[string, number, number, number | null, number]>(
		`SELECT name, pid, ts - ?, dur, errno IS NOT NULL FROM syscalls ${where}`,
		scope.facts.start,
		...values,
	);
	const lookup = new ProcessLookup(database, scope.facts.start);
	const groups = new Map<string, Group>();
	for (const [name, pid, offset, duration, failed] of rows) {
		const process = lookup.at(pid, offset);
		const key = `${process === undefined ? `pid ${pid}` : process.upid} ${name}`;
		let group = groups.get(key);
		if (group === undefined) {
			const whose = { pid, upid: process?.upid ?? null, comm: process?.comm ?? null };
			group = { ...whose, name, times: new CallTimes() };
			groups.set(key, group);
		}
		group.times.call(duration, failed !== 0);
	}
	return [...groups.values()];
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
