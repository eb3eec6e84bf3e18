import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RelayscopeError } from "../base/error.js";
import { METADATA_FILE, METADATA_VERSION } from "./layout.js";
import { decodeMetadata, type SessionMetadata } from "./metadata.js";

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

export function errno(error: unknown): string | undefined {
	return error instanceof Error && "code" in error && typeof error.code === "string"
		? error.code
		: undefined;
}
