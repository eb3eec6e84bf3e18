/** Questions to a large session: a report over all of it, over a part, and one through an index. */
import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { getppidCaptures, textCommand } from "../captures.js";
import { getppidCalls, getppidLoops } from "../getppid-loops.js";
import { dropFromCache, relayscopeCommand, runMeasured } from "../host-run.js";
import { largeCalls, largeSession, largeWork } from "../large-session.js";
import { LTTNG, PERF } from "../peers/tracers.js";
import { atFullSize, type Figure, type Row } from "../row.js";

interface Span {
	readonly pid: number;
	readonly first: bigint;
	readonly last: bigint;
}

export const reportTime: Row = {
	name: "questions to a large session",
	work: (bench) => [getppidLoops(bench), largeWork(bench)],
	async measure(bench, guest) {
		const session = await largeSession(bench, guest);
		const file = join(session.path, "session.db");
		if (!existsSync(file)) runMeasured(bench, relayscopeCommand("import", session.path));
		const perf = (await getppidCaptures(bench, guest))(PERF);
		const span = loopSpan(file);
		const middle = span.first + (span.last - span.first) / 2n;
		const calls = largeCalls(bench);
		const factor = calls / getppidCalls(bench);
		const whole: number[] = [];
		const filtered: number[] = [];
		const indexed: number[] = [];
		const perfTrace: number[] = [];
		const grep: number[] = [];
		const text = join(bench.directory, "lttng.txt");
		// A text of this size is written once; reading it again and again is what grep is given.
		const babeltrace = runMeasured(bench, textCommand(LTTNG, session.lttngPath), text).seconds;
		const pattern = `getppid: .*cpu_id = 1`;
		for (let round = 0; round < bench.rounds; round++) {
			const report = (...options: string[]): number => {
				dropFromCache(file);
				const command = relayscopeCommand("report", session.path, "syscalls", ...options);
				return runMeasured(bench, command).seconds;
			};
			whole.push(report());
			filtered.push(report("--pid", String(span.pid), "--until", `${middle}ns`));
			indexed.push(oneSecond(file, span, middle));
			perfTrace.push(factor * runMeasured(bench, ["perf", "trace", "-s", "-i", perf.path]).seconds);
			// To /dev/null, grep would end at its first match.
			grep.push(1000 * runMeasured(bench, ["grep", "-c", pattern, text], `${text}.count`).seconds);
		}
		rmSync(text);
		rmSync(`${text}.count`);
		const bytes = statSync(file).size;
		const scaled = `on ${getppidCalls(bench)} calls x ${factor}, its start-up with it`;
		const common = {
			workload: `${calls} calls, ${bytes} bytes of database, not in the page cache${session.losses}`,
		};
		const reports = (peer: { name: string; values: number[] }, peerWorkload: string): Figure[] => [
			{
				name: "report syscalls, whole session",
				unit: "s",
				workload: `${common.workload}; peer ${peerWorkload}`,
				...{ ours: whole, peer },
				...atFullSize(bench, { of: "value", atMost: 1 }),
			},
			{
				name: "report syscalls, by pid and time",
				unit: "s",
				workload: `${common.workload}, half of them asked for; peer ${peerWorkload}, not filtered`,
				...{ ours: filtered, peer },
				...atFullSize(bench, { of: "value", atMost: 3 }),
			},
		];
		const figures = [
			...reports({ name: "perf trace -s", values: perfTrace }, scaled),
			...reports(
				{ name: "babeltrace2 to text", values: [babeltrace] },
				"on as many calls, once, counts nothing",
			),
			{
				name: "indexed question: one pid, one second",
				unit: "ms",
				workload: `count and longest of the loop's calls in a second, ${calls} calls, connection opened anew; peer finds a call and a CPU only, in the text of as many calls`,
				ours: indexed,
				peer: { name: "grep in babeltrace2's text", values: grep },
				...atFullSize(bench, { of: "value", atMost: 20 }),
			},
		];
		return figures.map((figure) => () => figure);
	},
};

function loopSpan(file: string): Span {
	const database = new Database(file, { readonly: true });
	database.defaultSafeIntegers(true);
	const row = database
		.prepare(
			"SELECT pid, min(ts) AS first, max(ts) AS last FROM syscalls WHERE comm = 'loop' GROUP BY pid",
		)
		.get() as { pid: bigint; first: bigint; last: bigint } | undefined;
	database.close();
	if (row === undefined) throw new Error("the large session does not hold its loop");
	return { pid: Number(row.pid), first: row.first, last: row.last };
}

/** A connection of its own: what a user's first question costs, the process's start apart. */
function oneSecond(file: string, span: Span, from: bigint): number {
	dropFromCache(file);
	const started = process.hrtime.bigint();
	const database = new Database(file, { readonly: true });
	database
		.prepare("SELECT count(*), max(dur) FROM syscalls WHERE pid = ? AND ts >= ? AND ts < ?")
		.get(span.pid, from, from + 1_000_000_000n);
	database.close();
	return Number(process.hrtime.bigint() - started) / 1e6;
}
