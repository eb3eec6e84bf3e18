/**
 * A 6.1 kernel that looks for our faults: Debian's sources, built with debug-kernel.config. It is
 * built where it stays, because the build directory is what modules are built against.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { RelayscopeError } from "../src/base/error.js";
import { packageRoot } from "../src/base/package-root.js";
import { AptRoot } from "./apt-root.js";
import { BuildRoot } from "./build-root.js";
import { cacheRoot, withLock } from "./cache.js";
import {
	type CachedKernel,
	type Manifest,
	readManifest,
	resolveManifest,
	writeManifest,
} from "./kernel-manifest.js";
import type { Progress } from "./progress.js";
import { lastLines, runTool } from "./subprocess.js";

export const DEBUG_KERNEL = "6.1-debug";

const SUITES = ["bookworm", "bookworm-security"];
const SOURCE_PACKAGE = "linux-source-6.1";
const COMPILER = "12";
const BUILD_PACKAGES = [
	...[`gcc-${COMPILER}`, "make", "flex", "bison", "bc", "libelf-dev", "libssl-dev"],
	...["kmod", "xz-utils", "python3-minimal"],
];

/** Builds it on first use and when its settings changed; about ten minutes on two processors. */
export async function ensureDebugKernel(progress: Progress): Promise<CachedKernel> {
	const fragment = join(packageRoot(), "vm/debug-kernel.config");
	const kernels = join(cacheRoot(), "kernels");
	const directory = join(
		kernels,
		`${DEBUG_KERNEL}-${hashSettings(readFileSync(fragment, "utf8"))}`,
	);
	const cached = readManifest(directory);
	if (cached !== undefined) return cached;
	const onWait = (): void => progress("waiting for another process to build the debug kernel");
	return withLock(`${directory}.lock`, onWait, async () => {
		const builtMeanwhile = readManifest(directory);
		if (builtMeanwhile !== undefined) return builtMeanwhile;
		const root = await BuildRoot.ensure("bookworm", BUILD_PACKAGES, progress);
		const source = join(directory, "source");
		if (!existsSync(source)) await fetchSource(directory, source, progress);
		progress("building the debug kernel, ten minutes or so");
		// Below the directory, so that it is visible in the build root.
		const settings = join(directory, "fragment.config");
		await runTool("cp", [fragment, settings]);
		const script = buildScript(directory, settings);
		const build = await root.run(["nice", "bash", "-euc", script], [directory]);
		if (build.status !== 0) throw buildFailure(build.transcript);
		const manifest = describe(directory);
		writeManifest(directory, manifest);
		return resolveManifest(directory, manifest);
	});
}

/** Comments do not make another kernel. */
function hashSettings(fragment: string): string {
	const settings = fragment
		.split("\n")
		.filter((line) => /^(CONFIG_|# CONFIG_\w+ is not set)/.test(line));
	return createHash("sha256").update(settings.sort().join("\n")).digest("hex").slice(0, 12);
}

async function fetchSource(directory: string, source: string, progress: Progress): Promise<void> {
	const partial = join(directory, "partial");
	rmSync(partial, { recursive: true, force: true });
	mkdirSync(partial, { recursive: true });
	const apt = AptRoot.create(partial, SUITES);
	progress("reading Debian's package lists");
	await apt.update();
	progress(`downloading ${SOURCE_PACKAGE}`);
	await apt.download(SOURCE_PACKAGE, partial);
	progress(`unpacking ${SOURCE_PACKAGE}`);
	const unpack = `dpkg-deb --fsys-tarfile ${SOURCE_PACKAGE}_*.deb | tar -x
tar -xf usr/src/${SOURCE_PACKAGE}.tar.xz`;
	const result = await runTool("sh", ["-ec", unpack], { cwd: partial });
	if (result.status !== 0) throw buildFailure(result.transcript);
	renameSync(join(partial, SOURCE_PACKAGE), source);
	rmSync(partial, { recursive: true, force: true });
}

function buildScript(directory: string, settings: string): string {
	const build = join(directory, "build");
	return `export LC_ALL=C.UTF-8 KBUILD_BUILD_USER=relayscope KBUILD_BUILD_HOST=relayscope
cd ${directory}/source
mkdir -p ${build}
make="make O=${build} CC=gcc-${COMPILER} HOSTCC=gcc-${COMPILER} -j${availableParallelism() + 1}"
if ! [ -e ${build}/configured ]; then
	$make x86_64_defconfig kvm_guest.config
	scripts/kconfig/merge_config.sh -m -O ${build} ${build}/.config ${settings}
	$make olddefconfig
	touch ${build}/configured
fi
$make bzImage modules
rm -rf ${directory}/lib
$make INSTALL_MOD_PATH=${directory} modules_install
`;
}

function describe(directory: string): Manifest {
	const [release = ""] = readdirSync(join(directory, "lib/modules"));
	return {
		version: DEBUG_KERNEL,
		release,
		// Instrumented code at the plain kernel's PVH entry runs before there is a shadow to look at.
		bootFile: "build/arch/x86/boot/bzImage",
		modulesDirectory: `lib/modules/${release}`,
		headersDirectory: "build",
		gcc: COMPILER,
	};
}

function buildFailure(transcript: string): RelayscopeError {
	return new RelayscopeError(
		"NO_KERNEL",
		`the debug kernel could not be built:\n${lastLines(transcript, 20)}`,
		{ hint: "Check that the disk that holds the cache has 5 GB of room, then try again" },
	);
}
