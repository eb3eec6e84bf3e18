/**
 * Packages of another Debian release with all they need, unpacked into the user's cache. No
 * maintainer script runs and nothing is installed on the host.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { RelayscopeError } from "../src/base/error.js";
import { AptRoot } from "./apt-root.js";
import { cacheRoot, withLock } from "./cache.js";
import type { Progress } from "./progress.js";
import { runTool } from "./subprocess.js";
import { requireTool } from "./tools.js";

/** Links that maintainer scripts would make. */
const MERGED_DIRECTORIES = ["bin", "sbin", "lib", "lib64"];

/** The root directory they are unpacked in. `purpose`, as in "the compiler", is for progress. */
export async function ensurePackages(
	suite: string,
	packages: readonly string[],
	purpose: string,
	progress: Progress,
): Promise<string> {
	const hash = createHash("sha256").update(packages.join("\0")).digest("hex").slice(0, 12);
	const roots = join(cacheRoot(), "roots");
	const path = join(roots, `${suite}-${hash}`);
	const onWait = (): void => progress(`waiting for another process to fetch ${purpose}`);
	if (existsSync(path)) return path;
	return withLock(join(roots, `.${suite}-${hash}.lock`), onWait, async () => {
		if (existsSync(path)) return path;
		const partial = join(roots, `.${suite}-${hash}.partial`);
		progress(`fetching ${purpose} of Debian ${suite}`);
		mkdirSync(partial, { recursive: true });
		const apt = AptRoot.create(partial, [suite]);
		await apt.update();
		const archives = await apt.downloadWithDependencies(packages);
		const root = join(partial, "root");
		await unpack(archives, root);
		renameSync(root, path);
		rmSync(partial, { recursive: true, force: true });
		return path;
	});
}

async function unpack(archives: string, root: string): Promise<void> {
	rmSync(root, { recursive: true, force: true });
	for (const name of MERGED_DIRECTORIES) {
		mkdirSync(join(root, "usr", name), { recursive: true });
		symlinkSync(`usr/${name}`, join(root, name));
	}
	requireTool("dpkgDeb");
	// dpkg-deb's own unpacking may replace the links above by directories.
	const script = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"';
	for (const name of readdirSync(archives).filter((entry) => entry.endsWith(".deb"))) {
		const result = await runTool("sh", ["-c", script, "sh", join(archives, name), root]);
		if (result.status === 0) continue;
		throw new RelayscopeError(
			"NO_MODULES",
			`${name} could not be unpacked:\n${result.transcript}`,
			{
				hint: "Check that the disk that holds the cache has room, then try again",
			},
		);
	}
	if (existsSync(join(root, "usr/bin/mawk"))) symlinkSync("mawk", join(root, "usr/bin/awk"));
}
