import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type ErrorCode, RelayscopeError } from "../src/base/error.js";

interface Tool {
	readonly name: string;
	/** Debian package that holds it. */
	readonly package: string;
	readonly code: ErrorCode;
	readonly purpose: string;
}

const TOOLS = {
	qemu: {
		name: "qemu-system-x86_64",
		package: "qemu-system-x86",
		code: "NO_QEMU",
		purpose: "run the virtual machine",
	},
	busybox: {
		name: "busybox",
		package: "busybox-static",
		code: "NO_QEMU",
		purpose: "start the virtual machine",
	},
	aptGet: { name: "apt-get", package: "apt", code: "NO_KERNEL", purpose: "download a kernel" },
	aptCache: { name: "apt-cache", package: "apt", code: "NO_KERNEL", purpose: "find a kernel" },
	dpkgDeb: { name: "dpkg-deb", package: "dpkg", code: "NO_KERNEL", purpose: "unpack a kernel" },
	depmod: {
		name: "depmod",
		package: "kmod",
		code: "NO_KERNEL",
		purpose: "index a kernel's modules",
	},
	xz: { name: "xz", package: "xz-utils", code: "NO_KERNEL", purpose: "unpack a kernel" },
	unshare: {
		name: "unshare",
		package: "util-linux",
		code: "NO_MODULES",
		purpose: "enter another Debian's build tools",
	},
	make: { name: "make", package: "make", code: "NO_MODULES", purpose: "build the kernel modules" },
} as const satisfies Record<string, Tool>;

/** An ordinary user's PATH often lacks the sbin directories, where depmod lives. */
const SBIN = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The absolute path of an executable, or undefined. */
export function findExecutable(name: string): string | undefined {
	const path = process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
	for (const directory of [...path.split(delimiter), ...SBIN]) {
		if (directory === "") continue;
		const candidate = join(directory, name);
		try {
			accessSync(candidate, constants.X_OK);
			return candidate;
		} catch {
			// Absent here: the next directory may have it.
		}
	}
	return undefined;
}

/** The absolute path of a tool the machine needs, or the error that names its package. */
export function requireTool(key: keyof typeof TOOLS): string {
	const tool: Tool = TOOLS[key];
	const path = findExecutable(tool.name);
	if (path !== undefined) return path;
	throw new RelayscopeError(
		tool.code,
		`${tool.name} is needed to ${tool.purpose} and is not installed`,
		{
			hint: `Install the Debian package: apt-get install ${tool.package}`,
		},
	);
}
