/** Runs whole processes on the host and tells what they used. */
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../src/base/package-root.js";
import type { Bench } from "./bench.js";

export interface Usage {
	readonly seconds: number;
	readonly cpuSeconds: number;
	readonly peakMiB: number;
}

/** Output goes to /dev/null unless a file is named. @throws when the command fails. */
export function runMeasured(bench: Bench, command: readonly string[], output?: string): Usage {
	const file = join(bench.directory, "usage");
	const program = join(bench.programs, "usage");
	const stdout = output === undefined ? "ignore" : openSync(output, "w");
	const result = spawnSync(program, [file, ...command], {
		stdio: ["ignore", stdout, "pipe"],
		encoding: "utf8",
		maxBuffer: Number.POSITIVE_INFINITY,
	});
	if (stdout !== "ignore") closeSync(stdout);
	if (result.status !== 0) {
		throw new Error(`${command.join(" ")} ended with ${result.status}: ${result.stderr}`);
	}
	const [cpu = Number.NaN, peak = Number.NaN, wall = Number.NaN] = readFileSync(file, "utf8")
		.trim()
		.split(" ")
		.map(Number);
	return { seconds: wall / 1e6, cpuSeconds: cpu / 1e6, peakMiB: peak / 1024 };
}

export function relayscopeCommand(...args: readonly string[]): string[] {
	return [process.execPath, join(packageRoot(), "bin", "relayscope.js"), ...args];
}

/** Puts a file's pages out of the page cache. */
export function dropFromCache(path: string): void {
	const args = [`if=${path}`, "iflag=nocache", "count=0", "status=none"];
	spawnSync("dd", args, { stdio: "ignore" });
}
