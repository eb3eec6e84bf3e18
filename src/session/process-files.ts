/** What processes had open, and where they were, when the recorder looked at them. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A JSON text a line and process: a path may have any character. */
export const PROCESS_FILES = "process-files";

export interface ProcessFiles {
	readonly pid: number;
	/** CLOCK_MONOTONIC, ns, when all of it had been read. */
	readonly ts: bigint;
	/** Empty: could not be read. */
	readonly cwd: string;
	readonly root: string;
	readonly descriptors: readonly OpenDescriptor[];
}

export interface OpenDescriptor {
	readonly fd: number;
	readonly path: string;
	readonly closeOnExec: boolean;
}

/** Appends: a recording that is killed keeps what was found until then. */
export function appendProcessFiles(directory: string, looks: readonly ProcessFiles[]): void {
	const lines = looks.map(({ pid, ts, cwd, root, descriptors }) => {
		const open = descriptors.map(({ fd, path, closeOnExec }) => [fd, path, closeOnExec ? 1 : 0]);
		return `${JSON.stringify([pid, String(ts), cwd, root, open])}\n`;
	});
	writeFileSync(join(directory, PROCESS_FILES), lines.join(""), { mode: 0o600, flag: "a" });
}

/** In the order of time. Lines that are no such thing are passed over. */
export function readProcessFiles(directory: string): readonly ProcessFiles[] {
	const path = join(directory, PROCESS_FILES);
	if (!existsSync(path)) return [];
	const looks = readFileSync(path, "utf8")
		.split("\n")
		.flatMap((line) => parseLook(line) ?? []);
	return looks.sort((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0));
}

function parseLook(line: string): ProcessFiles | undefined {
	let parsed: unknown;
	try {
		parsed = JSON.parse(line);
	} catch {
		return undefined;
	}
	if (!Array.isArray(parsed)) return undefined;
	const [pid, ts, cwd, root, open]: unknown[] = parsed;
	if (typeof pid !== "number" || typeof ts !== "string" || !/^\d{1,20}$/.test(ts)) return undefined;
	if (typeof cwd !== "string" || typeof root !== "string" || !Array.isArray(open)) return undefined;
	return { pid, ts: BigInt(ts), cwd, root, descriptors: open.flatMap(parseDescriptor) };
}

function parseDescriptor(entry: unknown): readonly OpenDescriptor[] {
	if (!Array.isArray(entry)) return [];
	const [fd, path, closeOnExec]: unknown[] = entry;
	if (typeof fd !== "number" || typeof path !== "string") return [];
	return [{ fd, path, closeOnExec: closeOnExec === 1 }];
}
