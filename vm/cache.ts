import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Where unpacked kernels, built modules and machine images are kept between runs. */
export function cacheRoot(): string {
	const configured = process.env["XDG_CACHE_HOME"];
	// The XDG specification tells to ignore a relative path.
	const base = configured?.startsWith("/") === true ? configured : join(homedir(), ".cache");
	return join(base, "relayscope");
}

/** Readers see the old content or the new, never a part. */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
	mkdirSync(dirname(path), { recursive: true });
	const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
	writeFileSync(temporary, content);
	renameSync(temporary, path);
}

/**
 * Runs `work` while no other process holds the same lock. The lock is a file with the owner's
 * process id and start time, so that one left by a killed process is recognised and taken over.
 */
export async function withLock<T>(
	path: string,
	onWait: () => void,
	work: () => Promise<T>,
): Promise<T> {
	mkdirSync(dirname(path), { recursive: true });
	const owner = `${process.pid} ${startTime(process.pid) ?? ""} ${randomBytes(4).toString("hex")}\n`;
	let waited = false;
	while (!tryLock(path, owner)) {
		if (breakStaleLock(path)) continue;
		if (!waited) onWait();
		waited = true;
		await sleep(200);
	}
	try {
		return await work();
	} finally {
		if (readOwner(path) === owner) rmSync(path, { force: true });
	}
}

function tryLock(path: string, owner: string): boolean {
	try {
		writeFileSync(path, owner, { flag: "wx" });
		return true;
	} catch (error) {
		if (isErrno(error, "EEXIST")) return false;
		throw error;
	}
}

function breakStaleLock(path: string): boolean {
	const owner = readOwner(path);
	// An empty file is a lock whose owner is between creating and writing it.
	if (owner === undefined || owner === "") return false;
	const [pid = "", start = ""] = owner.trim().split(" ");
	if (isAlive(Number(pid), start)) return false;
	// Two waiters may both see the stale lock: the rename lets only one of them remove it, and
	// the content check puts back a lock that was taken meanwhile.
	const grave = `${path}.stale-${process.pid}`;
	try {
		renameSync(path, grave);
	} catch (error) {
		if (isErrno(error, "ENOENT")) return true;
		throw error;
	}
	if (readOwner(grave) === owner) rmSync(grave, { force: true });
	else renameSync(grave, path);
	return true;
}

function readOwner(path: string): string | undefined {
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		if (isErrno(error, "ENOENT")) return undefined;
		throw error;
	}
}

/** Process ids are recycled, so a live one counts only with the start time it had. */
export function isAlive(pid: number, start: string): boolean {
	return startTime(pid) === start;
}

/** Field 22 of /proc/PID/stat, counted after the command name, which may hold spaces. */
export function startTime(pid: number): string | undefined {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
		return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
	} catch {
		return undefined;
	}
}

function isErrno(error: unknown, code: string): boolean {
	return error instanceof Error && "code" in error && error.code === code;
}
