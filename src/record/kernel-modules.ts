/** Finds and loads the kernel modules: the core, and one for each source. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModule } from "#native";
import { RelayscopeError } from "../base/error.js";
import { lockdownMode } from "./lockdown.js";

const CORE = ["bufflink", "relayscope"];
const SOURCE_PREFIX = "relayscope_";

/** Sources that a module on this machine offers, loaded or not. */
export function availableSources(): string[] {
	const names = new Set<string>();
	for (const module of [...builtModules().keys(), ...installedModules(), ...loadedModules()]) {
		if (module.startsWith(SOURCE_PREFIX)) names.add(module.slice(SOURCE_PREFIX.length));
	}
	return [...names].sort();
}

/** Loads what is not loaded yet. Needs root. Sources that other modules bring are there or not. */
export function loadModulesFor(sources: readonly string[]): void {
	loadCore();
	const available = new Set(availableSources());
	for (const source of sources) if (available.has(source)) load(`${SOURCE_PREFIX}${source}`);
}

/** @throws RelayscopeError when the core of the kernel side cannot be loaded. */
export function loadCore(): void {
	for (const module of CORE) load(module);
}

export function loadedModules(): Set<string> {
	try {
		const text = readFileSync("/proc/modules", "utf8");
		return new Set(text.split("\n").map((line) => line.split(" ", 1)[0] ?? ""));
	} catch {
		// A kernel without module support has no such file.
		return new Set();
	}
}

/** Where the modules for the running kernel were found, for `doctor`. */
export function moduleLocation(): string | undefined {
	if (loadedModules().has("relayscope")) return "loaded";
	const built = builtModules().get("relayscope");
	if (built !== undefined) return dirname(built);
	return installedModules().includes("relayscope") ? `/lib/modules/${release()}` : undefined;
}

function load(module: string): void {
	if (loadedModules().has(module)) return;
	const file = builtModules().get(module);
	if (file !== undefined) {
		loadFile(module, file);
		return;
	}
	if (!installedModules().includes(module)) throw notFound(module);
	const result = spawnSync("modprobe", [module], { encoding: "utf8" });
	if (result.status !== 0) throw loadFailed(module, result.stderr.trim());
}

function loadFile(module: string, file: string): void {
	try {
		loadModule(file);
	} catch (error) {
		if (!(error instanceof Error)) throw error;
		// Another recorder was faster.
		if ("code" in error && error.code === "EEXIST") return;
		throw loadFailed(module, error.message);
	}
}

/**
 * Built beside the kernel, not installed: where RELAYSCOPE_MODULES says (a virtual machine's
 * modules), else in the checkout.
 */
function builtModules(): ReadonlyMap<string, string> {
	const directory = process.env["RELAYSCOPE_MODULES"] ?? checkoutModules();
	const found = new Map<string, string>();
	if (directory === undefined || !existsSync(directory)) return found;
	for (const name of readdirSync(directory)) {
		if (name.endsWith(".ko"))
			found.set(name.slice(0, -3).replaceAll("-", "_"), join(directory, name));
	}
	return found;
}

function checkoutModules(): string | undefined {
	for (let up = dirname(fileURLToPath(import.meta.url)); up !== "/"; up = dirname(up)) {
		if (existsSync(join(up, "package.json"))) return join(up, "out", "modules", release());
	}
	return undefined;
}

function installedModules(): string[] {
	try {
		const text = readFileSync(`/lib/modules/${release()}/modules.dep`, "utf8");
		return [...text.matchAll(/\/((?:relayscope|bufflink)\w*)\.ko/g)].map((match) => match[1] ?? "");
	} catch {
		// No modules are installed for this kernel.
		return [];
	}
}

function notFound(module: string): RelayscopeError {
	return new RelayscopeError(
		"NO_MODULES",
		`there is no kernel module ${module} for this kernel, ${release()}`,
		{
			hint: "Install the kernel's headers and run `npm run setup` to build it, or record in a virtual machine: relayscope vm -- relayscope record ...",
		},
	);
}

function loadFailed(module: string, reason: string): RelayscopeError {
	const mode = lockdownMode();
	if (mode !== "none") {
		return new RelayscopeError(
			"LOCKDOWN",
			`kernel module ${module} could not be loaded: ${reason}; the kernel is locked down (${mode})`,
			{
				hint: "It takes signed modules only: see docs/install-modules.md. Or record in a virtual machine: relayscope vm -- relayscope record ...",
			},
		);
	}
	return new RelayscopeError(
		"MODULE_LOAD",
		`kernel module ${module} could not be loaded: ${reason}`,
		{
			hint: "See `dmesg | tail`. Or record in a virtual machine: relayscope vm -- relayscope record ...",
		},
	);
}
