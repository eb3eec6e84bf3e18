/** Questions to a large session: a report over all of it, over a part, and one through an index. */
import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { getppidCaptures, textCommand } from "../captures.js";
import { getppidCalls, getppidLoops } from "../getppid-loops.js";
import { dropFromCache, relayscopeCommand, runMeasured } from "../host-run.js";
import { BESIDE, largeCalls, largeSession, largeWork } from "../large-session.js";
import { LTTNG, PERF } from "../peers/tracers.js";
import { atFullSize, type Figure, type Row } from "../row.js";

interface Life {
	readonly pid: number;
	readonly begin: bigint;
	readonly end: bigint;
}

interface Answer {
	readonly calls: number;
	readonly milliseconds: number;
}

export const reportTime: Row = {
	name: "questions to a large session",
	work: (bench) => [getppidLoops(bench), largeWork(bench)],
	async measure(bench, guest) {
		const session = await largeSession(bench, guest);
		const file = join(session.path, "session.db");
		if (!existsSync(file)) runMeasured(bench, relayscopeCommand("import", session.path));
		const captures = await getppidCaptures(bench, guest);
		const [perf, lttng] = [captures(PERF), captures(LTTNG)];
		const [loop, beside] = [lifeOf(file, "loop"), lifeOf(file, BESIDE)];
		const middle = loop.begin + (loop.end - loop.begin) / 2n;
		const calls = largeCalls(bench);
		const factor = calls / getppidCalls(bench);
		// What LTTng lost is not in its text.
		const textFactor = (2 * calls) / lttng.events;
		const whole: number[] = [];
		const filtered: number[] = [];
		const ofLoop: Answer[] = [];
		const ofBeside: Answer[] = [];
		const perfTrace: number[] = [];
		const babeltrace: number[] = [];
		const grep: number[] = [];
		const text = join(bench.directory, "lttng.txt");
		const pattern = `getppid: .*cpu_id = 1`;
		for (let round = 0; round < bench.rounds; round++) {
			const report = (...options: string[]): number => {
				dropFromCache(file);
				const command = relayscopeCommand("report", session.path, "syscalls", ...options);
				return runMeasured(bench, command).seconds;
			};
			whole.push(report());
			filtered.push(report("--pid", String(loop.pid), "--until", `${middle}ns`));
			ofLoop.push(oneSecond(file, loop.pid, middle));
			ofBeside.push(oneSecond(file, beside.pid, middle));
			perfTrace.push(factor * runMeasured(bench, ["perf", "trace", "-s", "-i", perf.path]).seconds);
			const written = runMeasured(bench, textCommand(LTTNG, lttng.path), text);
			babeltrace.push(textFactor * written.seconds);
			// To /dev/null, grep would end at its first match.
			const searched = runMeasured(bench, ["grep", "-c", pattern, text], `${text}.count`);
			grep.push(textFactor * 1000 * searched.seconds);
		}
		rmSync(text);
		rmSync(`${text}.count`);
		const bytes = statSync(file).size;
		const inSecond = callsIn(file, middle);
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
		const question = (name: string, answers: readonly Answer[], whose: string): Figure => ({
			name,
			unit: "ms",
			workload: `count and longest of ${whose} ${answers[0]?.calls ?? 0} calls in a second that holds ${inSecond}, ${calls} calls, connection opened anew; peer finds a call and a CPU only, in the text of ${lttng.events} records, x ${textFactor.toFixed(1)}`,
			ours: answers.map(({ milliseconds }) => milliseconds),
			peer: { name: "grep in babeltrace2's text", values: grep },
			...atFullSize(bench, { of: "value", atMost: 20 }),
		});
		const figures = [
			...reports({ name: "perf trace -s", values: perfTrace }, scaled),
			...reports(
				{ name: "babeltrace2 to text", values: babeltrace },
				`on ${lttng.events} records x ${textFactor.toFixed(1)}, counts nothing`,
			),
			question("indexed question: one pid, one second", ofLoop, "the loop's"),
			question(
				"indexed question: one pid among others, one second",
				ofBeside,
				"the paced process's",
			),
		];
		return figures.map((figure) => () => figure);
	},
};

const SECOND = 1_000_000_000n;

function lifeOf(file: string, comm: string): Life {
	const database = new Database(file, { readonly: true });
	database.defaultSafeIntegers(true);
	const row = database
		.prepare("SELECT pid, start_ts AS begin, end_ts AS end FROM process WHERE comm = ?")
		.get(comm) as { pid: bigint; begin: bigint; end: bigint } | undefined;
	database.close();
	if (row === undefined) throw new Error(`the large session does not hold ${comm}`);
	return { ...row, pid: Number(row.pid) };
}

function callsIn(file: string, from: bigint): number {
	const database = new Database(file, { readonly: true });
	const count = database
		.prepare("SELECT count(*) FROM syscalls WHERE ts >= ? AND ts < ?")
		.pluck()
		.get(from, from + SECOND);
	database.close();
	return Number(count);
}

/** A connection of its own: what a user's first question costs, the process's start apart. */
function oneSecond(file: string, pid: number, from: bigint): Answer {
	dropFromCache(file);
	const started = process.hrtime.bigint();
	const database = new Database(file, { readonly: true });
	const [calls] = database
		.prepare("SELECT count(*), max(dur) FROM syscalls WHERE pid = ? AND ts >= ? AND ts < ?")
		.raw()
		.get(pid, from, from + SECOND) as [number, number | null];
	database.close();
	return { calls, milliseconds: Number(process.hrtime.bigint() - started) / 1e6 };
}
