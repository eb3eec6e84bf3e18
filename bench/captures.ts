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

export interface Captures {
	readonly relayscope: Capture;
	readonly lttng: Capture;
	readonly traceCmd: Capture;
	readonly perf: Capture;
}

/** Commands that turn a peer's capture into text. */
export const TEXT_COMMANDS = {
	lttng: (path: string): string[] => ["babeltrace2", path],
	traceCmd: (path: string): string[] => ["trace-cmd", "report", "-i", path],
	perf: (path: string): string[] => ["perf", "script", "-i", path],
} as const;

/** Compiling, copying, packing and searching: processes, files, pages, as in a build. */
export function mixedWork(bench: Bench): GuestWork {
	const sources = join(bench.directory, "..", "..", "bench", "programs");
	const files = bench.quick ? "loop.c" : "*.c";
	const workload = `sh -c '
for source in ${sources}/${files}; do gcc -O1 -c -o /tmp/object.o $source; done
cp -r /usr/include/linux /tmp/tree
for pass in $(seq ${bench.quick ? 1 : 4}); do
	cp -r /tmp/tree /tmp/copy
	{ grep -rl relay /tmp/copy; ls -lR /tmp/copy; tar -C /tmp/copy -cf /tmp/copy.tar .; } >/dev/null
	rm -r /tmp/copy /tmp/copy.tar
done
rm -r /tmp/tree'`;
	return {
		name: "mixed",
		clock: "time",
		limitSeconds: 600,
		script: [RELAYSCOPE_ALL, LTTNG, TRACE_CMD, PERF]
			.map(({ id }) => `attempt trace_${id} "$OUT/${id}" ${workload}`)
			.join("\n"),
	};
}

const counted = new Map<string, Captures>();

export async function getppidCaptures(bench: Bench, guest: Guest): Promise<Captures> {
	return capturesIn(await guest.directoryOf(getppidLoops(bench)), ".0");
}

export async function mixedCaptures(bench: Bench, guest: Guest): Promise<Captures> {
	return capturesIn(await guest.directoryOf(mixedWork(bench)), "");
}

function capturesIn(directory: string, suffix: string): Captures {
	// Work that was done anew has another time.
	const key = `${directory} ${statSync(join(directory, "status")).mtimeMs}`;
	const known = counted.get(key);
	if (known !== undefined) return known;
	const capture = (tracer: Tracer, events: (path: string) => number): Capture => {
		const name = `${tracer.id}${suffix}`;
		const path = join(directory, name);
		return {
			path,
			bytes: traceBytes(path),
			events: events(path),
			lost: tracer === PERF ? perfLost(path) : readLost(directory, name),
		};
	};
	const captures = {
		relayscope: capture(RELAYSCOPE_ALL, recordedRecords),
		lttng: capture(LTTNG, (path) => countLines(TEXT_COMMANDS.lttng(path))),
		traceCmd: capture(TRACE_CMD, (path) => countLines(TEXT_COMMANDS.traceCmd(path))),
		perf: capture(PERF, (path) => countLines(TEXT_COMMANDS.perf(path))),
	};
	counted.set(key, captures);
	return captures;
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
