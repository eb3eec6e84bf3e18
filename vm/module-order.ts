import { basename } from "node:path";

/** The name the kernel knows a module by: a file may have dashes where it has underscores. */
function moduleName(path: string): string {
	return basename(path)
		.replace(/\.ko(\.(xz|gz|zst))?$/, "")
		.replaceAll("-", "_");
}

/**
 * The files to load, in order, so that `wanted` modules are there: each module after those it
 * depends on. `modulesDep` is the text of depmod's modules.dep, paths relative to it. A module that
 * is not listed is built into the kernel.
 */
export function moduleOrder(modulesDep: string, wanted: readonly string[]): string[] {
	const files = new Map<string, { readonly path: string; readonly needs: readonly string[] }>();
	for (const line of modulesDep.split("\n")) {
		const [path = "", needs = ""] = line.split(":");
		if (path !== "") files.set(moduleName(path), { path, needs: needs.split(" ").filter(Boolean) });
	}
	const order = new Set<string>();
	const load = (name: string): void => {
		const file = files.get(name);
		if (file === undefined || order.has(file.path)) return;
		for (const needed of file.needs) load(moduleName(needed));
		order.add(file.path);
	};
	for (const name of wanted) load(name.replaceAll("-", "_"));
	return [...order];
}
