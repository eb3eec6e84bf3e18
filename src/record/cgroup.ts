import { readFileSync, statSync } from "node:fs";
import { join, normalize } from "node:path";

/** The id by which the kernel knows the cgroup of a path as /proc/PID/cgroup shows it, or its number. */
export function cgroupId(path: string): bigint | undefined {
	const root = cgroupMount();
	if (root === undefined) return undefined;
	try {
		const found = statSync(join(root, normalize(join("/", path))), { bigint: true });
		return found.isDirectory() ? found.ino : undefined;
	} catch {
		return undefined;
	}
}

/** Where the one hierarchy of version 2 is. */
function cgroupMount(): string | undefined {
	for (const line of readFileSync("/proc/self/mounts", "utf8").split("\n")) {
		const [, path = "", type] = line.split(" ");
		if (type === "cgroup2") return path.replaceAll("\\040", " ");
	}
	return undefined;
}
