/** Builds modules for the virtual machine's kernel as their authors would: outside our build. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/base/package-root.js";
import { DEFAULT_KERNEL, ensureKernel } from "../../vm/kernel-cache.js";
import { silently } from "../../vm/progress.js";
import { toolchainFor } from "../../vm/toolchain.js";
import { TESTED_KERNEL } from "./guest.js";

/** Environment in which `make` builds a module with the host's compiler, for the kernel it fits. */
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
	if (header !== undefined) execFileSync("make", ["-C", directory, header], { env, stdio: "pipe" });
	edit(directory);
	const kernel = await ensureKernel(TESTED_KERNEL, silently);
	const { compiler, make } = await toolchainFor(kernel, silently);
	const variables = [
		...[`KDIR=${kernel.headersDirectory}`, `CC=${compiler}`],
		// Needs a tool (pahole) that nothing of ours does.
		"CONFIG_DEBUG_INFO_BTF_MODULES=",
	];
	const built = await make(
		["-C", directory, "modules", ...variables],
		[directory, kernel.directory],
	);
	if (built.status !== 0) throw new Error(`${name} was not built:\n${built.transcript}`);
	return directory;
}
