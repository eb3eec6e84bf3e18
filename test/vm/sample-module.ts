/** Builds modules for the virtual machine's kernel as their authors would: outside our build. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
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

/**
 * Builds a copy of the module in `source`, changed by `edit` once its header is generated; the
 * copy's directory.
 */
export async function buildModule(
	source: string,
	name: string,
	edit: (directory: string) => void = () => undefined,
): Promise<string> {
	const directory = join(packageRoot(), "out", "test-modules", name);
	rmSync(directory, { recursive: true, force: true });
	mkdirSync(directory, { recursive: true });
	const from = join(packageRoot(), source);
	const files = readdirSync(from).filter((file) => /^(Makefile|\w+\.(c|proto))$/.test(file));
	const header = files.find((file) => file.endsWith(".proto"))?.replace(".proto", "_events.h");
	// What an earlier build left beside the sources is not copied, but generated anew.
	for (const file of files.filter((file) => !file.endsWith(".mod.c"))) {
		cpSync(join(from, file), join(directory, file));
	}
	const env = await moduleBuildEnvironment();
	const make = (target: string): void => {
		execFileSync("make", ["-C", directory, target], { env, stdio: "pipe" });
	};
	make(header ?? "modules");
	edit(directory);
	make("modules");
	return directory;
}
