/** The same work recorded once by every tracer, for what is measured on the host afterwards. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./bench.js";
import { getppidLoops } from "./getppid-loops.js";
import { type Guest, type GuestWork, readLost } from "./guest-work.js";
import { LTTNG, PERF, RELAYSCOPE_ALL, TRACE_CMD, type Tracer } from "./peers/tracers.js";

export interface Capture {
	readonly path: string;
	readonly bytes: number;
	readonly events: number;
	readonly lost: number;
}

/** @throws when that tracer's recording failed. */
export type Captures = (tracer: Tracer) => Capture;

/** Commands that turn a peer's capture into text. */
export function textCommand(tracer: Tracer, path: string): string[] {
	if (tracer === LTTNG) return ["babeltrace2", path];
	if (tracer === TRACE_CMD) return ["trace-cmd", "report", "-i", path];
	if (tracer === PERF) return ["perf", "script", "-i", path];
	throw new Error(`${tracer.label} has no command that turns its recording into text`);
}

/** A quick run leaves out what no target names. */
export function mixedPeers(bench: Bench): readonly Tracer[] {
	return bench.quick ? [LTTNG] : [LTTNG, TRACE_CMD, PERF];
}

/** Compiling, copying, packing and searching: processes, files, pages, as in a build. */
export function mixedWork(bench: Bench): GuestWork {
	const sources = join(bench.directory, "..", "..", "bench", "programs");
	const workload = `sh -c '
for source in ${bench.quick ? "loop" : "loop paced usage"}; do
	gcc -O1 -c -o /tmp/object.o ${sources}/$source.c
done
cp -r /usr/include/${bench.quick ? "asm-generic" : "linux"} /tmp/tree
for pass in ${bench.quick ? "1" : "1 2"}; do
	cp -r /tmp/tree /tmp/copy
	{ grep -rl relay /tmp/copy; ls -lR /tmp/copy; tar -C /tmp/copy -cf /tmp/copy.tar .; } >/dev/null
	rm -r /tmp/copy /tmp/copy.tar
done
rm -r /tmp/tree'`;
	return {
		name: "mixed",
		clock: "time",
		untimed: true,
		limitSeconds: 600,
		script: [RELAYSCOPE_ALL, ...mixedPeers(bench)]
			.map(({ id }) => `attempt trace_${id} "$OUT/${id}" ${workload}`)
			.join("\n"),
	};
}

const known = new Map<string, Capture>();

export async function getppidCaptures(bench: Bench, guest: Guest): Promise<Captures> {
	return capturesIn(await guest.directoryOf(getppidLoops(bench)), ".0");
}

export async function mixedCaptures(bench: Bench, guest: Guest): Promise<Captures> {
	return capturesIn(await guest.directoryOf(mixedWork(bench)), "");
}

function capturesIn(directory: string, suffix: string): Captures {
	// Work that was done anew has another time.
	const done = statSync(join(directory, "status")).mtimeMs;
	return (tracer) => {
		const name = `${tracer.id}${suffix}`;
		const path = join(directory, name);
		const key = `${path} ${done}`;
		const capture = known.get(key) ?? {
			path,
			bytes: traceBytes(path),
			events:
				tracer === RELAYSCOPE_ALL ? recordedRecords(path) : countLines(textCommand(tracer, path)),
			lost: tracer === PERF ? perfLost(path) : readLost(directory, name),
		};
		known.set(key, capture);
		return capture;
	};
}

export function perfLost(path: string): number {
	const text = execFileSync("perf", ["report", "--stats", "-i", path], {
		encoding: "utf8",
		stdio: ["ignore", "pipe", "ignore"],
	});
	return [...text.matchAll(/LOST(?:_SAMPLES)? events: +(\d+)/g)].reduce(
		(sum, match) => sum + Number(match[1]),
		0,
	);
}

function recordedRecords(path: string): number {
	const summary = readFileSync(`${path}.log`, "utf8");
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
