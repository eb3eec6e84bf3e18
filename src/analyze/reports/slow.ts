import { formatDuration } from "../../base/time.js";
import type { QueryDatabase } from "../query/query-database.js";
import { cpuTimeInside } from "./cpu-time-inside.js";
import { defineReport, type ReportTable, type Scope } from "./report.js";
import { type SlowCall, slowestCalls } from "./slowest-calls.js";

interface SlowRow {
	readonly what: "call";
	/** ns from the session's start. */
	readonly atNs: bigint;
	readonly durNs: bigint;
	readonly cpu: number;
	readonly pid: number;
	readonly tid: number;
	readonly comm: string | null;
	readonly name: string;
	readonly ret: bigint | null;
	readonly errno: string | null;
	readonly path: string | null;
	readonly path2: string | null;
	readonly fdPath: string | null;
	/** Of its time, what its thread spent on a CPU; null when that is not known. */
	readonly cpuNs: bigint | null;
}

interface SlowResult {
	readonly by: string;
	/** Longest first. */
	readonly slowest: readonly SlowRow[];
	/** Of how many that finished. */
	readonly of: number;
	/** Calls left out because waiting is what they are for. */
	readonly waiting: number;
}

const DEFAULT_LIMIT = 10;

/** What took longest, each with its story: who, what, which file, and where the time went. */
export const slow = defineReport<SlowResult>({
	name: "slow",
	summary: "what took longest, with its process, call and file",
	by: ["any", "call"],
	filters: ["pid", "comm", "path"],

	build(database, scope) {
		const most = scope.limit ?? DEFAULT_LIMIT;
		const { calls, of, waiting } = slowestCalls(database, scope, most, scope.by === "call");
		const slowest = calls.map((call) => storyOf(database, scope, call));
		return { by: scope.by, slowest, of, waiting };
	},

	tables(result) {
		return [slowTable(result)];
	},
});

function storyOf(database: QueryDatabase, scope: Scope, call: SlowCall): SlowRow {
	const { ts, dur, ...rest } = call;
	return {
		what: "call",
		atNs: ts - scope.facts.start,
		durNs: dur,
		...rest,
		cpuNs: cpuTimeInside(database, call.tid, ts, ts + dur),
	};
}

function slowTable({ slowest, of, waiting }: SlowResult): ReportTable {
	const left = `Calls that wait for something to happen are left out (${waiting}): --by call has them.`;
	return {
		title: `The slowest ${slowest.length} of ${of}`,
		columns: [
			{ title: "at", kind: "offset" },
			{ title: "took", kind: "duration" },
			{ title: "pid", kind: "id" },
			{ title: "comm", kind: "text" },
			{ title: "what", kind: "text", shrinks: true },
			{ title: "where the time went", kind: "text", shrinks: true },
		],
		rows: slowest.map((row) => [
			...[row.atNs, row.durNs, row.pid, row.comm],
			whatOf(row),
			whereOf(row),
		]),
		omitted: 0,
		whenEmpty: "Nothing that took a time: nothing in this range, or its source was not recorded.",
		notes: waiting > 0 ? [left] : [],
	};
}

function whatOf({ name, path, path2, fdPath, ret, errno }: SlowRow): string {
	const files = [path ?? fdPath, path2].filter((file) => file !== null);
	const result = errno ?? (ret === null ? "?" : String(ret));
	return `${[name, ...files].join(" ")} = ${result}`;
}

function whereOf({ cpuNs, durNs }: SlowRow): string {
	if (cpuNs === null) return "-";
	return `${formatDuration(cpuNs)} on a CPU, ${formatDuration(durNs - cpuNs)} off`;
}
