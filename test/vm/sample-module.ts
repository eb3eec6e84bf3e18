/** Builds kmod/relay/sample for the virtual machine's kernel, as its author would: outside our build. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/base/package-root.js";
import { DEFAULT_KERNEL, ensureKernel } from "../../vm/kernel-cache.js";
import { silently } from "../../vm/progress.js";

/** Environment in which `make` builds a module for the virtual machine. */
export async function moduleBuildEnvironment(): Promise<NodeJS.ProcessEnv> {
	const { headersDirectory } = await ensureKernel(DEFAULT_KERNEL, silently);
	const entry = join(packageRoot(), "bin", "relayscope.js");
	return {
		...process.env,
		KDIR: headersDirectory,
		RELAYSCOPE: `${process.execPath} ${entry}`,
	};
}

/** A copy of the sample, changed by `edit` once its header is generated; its directory. */
export async function buildSample(
	name: string,
	edit: (directory: string) => void = () => undefined,
): Promise<string> {
	const directory = join(packageRoot(), "out", "test-modules", name);
	rmSync(directory, { recursive: true, force: true });
	mkdirSync(directory, { recursive: true });
	for (const file of ["sample.c", "sample.proto", "Makefile"]) {
		cpSync(join(packageRoot(), "kmod", "relay", "sample", file), join(directory, file));
	}
	const env = await moduleBuildEnvironment();
	const make = (target: string): void => {
		execFileSync("make", ["-C", directory, target], { env, stdio: "pipe" });
	};
	make("sample_events.h");
	edit(directory);
	make("modules");
	return directory;
}
