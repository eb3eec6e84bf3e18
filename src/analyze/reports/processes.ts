import type { CallGroup } from "../../store/window-figures.js";
import type { QueryDatabase } from "../query/query-database.js";
import { type CallSink, readCallFigures } from "./call-figures.js";
import { ExactSum } from "./exact-sum.js";
import { type ProcessLife, readProcessLives } from "./process-lives.js";
import { ProcessLookup } from "./process-lookup.js";
import { treeOrder } from "./process-tree.js";
import { defineReport, limited, type Scope } from "./report.js";

interface ProcessRow extends ProcessLife {
	/** Calls that began in the range, finished or not. */
	readonly syscalls: number;
	readonly errors: number;
	/** Null when scheduling was not recorded. */
	readonly cpuNs: bigint | null;
	readonly threads: number;
	/** Generations below the first process shown. */
	readonly depth: number;
}

interface ProcessesResult {
	readonly processes: readonly ProcessRow[];
	readonly omitted: number;
}

/** Who ran: the processes that lived in the range, parents before children. */
export const processes = defineReport<ProcessesResult>({
	name: "processes",
	summary: "who ran: command lines, lives, calls, CPU time",
	by: ["process"],
	filters: ["pid", "comm"],

	build(database, scope) {
		if (!database.has("process")) return { processes: [], omitted: 0 };
		const usage = measureUsage(database, scope);
		const threads = countThreads(database);
		const rows = readProcessLives(database, scope).map((process) => {
			const used = usage.byProcess.get(process.upid);
			return {
				...process,
				syscalls: used?.syscalls ?? 0,
				errors: used?.errors ?? 0,
				cpuNs: usage.hasCpu ? (used?.cpu.value() ?? 0n) : null,
				threads: threads.get(process.upid) ?? 1,
			};
		});
		const { rows: shown, omitted } = limited(treeOrder(rows), scope.limit);
		return { processes: shown, omitted };
	},

	tables({ processes: rows, omitted }) {
		return [
			{
				title: "Processes",
				columns: [
					{ title: "pid", kind: "id" },
					{ title: "ppid", kind: "id" },
					{ title: "uid", kind: "id" },
					{ title: "comm", kind: "text" },
					{ title: "start", kind: "offset" },
					{ title: "end", kind: "offset" },
					{ title: "duration", kind: "duration" },
					{ title: "calls", kind: "count" },
					{ title: "errors", kind: "count" },
					{ title: "cpu time", kind: "duration" },
					{ title: "threads", kind: "count" },
					{ title: "exit", kind: "id" },
					{ title: "command line", kind: "text", shrinks: true },
				],
				rows: rows.map((row) => [
					row.pid,
					row.ppid,
					row.uid,
					"  ".repeat(row.depth) + (row.comm ?? "?"),
					row.startNs,
					row.endNs,
					row.durationNs,
					row.syscalls,
					row.errors,
					row.cpuNs,
					row.threads,
					row.exitStatus,
					row.cmdline ?? row.exe,
				]),
				omitted,
				whenEmpty: "No process: none lived in this range, or none is the one asked for.",
			},
		];
	},
});

class Used implements CallSink {
	readonly cpu = new ExactSum();
	syscalls = 0;
	errors = 0;

	group(group: CallGroup): void {
		this.syscalls += group.finished + group.unfinished;
		this.errors += group.errors + group.unfinishedErrors;
	}

	call(_duration: number | null, failed: boolean): void {
		this.syscalls++;
		if (failed) this.errors++;
	}
}

function measureUsage(
	database: QueryDatabase,
	scope: Scope,
): { readonly byProcess: ReadonlyMap<number, Used>; readonly hasCpu: boolean } {
	const { start } = scope.facts;
	const lookup = new ProcessLookup(database, start);
	const byProcess = new Map<number, Used>();
	const usageOf = (upid: number): Used => {
		let used = byProcess.get(upid);
		if (used === undefined) {
			used = new Used();
			byProcess.set(upid, used);
		}
		return used;
	};
	const usedBy = (pid: number, offset: number): Used | undefined => {
		const process = lookup.at(pid, offset);
		return process === undefined ? undefined : usageOf(process.upid);
	};
	const range = `(@since IS NULL OR ts >= @since) AND (@until IS NULL OR ts < @until) AND (@pid IS NULL OR pid = @pid)`;
	const values = {
		start,
		since: scope.range.since ?? null,
		until: scope.range.until ?? null,
		pid: scope.pid ?? null,
	};
	const counted = readCallFigures(database, scope.range, ({ pid, upid }) => {
		if (upid === null || (scope.pid !== undefined && pid !== scope.pid)) return undefined;
		return usageOf(upid);
	});
	if (!counted && database.has("syscalls")) {
		const calls = database.numberRows<[number, number, number]>(
			`SELECT pid, ts - @start, errno IS NOT NULL FROM syscalls WHERE ${range}`,
			values,
		);
		for (const [pid, offset, failed] of calls) {
			usedBy(pid, offset)?.call(null, failed !== 0);
		}
	}
	let hasCpu = false;
	if (database.has("sched_slices")) {
		const slices = database.numberRows<[number, number, number]>(
			`SELECT pid, ts - @start, coalesce(dur, 0) FROM sched_slices WHERE ${range}`,
			values,
		);
		for (const [pid, offset, duration] of slices) {
			hasCpu = true;
			usedBy(pid, offset)?.cpu.add(duration);
		}
	}
	return { byProcess, hasCpu };
}

function countThreads(database: QueryDatabase): ReadonlyMap<number, number> {
	const counts = new Map<number, number>();
	if (!database.has("thread", "upid")) return counts;
	const rows = database.numberRows<[number, number]>(
		"SELECT upid, count(*) FROM thread GROUP BY upid",
	);
	for (const [upid, count] of rows) counts.set(upid, count);
	return counts;
}
