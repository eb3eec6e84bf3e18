/** Keeps in the session which cgroup had which number: at home in the recorded machine's memory only. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { appendCgroupPaths, type CgroupPath } from "../session/symbol-files.js";
import { isDiskFull } from "../session/write-metadata.js";

export class CgroupPathKeeper {
	readonly #directory: string;
	readonly #known = new Set<bigint>();

	constructor(directory: string) {
		this.#directory = directory;
		this.look();
	}

	/** Adds those that are new; what came and went between two looks is missed. */
	look(): void {
		const root = mountOfCgroup2();
		if (root === undefined) return;
		const found: CgroupPath[] = [];
		this.#walk(root, "/", found);
		try {
			if (found.length > 0) appendCgroupPaths(this.#directory, found);
		} catch (error) {
			// The readers tell of a full disk; names are the lesser loss.
			if (!isDiskFull(error)) throw error;
		}
	}

	#walk(root: string, path: string, found: CgroupPath[]): void {
		let children: string[];
		let id: bigint;
		try {
			id = statSync(join(root, path), { bigint: true }).ino;
			children = readdirSync(join(root, path), { withFileTypes: true })
				.filter((entry) => entry.isDirectory())
				.map(({ name }) => name);
		} catch {
			// Removed meanwhile.
			return;
		}
		if (!this.#known.has(id)) found.push({ id, path });
		this.#known.add(id);
		for (const child of children) this.#walk(root, join(path, child), found);
	}
}

/** Of the whole hierarchy: a mount of a part of it would give other paths. */
function mountOfCgroup2(): string | undefined {
	for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
		const match = /^\d+ \d+ \S+ (\S+) (\S+) .* - cgroup2 /.exec(line);
		if (match?.[1] === "/") return match[2];
	}
	return undefined;
}
