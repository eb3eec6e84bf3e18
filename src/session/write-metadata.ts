import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { RelayscopeError } from "../base/error.js";
import { METADATA_FILE } from "./layout.js";
import type { SessionMetadata } from "./metadata.js";
import { METADATA_MESSAGES } from "./metadata-descriptor.js";
import { errno } from "./metadata-file.js";
import { encodeMessage } from "./protobuf-encode.js";

export function encodeMetadata(metadata: SessionMetadata): Uint8Array {
	return encodeMessage(METADATA_MESSAGES, "Metadata", metadata);
}

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

export function isDiskFull(error: unknown): boolean {
	const code = errno(error);
	return code === "ENOSPC" || code === "EDQUOT";
}

/** Turns a full disk into an error that the user can act on; any other error is passed through. */
export function asDiskFull(cause: unknown, directory: string): unknown {
	if (!isDiskFull(cause)) return cause;
	return new RelayscopeError("DISK_FULL", `No space left on the disk of ${directory}.`, {
		hint: "Free some space there or record to another disk with -o.",
		cause,
	});
}
