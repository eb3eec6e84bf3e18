/** What is known of a kernel in the cache, kept beside it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface CachedKernel {
	/** As the user named it: `6.1`. */
	readonly version: string;
	/** As `uname -r` prints it. */
	readonly release: string;
	readonly directory: string;
	/** What QEMU starts: the plain kernel where it can be, the compressed image otherwise. */
	readonly bootFile: string;
	/** The kernel's `/lib/modules/RELEASE`. */
	readonly modulesDirectory: string;
	/** For `make -C`. */
	readonly headersDirectory: string;
	/** Major version of the gcc that built it, which must build its modules too. */
	readonly gcc: string;
}

/** What the file holds: paths relative to its directory. */
export type Manifest = Omit<CachedKernel, "directory">;

const MANIFEST = "manifest.json";

export function writeManifest(directory: string, manifest: Manifest): void {
	writeFileSync(join(directory, MANIFEST), `${JSON.stringify(manifest, null, "\t")}\n`);
}

export function readManifest(directory: string): CachedKernel | undefined {
	try {
		const text = readFileSync(join(directory, MANIFEST), "utf8");
		return resolveManifest(directory, JSON.parse(text) as Manifest);
	} catch {
		// Absent or damaged: either way the kernel has to be had again.
		return undefined;
	}
}

export function resolveManifest(directory: string, manifest: Manifest): CachedKernel {
	return {
		...manifest,
		directory,
		bootFile: join(directory, manifest.bootFile),
		modulesDirectory: join(directory, manifest.modulesDirectory),
		headersDirectory: join(directory, manifest.headersDirectory),
	};
}
