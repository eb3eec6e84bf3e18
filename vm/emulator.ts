/**
 * The QEMU that emulates. Up to 8.0, a block of guest code that one processor translates while
 * another rewrites it may stay as it was (QEMU commit cb62bd15e14e): a kernel that turns a tracepoint
 * on or off then meets a breakpoint that is no longer there, again and again, with interrupts off. Seen
 * once in 20 to 200 starts and stops of a recording with 7.2, not in 1,200 with 10.0. KVM translates nothing.
 */
import { join } from "node:path";
import { RelayscopeError } from "../src/base/error.js";
import { ensurePackages } from "./debian-packages.js";
import type { Progress } from "./progress.js";
import type { Accelerator } from "./qemu.js";
import { runTool } from "./subprocess.js";
import { requireTool } from "./tools.js";

/** First version that locks a page of code before it translates it. */
const TRUSTED = [8, 1] as const;
const NEWER_RELEASE = "trixie";
const LIBRARIES = "usr/lib/x86_64-linux-gnu";

/** The start of a QEMU command line: a trusted one of the host's, else a newer Debian's. */
export async function ensureEmulator(
	accelerator: Accelerator,
	progress: Progress,
): Promise<readonly string[]> {
	const ofHost = requireTool("qemu");
	if (accelerator === "kvm") return [ofHost];
	const { stdout } = await runTool(ofHost, ["--version"]);
	if (isTrusted(stdout)) return [ofHost];
	let root: string;
	try {
		root = await ensurePackages(NEWER_RELEASE, ["qemu-system-x86"], "the emulator", progress);
	} catch (error) {
		if (!(error instanceof RelayscopeError)) throw error;
		progress(`using this machine's QEMU, under which a recording may hang: ${error.message}`);
		return [ofHost];
	}
	const libraries = join(root, LIBRARIES);
	// With its own libc and loader, for the host's are older.
	return [
		...[join(libraries, "ld-linux-x86-64.so.2"), "--library-path", libraries],
		join(root, "usr/bin/qemu-system-x86_64"),
		...["-L", join(root, "usr/share/qemu"), "-L", join(root, "usr/share/seabios")],
	];
}

/** `versionText` as `qemu-system-x86_64 --version` prints it. */
export function isTrusted(versionText: string): boolean {
	const [, major, minor] = /version (\d+)\.(\d+)/.exec(versionText) ?? [];
	if (major === undefined || minor === undefined) return false;
	return (
		Number(major) > TRUSTED[0] || (Number(major) === TRUSTED[0] && Number(minor) >= TRUSTED[1])
	);
}
