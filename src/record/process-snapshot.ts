/** Processes and threads alive when a recording starts, from /proc. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import {
	type ProcessIdentity,
	type ProcessSnapshot,
	type ThreadSnapshot,
	UNSET_ID,
} from "../session/metadata.js";

/**
 * Those that end while we look are left out: their records carry no more than a thread id then.
 * `identity`: who they are is asked, too, at the price of three files a process.
 */
export function snapshotProcesses(pids: readonly number[], identity: boolean): ProcessSnapshot[] {
	return pids.flatMap((pid) => readProcess(pid, identity) ?? []);
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

function readProcess(pid: number, identity: boolean): ProcessSnapshot | undefined {
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
		...(identity ? { identity: readIdentity(pid, status) } : {}),
	};
}

function readIdentity(pid: number, status: string): ProcessIdentity {
	const ids = (name: string): readonly number[] =>
		(new RegExp(`^${name}:\\s+(\\d+)\\s+(\\d+)`, "m").exec(status) ?? []).slice(1).map(Number);
	const [, euid = 0] = ids("Uid");
	const [gid = 0, egid = 0] = ids("Gid");
	// Absent in a kernel without audit.
	const number = (name: string): number =>
		Number(readText(`/proc/${pid}/${name}`)?.trim() || UNSET_ID);
	return {
		...{ euid, gid, egid, loginuid: number("loginuid"), sessionId: number("sessionid") },
		cgroup: cgroupPath(readText(`/proc/${pid}/cgroup`) ?? ""),
	};
}

/** In the unified hierarchy; in the first one that it is anywhere in, where that one is not used. */
function cgroupPath(text: string): string {
	const paths = new Map(
		[...text.matchAll(/^\d+:([^:]*):(.*)$/gm)].map(([, name, path]) => [name, path ?? ""]),
	);
	const unified = paths.get("") ?? "";
	if (unified !== "" && unified !== "/") return unified;
	return [...paths.values()].find((path) => path !== "/" && path !== "") ?? unified;
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
