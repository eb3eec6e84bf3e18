/** Processes and threads alive when a recording starts, from /proc. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { ProcessSnapshot, ThreadSnapshot } from "../session/metadata.js";

/** Those that end while we look are left out: their records carry no more than a thread id then. */
export function snapshotProcesses(pids: readonly number[] = allPids()): ProcessSnapshot[] {
	return pids.flatMap((pid) => readProcess(pid) ?? []);
}

export function allPids(): number[] {
	return numbersIn("/proc");
}

/**
 * What was born between the first look and the start of the probes: processes and threads that
 * `before` does not have, a known process's new threads under its entry.
 */
export function addNewborn(before: readonly ProcessSnapshot[]): ProcessSnapshot[] {
	const known = new Map(before.map((process) => [process.pid, process]));
	const added = snapshotProcesses(allPids().filter((pid) => !known.has(pid)));
	const grown = before.map((process) => {
		const seen = new Set(process.threads.map((thread) => thread.tid));
		const tids = numbersIn(`/proc/${process.pid}/task`).filter((tid) => !seen.has(tid));
		const threads = tids.flatMap((tid) => readThread(process.pid, tid) ?? []);
		return threads.length === 0 ? process : { ...process, threads: [...process.threads, ...threads] };
	});
	return [...grown, ...added];
}

function readProcess(pid: number): ProcessSnapshot | undefined {
	const threads = numbersIn(`/proc/${pid}/task`).flatMap((tid) => readThread(pid, tid) ?? []);
	const status = readText(`/proc/${pid}/status`);
	if (status === undefined || threads.length === 0) return undefined;
	return {
		pid,
		ppid: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0),
		uid: Number(/^Uid:\s+(\d+)/m.exec(status)?.[1] ?? 0),
		comm: threads.find((thread) => thread.tid === pid)?.comm ?? "",
		exe: readLink(`/proc/${pid}/exe`),
		cmdline: readBytes(`/proc/${pid}/cmdline`) ?? new Uint8Array(),
		threads,
	};
}

function readThread(pid: number, tid: number): ThreadSnapshot | undefined {
	const stat = readText(`/proc/${pid}/task/${tid}/stat`);
	if (stat === undefined) return undefined;
	// The name may hold anything, parentheses and spaces included: it ends at the last one.
	const close = stat.lastIndexOf(")");
	const fields = stat.slice(close + 2).split(" ");
	const START_TIME = 22 - 3;
	return {
		tid,
		comm: stat.slice(stat.indexOf("(") + 1, close),
		startTicks: BigInt(fields[START_TIME] ?? 0),
	};
}

function numbersIn(directory: string): number[] {
	try {
		return readdirSync(directory).filter((name) => /^\d+$/.test(name)).map(Number);
	} catch (error) {
		return gone(error, []);
	}
}

function readText(path: string): string | undefined {
	return readBytes(path)?.toString("utf8");
}

function readBytes(path: string): Buffer | undefined {
	try {
		return readFileSync(path);
	} catch (error) {
		return gone(error, undefined);
	}
}

/** Empty for a kernel thread, which runs no file. */
function readLink(path: string): string {
	try {
		return readlinkSync(path);
	} catch (error) {
		return gone(error, "");
	}
}

/** A process that has ended meanwhile is no error; anything else is. */
function gone<T>(error: unknown, value: T): T {
	const code = error instanceof Error && "code" in error ? error.code : undefined;
	if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return value;
	throw error;
}
