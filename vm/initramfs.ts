/** Builds the machine's first file system: a static busybox, the modules to reach 9p, and init. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { RelayscopeError } from "../src/base/error.js";
import { packageRoot } from "../src/base/package-root.js";
import { cacheRoot, writeFileAtomic } from "./cache.js";
import { type CpioEntry, writeCpio } from "./cpio.js";
import type { CachedKernel } from "./kernel-manifest.js";
import { moduleOrder } from "./module-order.js";
import { requireTool } from "./tools.js";

/** virtio_console first: its ports come up in the background while the file systems are mounted. */
const MODULES = ["virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay"];

/**
 * The archive's path. It is not compressed: the guest would spend half a second, emulated, to
 * unpack what the host reads in a millisecond.
 */
export function ensureInitramfs(kernel: CachedKernel): string {
	const busybox = requireTool("busybox");
	const init = readFileSync(join(packageRoot(), "vm/init.sh"));
	const program = readFileSync(busybox);
	const hash = createHash("sha256").update(MODULES.join()).update(init).update(program);
	const modulesDep = readFileSync(join(kernel.modulesDirectory, "modules.dep"), "utf8");
	hash.update(modulesDep);
	const name = `${kernel.release}-${hash.digest("hex").slice(0, 16)}.cpio`;
	const path = join(cacheRoot(), "initramfs", name);
	if (existsSync(path)) return path;
	requireStatic(busybox, program);
	const entries: CpioEntry[] = [
		"bin",
		"dev",
		"host",
		"modules",
		"overlay",
		"proc",
		"root",
		"sys",
	].map((directory) => ({ path: directory, kind: "directory", mode: 0o755 }));
	entries.push({ path: "bin/busybox", kind: "file", mode: 0o755, content: program });
	entries.push({ path: "init", kind: "file", mode: 0o755, content: init });
	for (const [index, file] of moduleOrder(modulesDep, MODULES).entries()) {
		const order = String(index).padStart(2, "0");
		entries.push({
			path: `modules/${order}-${basename(file).replace(/\.ko\..*$/, ".ko")}`,
			kind: "file",
			mode: 0o644,
			content: readModule(join(kernel.modulesDirectory, file)),
		});
	}
	writeFileAtomic(path, writeCpio(entries));
	return path;
}

/** The guest has nothing that could run a dynamic linker before the host's root is mounted. */
function requireStatic(path: string, program: Buffer): void {
	const segments = program.readUInt16LE(56);
	const table = Number(program.readBigUInt64LE(32));
	const interpreter = 3;
	for (let index = 0; index < segments; index += 1) {
		if (program.readUInt32LE(table + index * program.readUInt16LE(54)) !== interpreter) continue;
		throw new RelayscopeError("NO_QEMU", `${path} is not statically linked`, {
			hint: "Install the Debian package: apt-get install busybox-static",
		});
	}
}

function readModule(path: string): Buffer {
	const content = readFileSync(path);
	if (path.endsWith(".gz")) return gunzipSync(content);
	if (!path.endsWith(".xz")) return content;
	const result = spawnSync(requireTool("xz"), ["-dc", path], { maxBuffer: 1 << 28 });
	if (result.status === 0) return result.stdout;
	throw new RelayscopeError("NO_KERNEL", `xz could not decompress ${path}`, {
		hint: "The cached kernel may be damaged: delete its directory and try again",
	});
}
