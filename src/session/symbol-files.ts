/**
 * What a session keeps so that its contexts can be named: symbols and modules of the kernel that was
 * recorded, which files the recorded processes had mapped where, and the paths of cgroups.
 */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync, inflateSync } from "node:zlib";
import { PROCESS_FILES } from "./process-files.js";

/** /proc/kallsyms at the start, and of modules that were loaded later; deflated. */
const KALLSYMS_FILES = ["kallsyms.z", "kallsyms-late.z"] as const;
/** /proc/modules at the start, and lines of those that were loaded later. */
const MODULES_FILE = "modules";
const MAPS_FILE = "maps";
const CGROUPS_FILE = "cgroups";

/** A file that a process had mapped to execute it. */
export interface FileMapping {
	readonly start: bigint;
	readonly end: bigint;
	/** In the file, of `start`. */
	readonly offset: bigint;
	/** Empty when the file has none, or could not be read. */
	readonly buildId: string;
	readonly path: string;
}

/** What a look at one process found. */
export interface ProcessMapping {
	readonly pid: number;
	/** CLOCK_MONOTONIC of the look, ns. */
	readonly ts: bigint;
	/** The program it ran; empty for what has none. */
	readonly exe: string;
	readonly files: readonly FileMapping[];
}

export interface CgroupPath {
	/** Inode number of its directory. */
	readonly id: bigint;
	/** From the root of the hierarchy. */
	readonly path: string;
}

export interface KernelSymbolTexts {
	/** As /proc/kallsyms and /proc/modules show them. */
	readonly kallsyms: string;
	readonly modules: string;
}

export function writeKernelSymbols(
	directory: string,
	{ kallsyms, modules }: KernelSymbolTexts,
	when: "start" | "late",
): void {
	const bytes = deflateSync(kallsyms, { level: 1 });
	writeFileSync(join(directory, KALLSYMS_FILES[when === "start" ? 0 : 1]), bytes, { mode: 0o600 });
	const flag = when === "start" ? "w" : "a";
	writeFileSync(join(directory, MODULES_FILE), modules, { mode: 0o600, flag });
}

/** Undefined when the session keeps none: no kernel stack was asked for. */
export function readKernelSymbols(directory: string): KernelSymbolTexts | undefined {
	const kallsyms = KALLSYMS_FILES.map((name) => {
		const bytes = readIfThere(join(directory, name));
		try {
			return bytes === undefined ? "" : inflateSync(bytes).toString("latin1");
		} catch {
			// Cut off: the recorder was killed while it wrote.
			return "";
		}
	}).join("");
	if (kallsyms === "") return undefined;
	const modules = readIfThere(join(directory, MODULES_FILE))?.toString("latin1") ?? "";
	return { kallsyms, modules };
}

/** Appends: a recording that is killed keeps what was found until then. */
export function appendProcessMaps(
	directory: string,
	{ pid, ts, exe, files }: ProcessMapping,
): void {
	const lines = files.map(
		({ start, end, offset, buildId, path }) =>
			`M ${start.toString(16)} ${end.toString(16)} ${offset.toString(16)} ${buildId || "-"} ${path}\n`,
	);
	writeFileSync(join(directory, MAPS_FILE), `P ${pid} ${ts} ${exe}\n${lines.join("")}`, {
		mode: 0o600,
		flag: "a",
	});
}

/** In the order in which they were looked at. Lines that are no such thing are passed over. */
export function readProcessMaps(directory: string): readonly ProcessMapping[] {
	const text = readIfThere(join(directory, MAPS_FILE))?.toString("utf8") ?? "";
	const found: (ProcessMapping & { readonly files: FileMapping[] })[] = [];
	for (const line of text.split("\n")) {
		const process = /^P (\d+) (\d+) (.*)$/.exec(line);
		if (process !== null) {
			const [, pid, ts, exe] = process;
			found.push({ pid: Number(pid), ts: BigInt(ts ?? 0), exe: exe ?? "", files: [] });
			continue;
		}
		const file = /^M ([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+|-) (.+)$/.exec(line);
		const [, start, end, offset, buildId, path] = file ?? [];
		if (path === undefined) continue;
		found.at(-1)?.files.push({
			start: BigInt(`0x${start}`),
			end: BigInt(`0x${end}`),
			offset: BigInt(`0x${offset}`),
			buildId: buildId === "-" ? "" : (buildId ?? ""),
			path,
		});
	}
	return found;
}

/** `path` has no newline: the kernel allows none in a cgroup's name. */
export function appendCgroupPaths(directory: string, cgroups: readonly CgroupPath[]): void {
	const lines = cgroups.map(({ id, path }) => `${id} ${path}\n`);
	writeFileSync(join(directory, CGROUPS_FILE), lines.join(""), { mode: 0o600, flag: "a" });
}

export function readCgroupPaths(directory: string): readonly CgroupPath[] {
	const text = readIfThere(join(directory, CGROUPS_FILE))?.toString("utf8") ?? "";
	return [...text.matchAll(/^(\d+) (\/.*)$/gm)].map(([, id, path]) => ({
		id: BigInt(id ?? 0),
		path: path ?? "",
	}));
}

/** For a snapshot, which is a session of its own. */
export function copySymbolFiles(from: string, to: string): void {
	for (const name of [...KALLSYMS_FILES, MODULES_FILE, MAPS_FILE, CGROUPS_FILE, PROCESS_FILES]) {
		if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
	}
}

function readIfThere(path: string): Buffer | undefined {
	return existsSync(path) ? readFileSync(path) : undefined;
}
