import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { RelayscopeError } from "../base/error.js";

/** By how much of it a file is recognised. */
const HEAD_SIZE = 256 * 1024;

/** Another program's file, open for reading. */
export interface TraceFile {
	readonly path: string;
	readonly name: string;
	readonly size: number;
	readonly fd: number;
	/** Its first bytes. */
	readonly head: Buffer;
}

/** @throws RelayscopeError when one of them cannot be read; none is open then. */
export function openTraceFiles(paths: readonly string[]): TraceFile[] {
	const files: TraceFile[] = [];
	try {
		for (const path of paths) files.push(openTraceFile(path));
	} catch (error) {
		closeTraceFiles(files);
		throw error;
	}
	return files;
}

export function closeTraceFiles(files: readonly TraceFile[]): void {
	for (const { fd } of files) closeSync(fd);
}

function openTraceFile(path: string): TraceFile {
	if (path === "-") {
		throw new RelayscopeError("BAD_ARGUMENT", "a trace cannot be imported from standard input", {
			hint: "Write it to a file first, and give that file's name.",
		});
	}
	let fd: number;
	try {
		fd = openSync(path, "r");
	} catch (cause) {
		throw unreadable(path, cause);
	}
	try {
		const status = fstatSync(fd);
		if (!status.isFile()) {
			throw new RelayscopeError("BAD_ARGUMENT", `${path} is not a file`, {
				hint: "Give the trace's files themselves, such as sda.blktrace.*",
			});
		}
		const head = Buffer.alloc(Math.min(HEAD_SIZE, status.size));
		readFully(fd, head, 0, 0, head.length);
		return { path, name: basename(path), size: status.size, fd, head };
	} catch (error) {
		closeSync(fd);
		throw error;
	}
}

/** Reads so many bytes, or what there is; returns how many. */
export function readFully(
	fd: number,
	to: Uint8Array,
	at: number,
	position: number,
	length: number,
): number {
	let done = 0;
	while (done < length) {
		const read = readSync(fd, to, at + done, length - done, position + done);
		if (read === 0) break;
		done += read;
	}
	return done;
}

function unreadable(path: string, cause: unknown): RelayscopeError {
	const reason = cause instanceof Error ? cause.message : String(cause);
	return new RelayscopeError("BAD_ARGUMENT", `${path} cannot be read: ${reason}`, {
		hint: "Check its name and its rights.",
		cause,
	});
}
