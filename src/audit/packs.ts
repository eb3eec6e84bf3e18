import { readdirSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../base/package-root.js";
import { loadPack } from "./load-pack.js";
import type { Pack } from "./rule.js";

/** The packs that come with relayscope, or those of the files given. */
export function loadPacks(files: readonly string[]): readonly Pack[] {
	return (files.length > 0 ? files : shippedPacks()).map(loadPack);
}

export function shippedPacks(): readonly string[] {
	const directory = join(packageRoot(), "rules");
	return readdirSync(directory)
		.filter((name) => name.endsWith(".yaml"))
		.sort()
		.map((name) => join(directory, name));
}
