import type { RecordedCall } from "../../syscalls/render-call.js";
import type { QueryDatabase, SqlValue } from "../query/query-database.js";
import { CallRenderer, tableOf } from "./call-renderer.js";
import { CALL_PATHS, defineReport, filterOf, type Scope } from "./report.js";

interface CallRow {
	/** ns from the session's start. */
	readonly atNs: bigint;
	readonly durNs: bigint | null;
	readonly cpu: number;
	readonly pid: number;
	readonly tid: number;
	readonly comm: string | null;
	readonly name: string;
	readonly abi: string;
	/** By name, in symbols. */
	readonly arguments: Readonly<Record<string, string>>;
	readonly ret: bigint | null;
	readonly errno: string | null;
	readonly path: string | null;
	readonly path2: string | null;
	readonly fdPath: string | null;
	/** As strace would print it. */
	readonly text: string;
}

interface CallsResult {
	readonly calls: readonly CallRow[];
	readonly omitted: number;
}

const DEFAULT_LIMIT = 1000;

/** What was called, one call after the other. */
export const calls = defineReport<CallsResult>({
	name: "calls",
	summary: "the calls one by one, arguments in symbols, as strace prints them",
	by: ["call"],
	filters: ["pid", "comm", "path"],

	build(database, scope) {
		if (!database.has("syscalls")) return { calls: [], omitted: 0 };
		const limit = scope.limit ?? DEFAULT_LIMIT;
		const found = readCalls(database, scope, limit);
		const omitted = found.length < limit ? 0 : countCalls(database, scope) - found.length;
		return { calls: found, omitted };
	},

	tables({ calls: rows, omitted }) {
		return [
			{
				title: "Calls",
				columns: [
					{ title: "at", kind: "offset" },
					{ title: "took", kind: "duration" },
					{ title: "pid", kind: "id" },
					{ title: "tid", kind: "id" },
					{ title: "comm", kind: "text" },
					{ title: "call", kind: "text", shrinks: true },
				],
				rows: rows.map(({ atNs, durNs, pid, tid, comm, text }) => [
					...[atNs, durNs, pid, tid],
					comm,
					text,
				]),
				omitted,
				whenEmpty:
					"No system calls: none in this range, or the source `syscalls` was not recorded.",
			},
		];
	},
});

type Row = readonly [
	ts: bigint,
	dur: bigint | null,
	cpu: bigint,
	pid: bigint,
	tid: bigint,
	comm: string | null,
	name: string,
	...registers: (bigint | null)[],
];

const REGISTERS = ["arg0", "arg1", "arg2", "arg3", "arg4", "arg5"];
const PATHS = ["path", "path2", "fd_path"];

function readCalls(database: QueryDatabase, scope: Scope, limit: number): readonly CallRow[] {
	const { where, values } = filterOf(scope, CALL_PATHS);
	const optional = (column: string): string =>
		database.has("syscalls", column) ? column : `NULL AS ${column}`;
	const columns = [
		...["ts", "dur", "cpu", "pid", "tid", "comm", "name", ...REGISTERS, "ret", "errno"],
		...PATHS,
		...["path_given", "path2_given", "abi"].map(optional),
	];
	const rows = database.rows<readonly SqlValue[]>(
		`SELECT ${columns.join(", ")} FROM syscalls ${where} ORDER BY ts, tid LIMIT ${limit}`,
		...values,
	);
	const renderer = new CallRenderer(database);
	return [...rows].map((row) => describe(row as unknown as Row, renderer, scope.facts.start));
}

function describe(row: Row, renderer: CallRenderer, start: bigint): CallRow {
	const [ts, dur, cpu, pid, tid, comm, name] = row;
	const registers = row.slice(7, 13) as (bigint | null)[];
	const [ret, errno, path, path2, fdPath, given, given2, abi] = row.slice(13) as unknown as [
		bigint | null,
		...(string | null)[],
	];
	const call: RecordedCall = {
		...{ name, table: tableOf(abi ?? null), registers, ret, errno: errno ?? null },
		...{ path: given ?? path ?? null, path2: given2 ?? path2 ?? null, fdPath: fdPath ?? null },
	};
	return {
		...{ atNs: ts - start, durNs: dur, cpu: Number(cpu), pid: Number(pid), tid: Number(tid) },
		...{ comm, name, abi: abi ?? "x86_64", arguments: renderer.arguments(call) },
		...{ ret, errno: call.errno, path: path ?? null, path2: path2 ?? null, fdPath: call.fdPath },
		text: renderer.call(call),
	};
}

function countCalls(database: QueryDatabase, scope: Scope): number {
	const { where, values } = filterOf(scope, CALL_PATHS);
	const rows = database.numberRows<[number]>(`SELECT count(*) FROM syscalls ${where}`, ...values);
	for (const [count] of rows) return count;
	return 0;
}
