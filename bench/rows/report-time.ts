/** Questions to a large session: a report over all of it, over a part, and one through an index. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { Bench } from "../bench.js";
import { getppidCalls, getppidCaptures, TEXT_COMMANDS } from "../captures.js";
import { dropFromCache, relayscopeCommand, runMeasured } from "../host-run.js";
import { largeCalls, largeSession } from "../large-session.js";
import { atFullSize, type Row, resultOf, roundsOf } from "../row.js";

interface Span {
	readonly pid: number;
	readonly first: bigint;
	readonly last: bigint;
}

export const reportTime: Row = {
	name: "questions to a large session",
	async measure(bench) {
		const session = await largeSession(bench);
		const file = join(session, "session.db");
		if (!existsSync(file)) runMeasured(bench, relayscopeCommand("import", session));
		const { perf, lttng } = await getppidCaptures(bench);
		const span = loopSpan(file);
		const middle = span.first + (span.last - span.first) / 2n;
		const factor = largeCalls(bench) / getppidCalls(bench);
		const whole: number[] = [];
		const filtered: number[] = [];
		const indexed: number[] = [];
		const perfTrace: number[] = [];
		const grep: number[] = [];
		const text = join(bench.directory, "lttng.txt");
		execFileSync("sh", ["-c", `${TEXT_COMMANDS.lttng(lttng.path).join(" ")} >${text}`]);
		for (let round = 0; round < roundsOf(bench); round++) {
			const report = (...options: string[]): number => {
				dropFromCache(file);
				const command = relayscopeCommand("report", session, "syscalls", ...options);
				return runMeasured(bench, command).seconds;
			};
			whole.push(report());
			filtered.push(report("--pid", String(span.pid), "--until", `${middle}ns`));
			indexed.push(oneSecond(file, span, middle));
			const seconds = runMeasured(bench, ["perf", "trace", "-s", "-i", perf.path]).seconds;
			perfTrace.push(seconds * factor);
			grep.push(grepSeconds(bench, text) * 1000 * factor);
		}
		const calls = largeCalls(bench);
		const bytes = statSync(file).size;
		return [
			resultOf({
				name: "report syscalls, whole session",
				unit: "s",
				workload: `${calls} calls, ${bytes} bytes of database, not in the page cache; peer's time on ${getppidCalls(bench)} calls x ${factor}, its start-up with it`,
				ours: whole,
				peer: { name: "perf trace -s", values: perfTrace },
				...atFullSize(bench, { of: "value", atMost: 1 }),
			}),
			resultOf({
				name: "report syscalls, by pid and time",
				unit: "s",
				workload: `${calls} calls, half of them asked for; the peer cannot filter by time and does all, x ${factor}`,
				ours: filtered,
				peer: { name: "perf trace -s", values: perfTrace },
				...atFullSize(bench, { of: "value", atMost: 3 }),
			}),
			resultOf({
				name: "indexed question: one pid, one second",
				unit: "ms",
				workload: `count and longest of the loop's calls in a second, ${calls} calls, connection opened anew; peer finds a call name only, its time on ${getppidCalls(bench)} calls x ${factor}`,
				ours: indexed,
				peer: { name: "grep in babeltrace2's text", values: grep },
				...atFullSize(bench, { of: "value", atMost: 20 }),
			}),
		];
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

function grepSeconds(bench: Bench, text: string): number {
	const program = join(bench.programs, "usage");
	const file = join(bench.directory, "usage");
	spawnSync(program, [file, "grep", "-c", "syscall_entry_getppid: .*cpu_id = 1", text]);
	const [, , wall = Number.NaN] = execFileSync("cat", [file], { encoding: "utf8" })
		.split(" ")
		.map(Number);
	return wall / 1e6;
}
