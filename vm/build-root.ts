/**
 * Another Debian release's compiler and build tools: its packages, unpacked into the user's cache
 * and entered with chroot. No maintainer script runs and nothing is installed on the host, so that
 * it takes ten seconds to make, and no root where user namespaces are allowed.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { RelayscopeError } from "../src/base/error.js";
import { AptRoot } from "./apt-root.js";
import { cacheRoot, withLock } from "./cache.js";
import type { Progress } from "./progress.js";
import { lastLines, runTool, type SubprocessResult } from "./subprocess.js";
import { requireTool } from "./tools.js";

/** What every Debian system has, and packages therefore do not depend on. */
const ESSENTIAL = [
	...["base-files", "bash", "coreutils", "dash", "diffutils", "findutils", "grep", "gzip"],
	...["hostname", "libc-bin", "mawk", "perl-base", "sed", "tar"],
];

/** Links that maintainer scripts would make. */
const MERGED_DIRECTORIES = ["bin", "sbin", "lib", "lib64"];

const ENTER = `root=$1; shift
while [ "$1" != -- ]; do
	mkdir -p "$root$1" && mount --bind "$1" "$root$1" || exit 125
	shift
done
shift
mkdir -p "$root/proc" "$root/dev" "$root/tmp"
mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount -t tmpfs tmpfs "$root/tmp" || exit 125
exec chroot "$root" "$@"`;

export class BuildRoot {
	readonly #path: string;

	private constructor(path: string) {
		this.#path = path;
	}

	/** `suite` is a Debian release; `packages` come with everything they depend on. */
	static async ensure(
		suite: string,
		packages: readonly string[],
		progress: Progress,
	): Promise<BuildRoot> {
		const wanted = [...ESSENTIAL, ...packages];
		const hash = createHash("sha256").update(wanted.join("\0")).digest("hex").slice(0, 12);
		const roots = join(cacheRoot(), "roots");
		const path = join(roots, `${suite}-${hash}`);
		const onWait = (): void => progress(`waiting for another process to fetch ${suite}'s compiler`);
		if (existsSync(path)) return new BuildRoot(path);
		return withLock(join(roots, `.${suite}-${hash}.lock`), onWait, async () => {
			if (existsSync(path)) return new BuildRoot(path);
			const partial = join(roots, `.${suite}-${hash}.partial`);
			progress(`fetching the compiler of Debian ${suite} (${packages.join(", ")})`);
			mkdirSync(partial, { recursive: true });
			const apt = AptRoot.create(partial, [suite]);
			await apt.update();
			const archives = await apt.downloadWithDependencies(wanted);
			const root = join(partial, "root");
			await unpack(archives, root);
			renameSync(root, path);
			rmSync(partial, { recursive: true, force: true });
			return new BuildRoot(path);
		});
	}

	/** Runs a command inside, with the host's `directories` at their own paths. */
	async run(
		command: readonly string[],
		directories: readonly string[],
		environment: Readonly<Record<string, string>> = {},
	): Promise<SubprocessResult> {
		const user = process.getuid?.() === 0 ? [] : ["--map-root-user"];
		const isolation = ["--mount", "--pid", "--fork", "--kill-child", ...user];
		const shell = ["sh", "-c", ENTER, "sh", this.#path, ...directories, "--", ...command];
		const env = { ...environment, PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
		const result = await runTool(requireTool("unshare"), [...isolation, ...shell], { env });
		if (result.status !== 125) return result;
		throw new RelayscopeError(
			"NO_MODULES",
			`the build tools in ${this.#path} could not be entered:\n${lastLines(result.transcript, 3)}`,
			{ hint: "This needs root, or a kernel that lets users make mount namespaces" },
		);
	}
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
	symlinkSync("mawk", join(root, "usr/bin/awk"));
}
