/** The compiler a kernel was built with, which must build its modules too. */
import { RelayscopeError } from "../src/base/error.js";
import { BuildRoot } from "./build-root.js";
import type { CachedKernel } from "./kernel-manifest.js";
import type { Progress } from "./progress.js";
import { runTool, type SubprocessResult } from "./subprocess.js";
import { findExecutable, requireTool } from "./tools.js";

export interface Toolchain {
	readonly compiler: string;
	/** Runs make, which sees `directories` at their own paths. */
	make(args: readonly string[], directories: readonly string[]): Promise<SubprocessResult>;
}

/** The Debian release a compiler comes from, with the libc that the kernel's build programs need. */
const RELEASES: ReadonlyMap<string, string> = new Map([
	["12", "bookworm"],
	["14", "trixie"],
]);

/** The host's own where it has that version, else the compiler of the Debian it comes from. */
export async function toolchainFor(kernel: CachedKernel, progress: Progress): Promise<Toolchain> {
	const compiler = `gcc-${kernel.gcc}`;
	if (findExecutable(compiler) !== undefined) return { compiler, make: makeOnHost };
	const release = RELEASES.get(kernel.gcc);
	if (release === undefined) {
		throw new RelayscopeError(
			"NO_MODULES",
			`modules for kernel ${kernel.release} are built with ${compiler}, which is not installed`,
			{
				hint:
					`Install it (apt-get install ${compiler}) where this machine's Debian has it, ` +
					"or choose another kernel version",
			},
		);
	}
	const root = await BuildRoot.ensure(release, [compiler, "make", "libelf-dev"], progress);
	return {
		compiler,
		make: (args, directories) => root.run(["make", ...args], directories),
	};
}

function makeOnHost(args: readonly string[]): Promise<SubprocessResult> {
	return runTool(requireTool("make"), args, { env: cleanEnvironment() });
}

/** When called below another make, its settings would leak into the kernel's. */
function cleanEnvironment(): NodeJS.ProcessEnv {
	const foreign =
		/^(MAKE(FLAGS|LEVEL|FILES|OVERRIDES)|MFLAGS|ARCH|CROSS_COMPILE|KBUILD_.*|KC(PP)?FLAGS|M|O|V|W|C)$/;
	return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}
