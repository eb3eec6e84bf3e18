/**
 * Another Debian release's compiler and build tools, entered with chroot: ten seconds to make, and no
 * root where user namespaces are allowed.
 */
import { RelayscopeError } from "../src/base/error.js";
import { ensurePackages } from "./debian-packages.js";
import type { Progress } from "./progress.js";
import { lastLines, runTool, type SubprocessResult } from "./subprocess.js";
import { requireTool } from "./tools.js";

/** What every Debian system has, and packages therefore do not depend on. */
const ESSENTIAL = [
	...["base-files", "bash", "coreutils", "dash", "diffutils", "findutils", "grep", "gzip"],
	...["hostname", "libc-bin", "mawk", "perl-base", "sed", "tar"],
];

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
		const path = await ensurePackages(suite, wanted, "the compiler", progress);
		return new BuildRoot(path);
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
