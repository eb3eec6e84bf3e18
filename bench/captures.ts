/**
 * Recordings of one workload by each tracer, made once in the VM and then measured on the host:
 * bytes on disk, import and decoding, reports.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Bench, inGuest, readLost } from "./bench.js";
import { LTTNG, PERF, RELAYSCOPE_ALL, TRACE_CMD } from "./peers/tracers.js";

export interface Capture {
	readonly path: string;
	readonly bytes: number;
	readonly events: number;
	readonly lost: number;
}

export interface Captures {
	readonly relayscope: Capture;
	readonly lttng: Capture;
	readonly traceCmd: Capture;
	readonly perf: Capture;
}

/** What turns a capture of each peer into text, one event a line. */
export const TEXT_COMMANDS = {
	lttng: (path: string): string[] => ["babeltrace2", path],
	traceCmd: (path: string): string[] => ["trace-cmd", "report", "-i", path],
	perf: (path: string): string[] => ["perf", "script", "-i", path],
} as const;

const made = new Map<string, Promise<Captures>>();

export function getppidCalls(bench: Bench): number {
	return bench.quick ? 200_000 : 1_000_000;
}

/** Bursts and pauses that every tracer's reader keeps up with. */
export function getppidCaptures(bench: Bench): Promise<Captures> {
	return once("getppid", bench, `loop ${getppidCalls(bench)} 10000 40000`);
}

/** Compiling and searching: processes, files, pages, in the proportions of a build. */
export function mixedCaptures(bench: Bench): Promise<Captures> {
	const sources = join(bench.directory, "..", "..", "bench", "programs");
	const compile = `for source in ${sources}/*.c; do gcc -O1 -c -o /tmp/object.o $source; done`;
	const search = "grep -rl relay /usr/include/linux; ls -lR /usr/include/asm-generic";
	return once("mixed", bench, `sh -c '${compile}; { ${search}; } >/dev/null'`);
}

function once(name: string, bench: Bench, workload: string): Promise<Captures> {
	const known = made.get(name);
	if (known !== undefined) return known;
	const captures = make(name, bench, workload);
	made.set(name, captures);
	return captures;
}

async function make(name: string, bench: Bench, workload: string): Promise<Captures> {
	const tracers = [RELAYSCOPE_ALL, LTTNG, TRACE_CMD, PERF];
	const script = tracers.map(({ id }) => `trace_${id} "$OUT/${id}" ${workload}`).join("\n");
	const directory = await inGuest(bench, `captures-${name}`, script, { timeoutSeconds: 900 });
	const capture = (id: string, events: (path: string) => number): Capture => {
		const path = join(directory, id);
		return { path, bytes: traceBytes(path), events: events(path), lost: readLost(directory, id) };
	};
	return {
		relayscope: capture(RELAYSCOPE_ALL.id, recordedRecords),
		lttng: capture(LTTNG.id, (path) => countLines(TEXT_COMMANDS.lttng(path))),
		traceCmd: capture(TRACE_CMD.id, (path) => countLines(TEXT_COMMANDS.traceCmd(path))),
		perf: capture(PERF.id, (path) => countLines(TEXT_COMMANDS.perf(path))),
	};
}

function recordedRecords(path: string): number {
	const summary = execFileSync("cat", [`${path}.log`], { encoding: "utf8" });
	const records = /recorded ([\d,]+) record/.exec(summary)?.[1];
	if (records === undefined) throw new Error(`no count of records in: ${summary}`);
	return Number(records.replaceAll(",", ""));
}

function countLines(command: readonly string[]): number {
	const quoted = command.map((word) => `'${word}'`).join(" ");
	return Number(execFileSync("sh", ["-c", `${quoted} 2>/dev/null | wc -l`], { encoding: "utf8" }));
}

/** Everything that has to be kept, but a database that can be rebuilt. */
function traceBytes(path: string): number {
	const entry = statSync(path);
	if (entry.isFile()) return entry.size;
	return readdirSync(path, { recursive: true, withFileTypes: true })
		.filter((file) => file.isFile() && !file.name.startsWith("session.db"))
		.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}
