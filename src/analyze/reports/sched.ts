import type { QueryDatabase } from "../query/query-database.js";
import { ExactSum } from "./exact-sum.js";
import { ProcessLookup } from "./process-lookup.js";
import { defineReport, limited, type ReportTable, type Scope } from "./report.js";
import { type SessionRange, sessionRange, wholeScope } from "./session-range.js";

interface StateCount {
	readonly state: string;
	readonly count: number;
}

interface TaskRow {
	readonly pid: number;
	/** Only when rows stand for threads. */
	readonly tid?: number;
	readonly upid: number | null;
	readonly comm: string;
	/** Slices that began in the range. */
	readonly slices: number;
	/** Their time, and what follows from it. */
	readonly cpuNs: bigint;
	readonly averageNs: number | null;
	readonly maxNs: number | null;
	/** Of all CPUs' time in the range, counting only the part of each slice inside it. */
	readonly share: number;
	/** What tasks were left in when a slice ended, commonest first. */
	readonly endStates: readonly StateCount[];
}

interface CpuRow {
	readonly cpu: number;
	readonly slices: number;
	/** Time inside the range that the CPU ran something else than its idle thread. */
	readonly busyNs: bigint;
	readonly busyShare: number;
}

interface SchedResult {
	readonly by: string;
	readonly rangeNs: bigint;
	readonly tasks: readonly TaskRow[];
	readonly omitted: number;
	readonly cpus: readonly CpuRow[];
}

/** Who had the CPUs, and how busy each CPU was. */
export const sched = defineReport<SchedResult>({
	name: "sched",
	summary: "CPU time by process or thread, busy share by CPU",
	by: ["process", "thread"],
	filters: ["pid", "comm"],

	build(database, asked) {
		const scope = wholeScope(asked);
		const window = sessionRange(scope);
		const rangeNs = BigInt(window.to - window.from);
		const tally = new Tally(scope.by === "thread");
		if (database.has("sched_slices")) tallySlices(database, scope, window, tally);
		const tasks = [...tally.tasks.values()].map((task) => task.row(window, tally.cpus.size));
		tasks.sort((a, b) => Number(b.cpuNs - a.cpuNs) || b.slices - a.slices || a.pid - b.pid);
		const { rows, omitted } = limited(tasks, scope.limit);
		const cpus = [...tally.cpus].map(([cpu, { slices, inside }]) => ({
			cpu,
			slices,
			busyNs: inside.value(),
			busyShare: shareOf(inside, window, 1),
		}));
		return {
			by: scope.by,
			rangeNs,
			tasks: rows,
			omitted,
			cpus: cpus.sort((a, b) => a.cpu - b.cpu),
		};
	},

	tables(result, scope) {
		const filtered = scope.pid !== undefined || scope.comm !== undefined;
		return [taskTable(result), cpuTable(result, filtered)];
	},
});

function taskTable({ by, tasks, omitted }: SchedResult): ReportTable {
	const perThread = by === "thread";
	return {
		title: perThread ? "CPU time by thread" : "CPU time by process",
		columns: [
			{ title: "pid", kind: "id" },
			...(perThread ? [{ title: "tid", kind: "id" } as const] : []),
			{ title: "comm", kind: "text" },
			{ title: "slices", kind: "count" },
			{ title: "cpu time", kind: "duration" },
			{ title: "average", kind: "duration" },
			{ title: "max", kind: "duration" },
			{ title: "share", kind: "percent" },
			{ title: "end states", kind: "text", shrinks: true },
		],
		rows: tasks.map((task) => [
			task.pid,
			...(perThread ? [task.tid ?? null] : []),
			task.comm,
			task.slices,
			task.cpuNs,
			task.averageNs,
			task.maxNs,
			task.share,
			task.endStates.map(({ state, count }) => `${state} ${count}`).join(", "),
		]),
		omitted,
		whenEmpty: "No scheduling: none in this range, or the source `sched` was not recorded.",
		notes: ["Wake-ups are not recorded, so the time from wake-up to running is not known."],
	};
}

function cpuTable({ cpus }: SchedResult, filtered: boolean): ReportTable {
	return {
		title: filtered ? "Share of each CPU's time, by what was asked for" : "Busy share by CPU",
		columns: [
			{ title: "cpu", kind: "id" },
			{ title: "slices", kind: "count" },
			{ title: "busy", kind: "duration" },
			{ title: "share", kind: "percent" },
		],
		rows: cpus.map((row) => [row.cpu, row.slices, row.busyNs, row.busyShare]),
		omitted: 0,
		whenEmpty: "",
	};
}

function tallySlices(
	database: QueryDatabase,
	scope: Scope,
	window: SessionRange,
	tally: Tally,
): void {
	const { facts, range } = scope;
	const lookup = new ProcessLookup(database, facts.start);
	// Slices that began before the range may reach into it: they have a share and no more.
	const rows = database.numberRows<
		[number, number, number | null, number, number, number, string | null, string | null]
	>(
		`SELECT ts - @start, (@since IS NULL OR ts >= @since), dur, cpu, pid, tid, comm, end_state
		 FROM sched_slices
		 WHERE (@until IS NULL OR ts < @until)
		   AND (@since IS NULL OR ts >= @since OR ts + dur > @since)
		   AND (@pid IS NULL OR pid = @pid) AND (@comm IS NULL OR comm = @comm)`,
		{
			start: facts.start,
			since: range.since ?? null,
			until: range.until ?? null,
			pid: scope.pid ?? null,
			comm: scope.comm ?? null,
		},
	);
	for (const [offset, began, duration, cpu, pid, tid, comm, endState] of rows) {
		// Thread 0 of a CPU is what runs when nothing does.
		if (tid === 0) continue;
		const end = duration === null ? window.to : offset + duration;
		const inside = Math.max(0, Math.min(end, window.to) - Math.max(offset, window.from));
		const upid = lookup.at(pid, offset)?.upid;
		const slice = { duration, endState, inside, began: began !== 0 };
		tally.add({ pid, tid, upid, comm: comm ?? "?", cpu }, slice);
	}
}

interface Runner {
	readonly pid: number;
	readonly tid: number;
	readonly upid: number | undefined;
	readonly comm: string;
	readonly cpu: number;
}

interface Slice {
	readonly duration: number | null;
	readonly endState: string | null;
	/** ns of it inside the range. */
	readonly inside: number;
	/** It began in the range. */
	readonly began: boolean;
}

class Tally {
	readonly tasks = new Map<string, TaskTally>();
	readonly cpus = new Map<number, { slices: number; readonly inside: ExactSum }>();

	constructor(readonly perThread: boolean) {}

	add(runner: Runner, slice: Slice): void {
		const process = runner.upid === undefined ? `pid ${runner.pid}` : String(runner.upid);
		const key = this.perThread ? `${process} ${runner.tid}` : process;
		let task = this.tasks.get(key);
		if (task === undefined) {
			task = new TaskTally(runner, this.perThread);
			this.tasks.set(key, task);
		}
		task.add(runner.comm, slice);
		let cpu = this.cpus.get(runner.cpu);
		if (cpu === undefined) {
			cpu = { slices: 0, inside: new ExactSum() };
			this.cpus.set(runner.cpu, cpu);
		}
		if (slice.began) cpu.slices++;
		cpu.inside.add(slice.inside);
	}
}

class TaskTally {
	readonly #cpuTime = new ExactSum();
	readonly #inside = new ExactSum();
	readonly #states = new Map<string, number>();
	#comm = "?";
	#slices = 0;
	#finished = 0;
	#max: number | null = null;

	constructor(
		readonly runner: Runner,
		readonly perThread: boolean,
	) {}

	add(comm: string, { duration, endState, inside, began }: Slice): void {
		// The last name: a new program keeps its process.
		this.#comm = comm;
		this.#inside.add(inside);
		if (!began) return;
		this.#slices++;
		if (endState !== null) this.#states.set(endState, (this.#states.get(endState) ?? 0) + 1);
		if (duration === null) return;
		this.#finished++;
		this.#cpuTime.add(duration);
		if (this.#max === null || duration > this.#max) this.#max = duration;
	}

	row(window: SessionRange, cpus: number): TaskRow {
		const states = [...this.#states].map(([state, count]) => ({ state, count }));
		const cpuNs = this.#cpuTime.value();
		return {
			pid: this.runner.pid,
			...(this.perThread ? { tid: this.runner.tid } : {}),
			upid: this.runner.upid ?? null,
			comm: this.#comm,
			slices: this.#slices,
			cpuNs,
			averageNs: this.#finished === 0 ? null : Math.round(Number(cpuNs) / this.#finished),
			maxNs: this.#max,
			share: shareOf(this.#inside, window, cpus),
			endStates: states.sort((a, b) => b.count - a.count || (a.state < b.state ? -1 : 1)),
		};
	}
}

function shareOf(inside: ExactSum, window: SessionRange, cpus: number): number {
	const available = (window.to - window.from) * cpus;
	return available === 0 ? 0 : Number(inside.value()) / available;
}
