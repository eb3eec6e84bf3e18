/** Builds kernel modules for a cached kernel, in a copy of their sources in the user's cache. */
import { createHash } from "node:crypto";
import {
	copyFileSync,
	cpSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	utimesSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join, relative } from "node:path";
import { RelayscopeError } from "../src/base/error.js";
import { packageRoot } from "../src/base/package-root.js";
import { cacheRoot, withLock } from "./cache.js";
import type { CachedKernel } from "./kernel-manifest.js";
import { type Progress, silently } from "./progress.js";
import { lastLines } from "./subprocess.js";
import { toolchainFor } from "./toolchain.js";

/** What a build leaves in a source tree: neither copied nor part of what identifies the sources. */
const ARTEFACT =
	/(\.(o|ko|a|mod|mod\.c|cmd|order|symvers|dwo)|^\.tmp_.*|^Module\.symvers|^modules\.order)$/;

const KEEP_UNUSED_MS = 7 * 24 * 3600 * 1000;

/** A module that is not ours, and is built where its author builds it. */
const FOREIGN = join("kmod", "relay", "sample");

/** Both are copied side by side, because the modules include `../include/uapi`. */
const SOURCE_FOLDERS = ["kmod", "include"] as const;

/**
 * The directory with the built `.ko` files, and the Module.symvers that modules using their
 * exported functions are built against. Built again only when a source, the kernel or its compiler
 * changed.
 */
export async function ensureModules(
	kernel: CachedKernel,
	options: {
		/** The directory that holds `kmod/` and perhaps `include/`. */
		readonly sources?: string;
		readonly progress?: Progress;
	} = {},
): Promise<string> {
	const sources = options.sources ?? packageRoot();
	const progress = options.progress ?? silently;
	const folder = join(cacheRoot(), "modules", kernel.release);
	const hash = hashSources(sources, kernel);
	const built = join(folder, hash);
	if (existsSync(built)) {
		const now = new Date();
		utimesSync(built, now, now);
		return built;
	}
	const onWait = (): void => progress("waiting for another process to build the kernel modules");
	return withLock(join(folder, `.${hash}.lock`), onWait, async () => {
		if (existsSync(built)) return built;
		progress(`building the kernel modules for ${kernel.release}`);
		const work = join(folder, `.${hash}.build`);
		rmSync(work, { recursive: true, force: true });
		copySources(sources, work);
		await make(kernel, work, progress);
		collect(join(work, "kmod"), join(work, "built"));
		renameSync(join(work, "built"), built);
		rmSync(work, { recursive: true, force: true });
		removeUnused(folder);
		return built;
	});
}

/** Every edit of a source leaves a directory behind. */
function removeUnused(folder: string): void {
	const oldest = Date.now() - KEEP_UNUSED_MS;
	for (const name of readdirSync(folder)) {
		const path = join(folder, name);
		if (statSync(path).mtimeMs < oldest) rmSync(path, { recursive: true, force: true });
	}
}

function hashSources(sources: string, kernel: CachedKernel): string {
	const hash = createHash("sha256").update(`${kernel.release}\0${kernel.directory}\0`);
	hash.update(`gcc-${kernel.gcc}\0`);
	for (const path of sourceFiles(sources)) {
		const content = readFileSync(join(sources, path));
		hash.update(`${path}\0${content.length}\0`).update(content);
	}
	return hash.digest("hex").slice(0, 16);
}

function sourceFiles(sources: string): string[] {
	if (!existsSync(join(sources, "kmod"))) {
		throw new RelayscopeError(
			"NO_MODULES",
			`there are no kernel module sources in ${sources}/kmod`,
			{
				hint: "Run from a complete checkout of the project",
			},
		);
	}
	const paths: string[] = [];
	for (const folder of SOURCE_FOLDERS) {
		const directory = join(sources, folder);
		if (!existsSync(directory)) continue;
		for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
			if (!entry.isFile() || ARTEFACT.test(entry.name)) continue;
			const path = relative(sources, join(entry.parentPath, entry.name));
			if (!path.startsWith(FOREIGN)) paths.push(path);
		}
	}
	return paths.sort();
}

function copySources(sources: string, work: string): void {
	for (const folder of SOURCE_FOLDERS) {
		const from = join(sources, folder);
		if (!existsSync(from)) continue;
		cpSync(from, join(work, folder), {
			recursive: true,
			filter: (path) => !ARTEFACT.test(basename(path)) && relative(sources, path) !== FOREIGN,
		});
	}
}

async function make(kernel: CachedKernel, directory: string, progress: Progress): Promise<void> {
	if (/[\s:]/.test(directory)) {
		throw new RelayscopeError(
			"NO_MODULES",
			`the kernel's build system cannot work in ${directory}: the path has a space or a colon`,
			{ hint: "Set XDG_CACHE_HOME to a directory without them" },
		);
	}
	const toolchain = await toolchainFor(kernel, progress);
	const args = [
		"-C",
		kernel.headersDirectory,
		`M=${join(directory, "kmod")}`,
		`CC=${toolchain.compiler}`,
	];
	// Type information that nothing of ours reads, and that needs one more tool (pahole) to make.
	args.push("CONFIG_DEBUG_INFO_BTF_MODULES=", `-j${availableParallelism()}`, "modules");
	const result = await toolchain.make(args, [kernel.directory, directory]);
	if (result.status === 0) return;
	throw new RelayscopeError(
		"NO_MODULES",
		`the kernel modules do not build for ${kernel.release}:\n${lastLines(result.transcript, 20)}`,
		{ hint: "The lines above are the compiler's; a missing tool is named in them" },
	);
}

function collect(from: string, to: string): void {
	mkdirSync(to, { recursive: true });
	for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile()) continue;
		if (!entry.name.endsWith(".ko") && entry.name !== "Module.symvers") continue;
		copyFileSync(join(entry.parentPath, entry.name), join(to, entry.name));
	}
}
