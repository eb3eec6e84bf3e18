/** Stock Debian kernels, unpacked into the user's cache; nothing is installed on the host. */
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { RelayscopeError } from "../src/base/error.js";
import { AptRoot } from "./apt-root.js";
import { cacheRoot, withLock } from "./cache.js";
import { DEBUG_KERNEL, ensureDebugKernel } from "./debug-kernel.js";
import {
	type CachedKernel,
	type Manifest,
	readManifest,
	resolveManifest,
	writeManifest,
} from "./kernel-manifest.js";
import type { Progress } from "./progress.js";
import { lastLines, runTool } from "./subprocess.js";
import { requireTool } from "./tools.js";
import { extractVmlinux } from "./vmlinux.js";

export const DEFAULT_KERNEL = "6.1";

/** Where each version comes from. A suite may have several, and older ones than its newest. */
const SUITES: ReadonlyMap<string, readonly string[]> = new Map([
	["6.1", ["bookworm", "bookworm-security"]],
	["6.12", ["bookworm-backports"]],
	["7.2", ["trixie-backports"]],
	["7.3", ["trixie-backports"]],
]);

/** The versions that can be named. */
export const KERNELS: readonly string[] = [...SUITES.keys(), DEBUG_KERNEL];

/** Fetches and unpacks the kernel on first use; afterwards only reads its manifest. */
export async function ensureKernel(version: string, progress: Progress): Promise<CachedKernel> {
	if (version === DEBUG_KERNEL) return ensureDebugKernel(progress);
	const suites = SUITES.get(version);
	if (suites === undefined) {
		throw new RelayscopeError("NO_KERNEL", `no kernel version ${version} is known`, {
			hint: `Choose one of ${KERNELS.join(", ")}`,
		});
	}
	const kernels = join(cacheRoot(), "kernels");
	const directory = join(kernels, version);
	const cached = cachedKernel(directory, version);
	if (cached !== undefined) return cached;
	const onWait = (): void => progress(`waiting for another process to fetch kernel ${version}`);
	return withLock(join(kernels, `.${version}.lock`), onWait, async () => {
		const fetchedMeanwhile = cachedKernel(directory, version);
		if (fetchedMeanwhile !== undefined) return fetchedMeanwhile;
		const partial = join(kernels, `.${version}.partial`);
		const debs = join(partial, "debs");
		await download(partial, debs, version, suites, progress);
		const root = join(partial, "root");
		await unpack(debs, root, progress);
		const manifest = await prepare(root, directory, version);
		writeManifest(root, manifest);
		rmSync(directory, { recursive: true, force: true });
		renameSync(root, directory);
		rmSync(partial, { recursive: true, force: true });
		progress(`kernel ${manifest.release} is ready in ${directory}`);
		return resolveManifest(directory, manifest);
	});
}

/** What stands there under another version's name was fetched as the newest of its suite. */
function cachedKernel(directory: string, version: string): CachedKernel | undefined {
	const cached = readManifest(directory);
	return cached?.release.startsWith(`${version}.`) === true ? cached : undefined;
}

async function download(
	partial: string,
	debs: string,
	version: string,
	suites: readonly string[],
	progress: Progress,
): Promise<void> {
	mkdirSync(partial, { recursive: true });
	const apt = AptRoot.create(partial, suites);
	progress("reading Debian's package lists");
	await apt.update();
	for (const name of await kernelPackages(apt, version)) {
		progress(`downloading ${name}`);
		await apt.download(name, debs);
	}
}

/**
 * All packages of the version's newest kernel. Newer releases split the image into binary and
 * modules packages, so its dependencies are followed.
 */
async function kernelPackages(apt: AptRoot, version: string): Promise<string[]> {
	const concrete = /^linux-(image|binary|modules|headers|kbuild)-.*\d/;
	const release = newestRelease(await apt.packageNames(`linux-image-${version}.`), version);
	if (release === undefined) {
		throw new RelayscopeError("NO_KERNEL", `the Debian mirror offers no kernel ${version}`, {
			hint: "The suite may have moved to the archive: try another kernel version",
		});
	}
	const pending = [`linux-image-${release}`, `linux-headers-${release}`];
	const found = new Set(pending);
	for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
		for (const dependency of await apt.dependencies(name)) {
			if (!concrete.test(dependency) || found.has(dependency)) continue;
			found.add(dependency);
			pending.push(dependency);
		}
	}
	return [...found].sort();
}

/** Of the image packages named, the release of the newest plain one: not cloud, rt or unsigned. */
export function newestRelease(
	imagePackages: readonly string[],
	version: string,
): string | undefined {
	const plain = new RegExp(
		`^linux-image-(${version.replaceAll(".", "\\.")}\\.[0-9.]+(?:[+-](?:deb)?[0-9]+)*-amd64)$`,
	);
	const inOrder = new Intl.Collator("en", { numeric: true });
	return imagePackages
		.flatMap((name) => plain.exec(name)?.[1] ?? [])
		.sort(inOrder.compare)
		.at(-1);
}

async function unpack(debs: string, root: string, progress: Progress): Promise<void> {
	const dpkgDeb = requireTool("dpkgDeb");
	rmSync(root, { recursive: true, force: true });
	mkdirSync(root, { recursive: true });
	for (const name of readdirSync(debs).sort()) {
		progress(`unpacking ${name.split("_")[0] ?? name}`);
		await runOrThrow(dpkgDeb, ["-x", join(debs, name), root]);
	}
	rmSync(join(root, "usr/share"), { recursive: true, force: true });
}

/** `root` is what was unpacked, `directory` where it will live. */
async function prepare(root: string, directory: string, version: string): Promise<Manifest> {
	// Debian is moving /lib below /usr, package by package.
	mergeModules(join(root, "usr/lib/modules"), join(root, "lib/modules"));
	const release = only(join(root, "lib/modules"), /./);
	const modulesDirectory = `lib/modules/${release}`;
	const image = findImage(root, modulesDirectory);
	const headers = only(join(root, "usr/src"), /^linux-headers-.*-amd64$/);
	const headersDirectory = `usr/src/${headers}`;
	relocateHeaders(join(root, headersDirectory), directory);
	await runOrThrow(requireTool("depmod"), ["-b", root, release]);
	requireTool("xz");
	const kernel = extractVmlinux(readFileSync(join(root, image)));
	const plain = "boot/vmlinux";
	if (kernel !== undefined) {
		mkdirSync(join(root, "boot"), { recursive: true });
		writeFileSync(join(root, plain), kernel);
	}
	const variables = readFileSync(join(root, headersDirectory, ".kernelvariables"), "utf8");
	return {
		version,
		release,
		bootFile: kernel === undefined ? image : plain,
		modulesDirectory,
		headersDirectory,
		gcc: /gcc-(\d+)/.exec(variables)?.[1] ?? "",
	};
}

function mergeModules(from: string, to: string): void {
	if (!existsSync(from)) return;
	for (const release of readdirSync(from)) {
		mkdirSync(join(to, release), { recursive: true });
		for (const name of readdirSync(join(from, release))) {
			renameSync(join(from, release, name), join(to, release, name));
		}
	}
}

/** From Linux 7 on Debian keeps the image beside the modules. */
function findImage(root: string, modulesDirectory: string): string {
	const boot = join(root, "boot");
	return existsSync(boot) ? `boot/${only(boot, /^vmlinuz-/)}` : join(modulesDirectory, "vmlinuz");
}

/** The packaged headers include each other by the absolute paths of an installed kernel. */
function relocateHeaders(headers: string, directory: string): void {
	for (const name of ["Makefile", ".kernelvariables"]) {
		const path = join(headers, name);
		const text = readFileSync(path, "utf8");
		writeFileSync(path, text.replace(/(?<![\w.])\/usr\/(src|lib)\//g, `${directory}/usr/$1/`));
	}
}

function only(directory: string, pattern: RegExp): string {
	const names = readdirSync(directory).filter((name) => pattern.test(name));
	const [name] = names;
	if (name !== undefined && names.length === 1) return name;
	throw new RelayscopeError(
		"NO_KERNEL",
		`the kernel packages hold ${names.length} candidates in ${basename(directory)}, not one`,
		{ hint: "Report this: Debian's kernel packages are laid out in a way not seen before" },
	);
}

async function runOrThrow(command: string, args: readonly string[]): Promise<void> {
	const result = await runTool(command, args);
	if (result.status === 0) return;
	throw new RelayscopeError(
		"NO_KERNEL",
		`${basename(command)} failed:\n${lastLines(result.transcript, 5)}`,
		{ hint: "Check that the disk that holds the cache has room, then try again" },
	);
}
