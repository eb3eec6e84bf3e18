/** Runs one command in a disposable virtual machine. README.md in this folder tells how. */
import { randomBytes } from "node:crypto";
import { readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { RelayscopeError } from "../src/base/error.js";
import { packageRoot } from "../src/base/package-root.js";
import { chooseAccelerator } from "./accelerator.js";
import { writeCpio } from "./cpio.js";
import { DEBUG_KERNEL } from "./debug-kernel.js";
import { ensureEmulator } from "./emulator.js";
import { formatParameters } from "./guest-parameters.js";
import { ensureInitramfs } from "./initramfs.js";
import { DEFAULT_KERNEL, ensureKernel } from "./kernel-cache.js";
import type { CachedKernel } from "./kernel-manifest.js";
import { ensureModules } from "./modules.js";
import { type Progress, silently } from "./progress.js";
import { machineArguments, portArguments, shareArguments } from "./qemu.js";
import { RunDirectory } from "./run-directory.js";
import { requireTool } from "./tools.js";
import { type ProcessOptions, VmProcess, type VmResult } from "./vm-process.js";

export type { VmResult };

export interface VmOptions extends ProcessOptions {
	readonly command: readonly string[];
	/** A version that ensureKernel knows. */
	readonly kernel?: string;
	/** Writable in the guest at its own path; the current directory unless named. */
	readonly share?: string;
	readonly cpus?: number;
	readonly memoryMiB?: number;
	/** Emulate, with a clock that counts instructions: measures that no other load disturbs. */
	readonly instructionClock?: boolean;
	/** Added to the kernel's command line. */
	readonly append?: string;
	/** Holds `kmod/`: the package unless named. `null` = build and offer no modules. */
	readonly modulesFrom?: string | null;
	/** Added to the command's environment, which is not the caller's. */
	readonly environment?: Readonly<Record<string, string>>;
	/** Told of downloads, unpacking and builds; silent once all of it is cached. */
	readonly progress?: Progress;
	/** Told that the machine is about to boot, which takes seconds; `onStart` tells the end of it. */
	readonly onBoot?: Progress;
}

/** Memory file systems of the guest, which cover what the host has there; see init.sh. */
const COVERED = ["/tmp", "/run", "/dev", "/proc", "/sys"];

export async function runVm(options: VmOptions): Promise<VmResult> {
	if (options.command.length === 0) {
		throw new RelayscopeError("BAD_ARGUMENT", "no command to run in the virtual machine", {
			hint: "Name it after --, as in: relayscope vm -- uname -r",
		});
	}
	const share = resolveShare(options.share ?? process.cwd());
	const progress = options.progress ?? silently;
	// Said at once, not after a download of minutes.
	requireTool("qemu");
	requireTool("busybox");
	const kernel = await ensureKernel(options.kernel ?? DEFAULT_KERNEL, progress);
	const modules = await findModules(kernel, options, progress);
	const base = ensureInitramfs(kernel);
	const { instructionClock } = options;
	const accelerator = instructionClock === true ? "tcg" : await chooseAccelerator(kernel.bootFile);
	const qemu = await ensureEmulator(accelerator, progress);
	const directory = new RunDirectory();
	try {
		const trailer = `relayscope-end-of-stream-${randomBytes(16).toString("hex")}`;
		const initramfs = join(directory.path, "initramfs.cpio");
		const parameters = describeGuest(kernel, modules, share, trailer, options);
		const content = Buffer.from(parameters);
		const entry = { path: "parameters", kind: "file", mode: 0o644, content } as const;
		writeFileSync(initramfs, Buffer.concat([readFileSync(base), writeCpio([entry])]));
		const args = [
			...machineArguments({
				...{ qemu, accelerator, initramfs, kernel: kernel.bootFile, append: options.append },
				instructionClock,
				...{ cpus: options.cpus ?? 2, memoryMiB: options.memoryMiB ?? 2048 },
				console: directory.console,
			}),
			...portArguments(),
			...shareArguments(share),
		];
		options.onBoot?.(`booting kernel ${kernel.release} (${accelerator})`);
		return await new VmProcess(args, trailer, { ...patience(kernel), ...options }, directory).run();
	} finally {
		directory.remove();
	}
}

/** Emulated, the debug kernel boots in minutes. */
function patience(kernel: CachedKernel): Pick<ProcessOptions, "bootSeconds"> {
	return kernel.version === DEBUG_KERNEL ? { bootSeconds: 900 } : {};
}

function resolveShare(path: string): string {
	let share: string;
	try {
		share = realpathSync(path);
	} catch (cause) {
		throw new RelayscopeError("BAD_ARGUMENT", `the directory to share, ${path}, does not exist`, {
			hint: "Create it, or name another with --share",
			cause,
		});
	}
	if (!statSync(share).isDirectory()) {
		throw new RelayscopeError("BAD_ARGUMENT", `${path} is not a directory and cannot be shared`, {
			hint: "Name its directory with --share",
		});
	}
	if (share === "/" || /^\/(dev|proc|sys)(\/(?!shm\/)|$)/.test(share)) {
		throw new RelayscopeError("BAD_ARGUMENT", `${share} cannot be shared with a virtual machine`, {
			hint: "Name a directory of ordinary files with --share",
		});
	}
	return share;
}

async function findModules(
	kernel: CachedKernel,
	options: VmOptions,
	progress: Progress,
): Promise<string | undefined> {
	if (options.modulesFrom === null) return undefined;
	return ensureModules(kernel, { sources: options.modulesFrom ?? packageRoot(), progress });
}

function describeGuest(
	kernel: CachedKernel,
	modules: string | undefined,
	share: string,
	trailer: string,
	options: VmOptions,
): string {
	const home = homedir();
	const environment = new Map([
		["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
		["HOME", home],
		["USER", "root"],
		["LOGNAME", "root"],
		["SHELL", "/bin/sh"],
	]);
	for (const name of ["TERM", "LANG", "LC_ALL", "TZ", "NO_COLOR"]) {
		const value = process.env[name];
		if (value !== undefined) environment.set(name, value);
	}
	if (modules !== undefined) environment.set("RELAYSCOPE_MODULES", modules);
	for (const [name, value] of Object.entries(options.environment ?? {})) {
		environment.set(name, value);
	}
	const current = process.cwd();
	const wanted = [process.execPath, packageRoot(), home, ...(modules ? [modules] : [])];
	return formatParameters({
		release: kernel.release,
		modules: kernel.modulesDirectory,
		share,
		// Elsewhere the guest's writes would be lost without a word.
		workingDirectory: isBelow(current, share) ? current : share,
		exposed: wanted.filter((path) => COVERED.some((covered) => isBelow(path, covered))),
		command: options.command,
		environment,
		entry: [process.execPath, join(packageRoot(), "bin/relayscope.js")],
		stdinForwarded: options.streams === "inherit" || options.input !== undefined,
		trailer,
	});
}

function isBelow(path: string, directory: string): boolean {
	return path === directory || path.startsWith(`${directory}/`);
}
