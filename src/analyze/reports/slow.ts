import { formatDuration } from "../../base/time.js";
import type { QueryDatabase } from "../query/query-database.js";
import {
	type CausedRequests,
	type CausingCall,
	callAt,
	requestsDuring,
} from "./call-and-request.js";
import { cpuTimeInside } from "./cpu-time-inside.js";
import { defineReport, type ReportTable, type Scope } from "./report.js";
import { type SlowCall, slowestCalls } from "./slowest-calls.js";
import { type SlowRequest, slowestRequests } from "./slowest-requests.js";

interface SlowCallRow extends Omit<SlowCall, "ts" | "dur"> {
	readonly what: "call";
	/** ns from the session's start. */
	readonly atNs: bigint;
	readonly durNs: bigint;
	/** Of its time, what its thread spent on a CPU; null when that is not known. */
	readonly cpuNs: bigint | null;
	/** Block requests that its thread queued meanwhile; absent: none. */
	readonly requests?: CausedRequests;
}

interface SlowRequestRow extends Omit<SlowRequest, "ts" | "q2c" | "q2i" | "i2d" | "d2c"> {
	readonly what: "request";
	/** ns from the session's start. */
	readonly atNs: bigint;
	/** From its first bio's queueing to its completion. */
	readonly durNs: bigint;
	/** Parts of that; null when not known. */
	readonly q2iNs: bigint | null;
	readonly i2dNs: bigint | null;
	readonly d2cNs: bigint | null;
	/** The call that its thread was in as it was queued; absent: none is known. */
	readonly call?: CausingCall;
}

type SlowRow = SlowCallRow | SlowRequestRow;

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
	summary: "what took longest, with its process, call, file and requests",
	by: ["any", "call", "request"],
	filters: ["pid", "comm", "path", "device"],

	build(database, scope) {
		const most = scope.limit ?? DEFAULT_LIMIT;
		// A call has no device, and a request no path.
		const calls =
			scope.by === "request" || scope.device !== undefined
				? { calls: [], of: 0, waiting: 0 }
				: slowestCalls(database, scope, most, scope.by === "call");
		const requests =
			scope.by === "call" || scope.path !== undefined
				? { requests: [], of: 0 }
				: slowestRequests(database, scope, most);
		const slowest = [
			...calls.calls.map((call) => callRow(database, scope, call)),
			...requests.requests.map((request) => requestRow(database, scope, request)),
		];
		slowest.sort((a, b) =>
			a.durNs === b.durNs ? Number(a.atNs - b.atNs) : a.durNs < b.durNs ? 1 : -1,
		);
		return {
			by: scope.by,
			slowest: slowest.slice(0, most),
			of: calls.of + requests.of,
			waiting: calls.waiting,
		};
	},

	tables(result) {
		return [slowTable(result)];
	},
});

function callRow(database: QueryDatabase, scope: Scope, call: SlowCall): SlowCallRow {
	const { ts, dur, ...rest } = call;
	const requests = requestsDuring(database, call.tid, ts, ts + dur);
	return {
		what: "call",
		atNs: ts - scope.facts.start,
		durNs: dur,
		...rest,
		cpuNs: cpuTimeInside(database, call.tid, ts, ts + dur),
		...(requests === undefined ? {} : { requests }),
	};
}

function requestRow(database: QueryDatabase, scope: Scope, request: SlowRequest): SlowRequestRow {
	const { ts, q2c, q2i, i2d, d2c, ...rest } = request;
	const call = callAt(database, request.tid, ts);
	return {
		what: "request",
		atNs: ts - scope.facts.start,
		durNs: q2c,
		...rest,
		...{ q2iNs: q2i, i2dNs: i2d, d2cNs: d2c },
		...(call === undefined ? {} : { call }),
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
			...(row.what === "call" ? [callText(row), callStory(row)] : []),
			...(row.what === "request" ? [requestText(row), requestStory(row)] : []),
		]),
		omitted: 0,
		whenEmpty: "Nothing that took a time: nothing in this range, or its source was not recorded.",
		notes: waiting > 0 ? [left] : [],
	};
}

function callText({ name, path, path2, fdPath, ret, errno }: SlowCallRow): string {
	const files = [path ?? fdPath, path2].filter((file) => file !== null);
	const result = errno ?? (ret === null ? "?" : String(ret));
	return `${[name, ...files].join(" ")} = ${result}`;
}

function callStory({ cpuNs, durNs, requests }: SlowCallRow): string {
	const parts: string[] = [];
	if (cpuNs !== null) {
		parts.push(`${formatDuration(cpuNs)} on a CPU, ${formatDuration(durNs - cpuNs)} off`);
	}
	if (requests !== undefined) {
		const { count, devices, longestNs } = requests;
		const longest = longestNs === null ? "" : `, longest ${formatDuration(longestNs)}`;
		parts.push(
			`${count} ${count === 1 ? "request" : "requests"} to ${devices.join(", ")}${longest}`,
		);
	}
	return parts.length === 0 ? "-" : parts.join("; ");
}

function requestText({ rwbs, dev, sector, bytes, error }: SlowRequestRow): string {
	const failed = error === null ? "" : ` = ${error}`;
	return `${rwbs} ${bytes} bytes at ${dev}+${sector}${failed}`;
}

function requestStory({ durNs, q2iNs, i2dNs, d2cNs, call }: SlowRequestRow): string {
	// One that never waited in a queue was not inserted anywhere.
	const beforeIssue =
		i2dNs === null && d2cNs !== null
			? ([["Q2D", durNs - d2cNs]] as const)
			: ([
					["Q2I", q2iNs],
					["I2D", i2dNs],
				] as const);
	const stages = [...beforeIssue, ["D2C", d2cNs]] as const;
	const parts = stages.flatMap(([name, time]) =>
		time === null ? [] : [`${name} ${formatDuration(time)}`],
	);
	const texts = parts.length === 0 ? [] : [parts.join(", ")];
	if (call !== undefined) {
		const file = call.path ?? call.fdPath;
		texts.push(`in ${call.name}${file === null ? "" : ` ${file}`}`);
	}
	return texts.length === 0 ? "-" : texts.join("; ");
}
