/** Processes and threads alive when a recording starts, from /proc. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { ProcessSnapshot, ThreadSnapshot } from "../session/metadata.js";

/** Those that end while we look are left out: their records carry no more than a thread id then. */
export function snapshotProcesses(pids: readonly number[]): ProcessSnapshot[] {
	return pids.flatMap((pid) => readProcess(pid) ?? []);
}

/** The processes and those they descend from. */
export function withAncestors(pids: readonly number[]): number[] {
	const family = new Set<number>();
	for (const pid of pids) {
		for (let at = pid; at > 0 && !family.has(at); at = parentOf(at)) family.add(at);
	}
	return [...family];
}

/** 0 for one that has none, or has ended. */
function parentOf(pid: number): number {
	const stat = readText(`/proc/${pid}/stat`);
	return stat === undefined ? 0 : Number(fieldsAfterName(stat)[PPID] ?? 0);
}

export function allPids(): number[] {
	return numbersIn("/proc");
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
	return {
		tid,
		comm: stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")")),
		startTicks: BigInt(fieldsAfterName(stat)[START_TIME] ?? 0),
	};
}

/** Places in fieldsAfterName of what proc(5) numbers from 1. */
const PPID = 4 - 3;
const START_TIME = 22 - 3;

/** The name may hold anything, parentheses and spaces included: it ends at the last one. */
function fieldsAfterName(stat: string): string[] {
	return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function numbersIn(directory: string): number[] {
	try {
		return readdirSync(directory)
			.filter((name) => /^\d+$/.test(name))
			.map(Number);
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
