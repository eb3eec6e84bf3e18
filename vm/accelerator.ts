/**
 * Chooses KVM only where a machine has been seen to boot with it. That /dev/kvm opens proves
 * nothing: under some hypervisors it does, and guests then hang.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, readFileSync, rmSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { cacheRoot, writeFileAtomic } from "./cache.js";
import { writeCpio } from "./cpio.js";
import { type Accelerator, machineArguments } from "./qemu.js";
import { requireTool } from "./tools.js";

const PROBE_LIMIT_MS = 3000;
const MARK = "kvm-works";

export async function chooseAccelerator(kernel: string): Promise<Accelerator> {
	try {
		accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
	} catch {
		return "tcg";
	}
	const remembered = join(cacheRoot(), `accelerator-${hostIdentity()}`);
	try {
		return readFileSync(remembered, "utf8") === "kvm\n" ? "kvm" : "tcg";
	} catch {
		// Not probed yet on this host.
	}
	const accelerator = (await bootsWithKvm(kernel, remembered)) ? "kvm" : "tcg";
	writeFileAtomic(remembered, `${accelerator}\n`);
	return accelerator;
}

/** A cache directory may be carried to, or shared with, another machine. */
function hostIdentity(): string {
	const identity = `${release()}\0${cpus()[0]?.model ?? ""}`;
	return createHash("sha256").update(identity).digest("hex").slice(0, 16);
}

async function bootsWithKvm(kernel: string, scratch: string): Promise<boolean> {
	const initramfs = `${scratch}.probe.cpio`;
	const console = `${scratch}.probe.log`;
	const init = `#!/bin/busybox sh\necho ${MARK}\n/bin/busybox poweroff -f\n`;
	const program = readFileSync(requireTool("busybox"));
	writeFileAtomic(
		initramfs,
		writeCpio([
			{ path: "bin", kind: "directory", mode: 0o755 },
			{ path: "bin/busybox", kind: "file", mode: 0o755, content: program },
			{ path: "init", kind: "file", mode: 0o755, content: Buffer.from(init) },
		]),
	);
	const [command = "", ...args] = machineArguments({
		...{ qemu: [requireTool("qemu")], accelerator: "kvm", cpus: 1, memoryMiB: 512 },
		...{ kernel, initramfs, console },
	});
	try {
		await runLimited(command, args);
		return readFileSync(console, "utf8").includes(MARK);
	} catch {
		return false;
	} finally {
		rmSync(initramfs, { force: true });
		rmSync(console, { force: true });
	}
}

function runLimited(command: string, args: readonly string[]): Promise<void> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { stdio: "ignore", detached: true });
		const limit = setTimeout(() => child.kill("SIGKILL"), PROBE_LIMIT_MS);
		child.on("error", reject);
		child.on("exit", (status) => {
			clearTimeout(limit);
			if (status === 0) resolve();
			else reject(new Error("the probe did not end by itself"));
		});
	});
}
