/** What the recorded processes have open, and where they are, from /proc. */
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { readClocks } from "#native";
import {
	appendProcessFiles,
	type OpenDescriptor,
	type ProcessFiles,
} from "../session/process-files.js";
import { isDiskFull } from "../session/write-metadata.js";

const O_CLOEXEC = 0o2000000;
const DELETED = " (deleted)";

/**
 * To be called when calls are recorded already: what changes meanwhile is then in the records, and
 * counts for more than what was found here.
 */
export function keepProcessFiles(directory: string, pids: readonly number[]): void {
	const looks = pids.flatMap((pid) => look(pid) ?? []);
	try {
		if (looks.length > 0) appendProcessFiles(directory, looks);
	} catch (error) {
		// The readers tell of a full disk; names are the lesser loss.
		if (!isDiskFull(error)) throw error;
	}
}

/** undefined: gone, or a thread of the kernel, which has no files. */
function look(pid: number): ProcessFiles | undefined {
	let numbers: readonly string[];
	try {
		readlinkSync(`/proc/${pid}/exe`);
		numbers = readdirSync(`/proc/${pid}/fd`);
	} catch {
		return undefined;
	}
	const descriptors = numbers.flatMap((number) => lookAt(pid, number) ?? []);
	const cwd = linkOf(`/proc/${pid}/cwd`) ?? "";
	const root = linkOf(`/proc/${pid}/root`) ?? "";
	return { pid, ts: readClocks().monotonic, cwd, root, descriptors };
}

/** undefined: closed meanwhile. */
function lookAt(pid: number, number: string): OpenDescriptor | undefined {
	const path = linkOf(`/proc/${pid}/fd/${number}`);
	const flags = path === undefined ? undefined : openFlags(`/proc/${pid}/fdinfo/${number}`);
	// Another file may have got the number between the two.
	if (path === undefined || flags === undefined) return undefined;
	if (linkOf(`/proc/${pid}/fd/${number}`) !== path) return undefined;
	return { fd: Number(number), path, closeOnExec: (flags & O_CLOEXEC) !== 0 };
}

/** Without the mark of a file that was deleted. */
function linkOf(path: string): string | undefined {
	let link: string;
	try {
		link = readlinkSync(path);
	} catch {
		return undefined;
	}
	return link.endsWith(DELETED) && isDeleted(path) ? link.slice(0, -DELETED.length) : link;
}

function isDeleted(path: string): boolean {
	try {
		return statSync(path).nlink === 0;
	} catch {
		return false;
	}
}

function openFlags(path: string): number | undefined {
	try {
		const [, octal] = /^flags:\s+([0-7]+)/m.exec(readFileSync(path, "latin1")) ?? [];
		return octal === undefined ? undefined : Number.parseInt(octal, 8);
	} catch {
		return undefined;
	}
}
