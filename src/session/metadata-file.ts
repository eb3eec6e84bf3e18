import {
	closeSync,
	fsyncSync,
	openSync,
	readFileSync,
	renameSync,
	rmSync,
	writeSync,
} from "node:fs";
import { join } from "node:path";
import { RelayscopeError } from "../base/error.js";
import { METADATA_FILE, METADATA_VERSION } from "./layout.js";
import { decodeMetadata, encodeMetadata, type SessionMetadata } from "./metadata.js";

/** Replaces a session's metadata: after a crash at any moment the old or the new is there, whole. */
export function writeMetadataFile(directory: string, metadata: SessionMetadata): void {
	const path = join(directory, METADATA_FILE);
	const draft = `${path}.tmp`;
	try {
		writeDurably(draft, encodeMetadata(metadata));
		renameSync(draft, path);
		syncDirectory(directory);
	} catch (error) {
		rmSync(draft, { force: true });
		throw asDiskFull(error, directory);
	}
}

/** Reads a session's metadata, with the bytes it was read from. */
export function readMetadataFile(directory: string): {
	readonly metadata: SessionMetadata;
	readonly bytes: Uint8Array;
} {
	const bytes = readBytes(directory);
	const metadata = decodeMetadata(bytes);
	if (metadata === undefined) {
		throw new RelayscopeError(
			"NOT_A_SESSION",
			`${directory} is not a session: its file "${METADATA_FILE}" is damaged or not Relayscope's.`,
			{ hint: "Name the directory that `relayscope record -o` wrote." },
		);
	}
	if ("newer" in metadata) {
		throw new RelayscopeError(
			"SESSION_VERSION",
			`${directory} has session format ${metadata.newer}; this relayscope reads up to ${METADATA_VERSION}.`,
			{ hint: "Open it with the version of relayscope that recorded it, or a later one." },
		);
	}
	return { metadata, bytes };
}

function readBytes(directory: string): Uint8Array {
	try {
		return readFileSync(join(directory, METADATA_FILE));
	} catch (cause) {
		const code = errno(cause);
		if (code !== "ENOENT" && code !== "ENOTDIR" && code !== "EISDIR") throw cause;
		throw new RelayscopeError(
			"NOT_A_SESSION",
			`${directory} is not a session: it has no file "${METADATA_FILE}".`,
			{ hint: "Name the directory that `relayscope record -o` wrote.", cause },
		);
	}
}

/** Writes a new file and waits until the disk has it. */
export function writeDurably(path: string, bytes: Uint8Array): void {
	const fd = openSync(path, "w", 0o600);
	try {
		for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
}

export function syncDirectory(directory: string): void {
	const fd = openSync(directory, "r");
	try {
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
}

/** Turns a full disk into an error that the user can act on; any other error is passed through. */
export function asDiskFull(cause: unknown, directory: string): unknown {
	const code = errno(cause);
	if (code !== "ENOSPC" && code !== "EDQUOT") return cause;
	return new RelayscopeError("DISK_FULL", `No space left on the disk of ${directory}.`, {
		hint: "Free some space there or record to another disk with -o.",
		cause,
	});
}

export function errno(error: unknown): string | undefined {
	return error instanceof Error && "code" in error && typeof error.code === "string"
		? error.code
		: undefined;
}
