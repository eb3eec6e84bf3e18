/** What every row shares: the sizes of a run, the compiled programs, the guest. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../src/base/package-root.js";
import { chooseAccelerator } from "../vm/accelerator.js";
import { cacheRoot } from "../vm/cache.js";
import { ensureEmulator } from "../vm/emulator.js";
import { ensureKernel } from "../vm/kernel-cache.js";

const ROUNDS = 5;
const QUICK_ROUNDS = 1;

/** LTTng's modules in Debian build for this kernel only. */
export const KERNEL = "6.1";

export interface Bench {
	readonly quick: boolean;
	/** Runs of which a figure is the median. */
	readonly rounds: number;
	/** Scratch, kept after the run for a closer look. */
	readonly directory: string;
	/** Of compiled programs. */
	readonly programs: string;
	/** The start of QEMU's command line. */
	readonly qemu: readonly string[];
	/** A directory to bind over the guest's /lib/modules/RELEASE. */
	readonly lttngModules: string;
}

export async function prepareBench(quick: boolean, say: (line: string) => void): Promise<Bench> {
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
	const programs = compilePrograms(root, directory);
	const rounds = quick ? QUICK_ROUNDS : ROUNDS;
	const qemu = await ensureEmulator(await chooseAccelerator(kernel.bootFile), say);
	return { quick, rounds, directory, programs, qemu, lttngModules };
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
