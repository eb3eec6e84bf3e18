/** What every row shares: the sizes of a run, the programs, the recordings made once. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../src/base/package-root.js";
import { cacheRoot } from "../vm/cache.js";
import { ensureKernel } from "../vm/kernel-cache.js";
import { runVm } from "../vm/machine.js";
import { tracerFunctions } from "./peers/tracers.js";

export const ROUNDS = 5;
export const QUICK_ROUNDS = 3;

/** LTTng's modules in Debian build for this kernel only. */
export const KERNEL = "6.1";

export interface Bench {
	readonly quick: boolean;
	/** Scratch, kept after the run for a closer look. */
	readonly directory: string;
	/** Of compiled programs. */
	readonly programs: string;
	/** A directory to bind over the guest's /lib/modules/RELEASE. */
	readonly lttngModules: string;
	say(line: string): void;
}

export async function prepareBench(quick: boolean): Promise<Bench> {
	const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`);
	const root = packageRoot();
	const directory = join(root, "out", "bench");
	mkdirSync(directory, { recursive: true });
	const kernel = await ensureKernel(KERNEL, say);
	const lttngModules = join(cacheRoot(), "bench", "lttng", kernel.release);
	const script = join(root, "bench", "peers", "build-lttng.sh");
	say("LTTng's kernel modules (two minutes the first time)");
	execFileSync("bash", [script, kernel.headersDirectory, kernel.modulesDirectory, lttngModules], {
		stdio: ["ignore", "ignore", "inherit"],
	});
	return { quick, directory, programs: compilePrograms(root, directory), lttngModules, say };
}

function compilePrograms(root: string, directory: string): string {
	const sources = join(root, "bench", "programs");
	const programs = join(directory, "programs");
	mkdirSync(programs, { recursive: true });
	for (const file of readdirSync(sources)) {
		const binary = join(programs, file.replace(/\.c$/, ""));
		const flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread"];
		execFileSync("gcc", [...flags, "-o", binary, join(sources, file)]);
	}
	return programs;
}

export interface GuestOptions {
	readonly timeoutSeconds: number;
	readonly subbufKiB?: number;
	readonly subbufs?: number;
	readonly instructionClock?: boolean;
	readonly cpus?: number;
}

/** As shipped by `relayscope record`; the peers are given the same. */
export const BUFFERS = { subbufKiB: 256, subbufs: 32 } as const;

/** An empty directory that the guest writes to as `$OUT`. */
export async function inGuest(
	bench: Bench,
	name: string,
	script: string,
	options: GuestOptions,
): Promise<string> {
	const directory = join(bench.directory, name);
	rmSync(directory, { recursive: true, force: true });
	mkdirSync(directory, { recursive: true });
	const { instructionClock, cpus } = options;
	const result = await runVm({
		command: ["bash", "-euo", "pipefail", "-c", `${prelude()}\n${script}`],
		kernel: KERNEL,
		share: directory,
		streams: "collect",
		memoryMiB: 3072,
		timeoutSeconds: options.timeoutSeconds,
		...(cpus === undefined ? {} : { cpus }),
		...(instructionClock === undefined ? {} : { instructionClock }),
		environment: {
			OUT: directory,
			PROGRAMS: bench.programs,
			LTTNG_MODULES: bench.lttngModules,
			SUBBUF_KIB: String(options.subbufKiB ?? BUFFERS.subbufKiB),
			SUBBUFS: String(options.subbufs ?? BUFFERS.subbufs),
		},
	});
	if (result.status !== 0) {
		throw new Error(`the guest's script ended with ${result.status}:\n${result.output}`);
	}
	return directory;
}

function prelude(): string {
	return `
clock=$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)
# Early after the boot the same counter goes by another name.
[ "$clock" = tsc ] || [ "$clock" = tsc-early ] || { echo "the guest's clock is $clock, not tsc"; exit 1; }
mount --bind "$LTTNG_MODULES" "/lib/modules/$(uname -r)"
PATH=$PATH:$PROGRAMS
cd "$OUT"
${tracerFunctions()}`;
}

/** What `loop` or `paced` printed. */
export function readLoop(directory: string, file: string): { bursts: number[]; rate: number } {
	const text = readFileSync(join(directory, file), "utf8");
	const bursts = [...text.matchAll(/^burst (\S+)$/gm)].map((match) => Number(match[1]));
	const rate = Number(/^rate (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
	return { bursts, rate };
}

/** Records a tracer said it lost, as its function wrote them. */
export function readLost(directory: string, data: string): number {
	const text = readFileSync(join(directory, `${data}.lost`), "utf8").trim();
	if (!/^\d+$/.test(text)) throw new Error(`no count of lost records for ${data}: ${text}`);
	return Number(text);
}
