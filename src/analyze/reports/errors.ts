import type { QueryDatabase } from "../query/query-database.js";
import { readCallErrors } from "./call-errors.js";
import { defineReport, limited, type ReportColumn, type Scope } from "./report.js";

interface ErrorRow {
	readonly name: string;
	readonly errno: string;
	readonly count: number;
	/** How many processes' calls these are; absent when rows stand for one. */
	readonly processes?: number;
	readonly pid?: number;
	readonly upid?: number | null;
	readonly comm?: string | null;
	/** Only when rows stand for files. */
	readonly path?: string;
	/** When the first and the last of them began; ns from the session's start. */
	readonly firstNs: number;
	readonly lastNs: number;
}

interface ErrorsResult {
	readonly by: string;
	readonly errors: readonly ErrorRow[];
	readonly omitted: number;
	/** Failed calls in scope. */
	readonly total: number;
	/** Of these, those that name no known file; only when rows stand for files. */
	readonly withoutPath?: number;
}

/** Calls that failed: which, how, whose, and on what. */
export const errors = defineReport<ErrorsResult>({
	name: "errors",
	summary: "calls that failed: by call and error, by process, by file",
	by: ["call", "process", "file"],
	filters: ["pid", "comm", "path"],

	build(database, scope) {
		const found = countErrors(database, scope);
		const sorted = found.groups
			.sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
			.map((group) => rowOf(group, scope.by));
		const { rows, omitted } = limited(sorted, scope.limit);
		const withoutPath = scope.by === "file" ? { withoutPath: found.withoutPath } : {};
		return { by: scope.by, errors: rows, omitted, total: found.total, ...withoutPath };
	},

	tables({ by, errors: rows, omitted, total, withoutPath = 0 }) {
		const note = `${withoutPath} of ${total} failed calls name no file that is known (record --strings).`;
		return [
			{
				title: TITLES[by] ?? "Errors",
				columns: [
					...(by === "process" ? WHOSE : []),
					{ title: "call", kind: "text" },
					{ title: "error", kind: "text" },
					{ title: "count", kind: "count" },
					...(by === "process" ? [] : [{ title: "processes", kind: "count" } as const]),
					{ title: "first", kind: "offset" },
					{ title: "last", kind: "offset" },
					...(by === "file" ? [{ title: "file", kind: "text", shrinks: true } as const] : []),
				],
				rows: rows.map((row) => [
					...(by === "process" ? [row.pid ?? null, row.comm ?? null] : []),
					...[row.name, row.errno, row.count],
					...(by === "process" ? [] : [row.processes ?? null]),
					...[row.firstNs, row.lastNs],
					...(by === "file" ? [row.path ?? null] : []),
				]),
				omitted,
				whenEmpty: EMPTY,
				notes: withoutPath > 0 ? [note] : [],
			},
		];
	},
});

const EMPTY = "No call failed in this range, or the source `syscalls` was not recorded.";
const TITLES: Readonly<Record<string, string>> = {
	call: "Errors",
	process: "Errors by process",
	file: "Errors by file",
};
const WHOSE: readonly ReportColumn[] = [
	{ title: "pid", kind: "id" },
	{ title: "comm", kind: "text" },
];

interface ErrorGroup {
	readonly key: string;
	readonly name: string;
	readonly errno: string;
	readonly pid: number;
	readonly upid: number | null;
	readonly comm: string | null;
	readonly path: string | null;
	readonly processes: Set<number | string>;
	count: number;
	first: number;
	last: number;
}

function countErrors(
	database: QueryDatabase,
	scope: Scope,
): { readonly groups: ErrorGroup[]; readonly total: number; readonly withoutPath: number } {
	const groups = new Map<string, ErrorGroup>();
	const byFile = scope.by === "file";
	let total = 0;
	let withoutPath = 0;
	readCallErrors(database, scope, byFile, (caller, path, errno, count, first, last) => {
		total += count;
		if (byFile && path === null) {
			withoutPath += count;
			return;
		}
		const { name, pid, upid, comm } = caller;
		const process = upid ?? `pid ${pid}`;
		const of = byFile ? path : scope.by === "process" ? process : "";
		const key = `${name} ${errno} ${of}`;
		let group = groups.get(key);
		if (group === undefined) {
			group = {
				...{ key, name, errno, pid, upid, comm, path, processes: new Set() },
				...{ count: 0, first, last },
			};
			groups.set(key, group);
		}
		group.count += count;
		group.first = Math.min(group.first, first);
		group.last = Math.max(group.last, last);
		group.processes.add(process);
	});
	return { groups: [...groups.values()], total, withoutPath };
}

function rowOf(group: ErrorGroup, by: string): ErrorRow {
	const { name, errno, count, pid, upid, comm, path, processes, first, last } = group;
	const whose = by === "process" ? { pid, upid, comm } : { processes: processes.size };
	const what = by === "file" && path !== null ? { path } : {};
	return { name, errno, count, ...whose, ...what, firstNs: first, lastNs: last };
}
