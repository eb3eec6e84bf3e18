import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { RelayscopeError } from "../base/error.js";
import { type Ns, ns } from "../base/time.js";
import { BUFFLINK_FILE, DATABASE_FILE, parseRawFile } from "./layout.js";
import type { ChannelMetadata, SessionMetadata } from "./metadata.js";
import { errno, readMetadataFile } from "./metadata-file.js";

export interface RawFile {
	readonly channel: ChannelMetadata;
	/** CPU_ALL: of a global channel. */
	readonly cpu: number;
	readonly path: string;
	/** Bytes, when the session was opened. */
	readonly size: number;
}

/** A session as it was when it was opened; reading it changes nothing in it. */
export interface Session {
	readonly directory: string;
	readonly metadata: SessionMetadata;
	/** By channel, in the metadata's order, then by CPU. */
	readonly rawFiles: readonly RawFile[];
	readonly bufflink: { readonly path: string; readonly size: number } | undefined;
	/** Names of raw files whose channel the metadata does not know: they cannot be read. */
	readonly unknownRawFiles: readonly string[];
	/** Zero of every cursor's `ts`. */
	readonly timeBase: Ns;
	/** False when the recorder was killed: there are no final counters. */
	readonly ended: boolean;
	readonly databasePath: string;
	/**
	 * Says which raw data this is: a database built from another fingerprint is stale. Made of
	 * contents and sizes only, so that a copied or moved session keeps its database.
	 */
	readonly fingerprint: string;
}

export function openSession(path: string): Session {
	const directory = resolve(path);
	const names = listDirectory(directory);
	const { metadata, bytes } = readMetadataFile(directory);
	if (!metadata.host.littleEndian) {
		throw new RelayscopeError(
			"SESSION_VERSION",
			`${directory} was recorded on a big-endian machine (${metadata.host.machine}).`,
			{ hint: "This version of relayscope reads little-endian recordings only." },
		);
	}
	const { rawFiles, unknownRawFiles } = findRawFiles(directory, names, metadata);
	const bufflink = names.includes(BUFFLINK_FILE)
		? sized(join(directory, BUFFLINK_FILE))
		: undefined;
	return {
		directory,
		metadata,
		rawFiles,
		bufflink,
		unknownRawFiles,
		timeBase: ns(metadata.start.monotonic),
		ended: metadata.ending !== undefined,
		databasePath: join(directory, DATABASE_FILE),
		fingerprint: fingerprint(bytes, rawFiles, bufflink?.size),
	};
}

/** Whether a database that was built from `fingerprint` no longer matches the raw files. */
export function isStale(session: Session, fingerprint: string | undefined): boolean {
	return fingerprint !== session.fingerprint;
}

function listDirectory(directory: string): readonly string[] {
	try {
		return readdirSync(directory);
	} catch (cause) {
		const code = errno(cause);
		if (code === "ENOENT") {
			throw new RelayscopeError("NO_SESSION", `There is no session at ${directory}.`, {
				hint: "Name the directory that `relayscope record -o` wrote.",
				cause,
			});
		}
		if (code === "ENOTDIR") {
			throw new RelayscopeError("NOT_A_SESSION", `${directory} is a file, not a session.`, {
				hint: "Name the directory that `relayscope record -o` wrote, or make a session of another program's file: relayscope import -o DIR FILE",
				cause,
			});
		}
		throw cause;
	}
}

function findRawFiles(
	directory: string,
	names: readonly string[],
	metadata: SessionMetadata,
): { readonly rawFiles: RawFile[]; readonly unknownRawFiles: string[] } {
	const rawFiles: RawFile[] = [];
	const unknownRawFiles: string[] = [];
	for (const name of [...names].sort()) {
		const parsed = parseRawFile(name);
		if (parsed === undefined) continue;
		const channel = metadata.channels.find((candidate) => candidate.name === parsed.channel);
		if (channel === undefined) unknownRawFiles.push(name);
		else rawFiles.push({ channel, cpu: parsed.cpu, ...sized(join(directory, name)) });
	}
	const order = new Map(metadata.channels.map((channel, index) => [channel, index]));
	rawFiles.sort(
		(a, b) => (order.get(a.channel) ?? 0) - (order.get(b.channel) ?? 0) || a.cpu - b.cpu,
	);
	return { rawFiles, unknownRawFiles };
}

function sized(path: string): { readonly path: string; readonly size: number } {
	return { path, size: statSync(path).size };
}

function fingerprint(
	metadata: Uint8Array,
	rawFiles: readonly RawFile[],
	bufflinkSize: number | undefined,
): string {
	const hash = createHash("sha256").update(metadata);
	for (const file of rawFiles) hash.update(`\n${file.channel.name}/${file.cpu}=${file.size}`);
	return hash.update(`\nbufflink=${bufflinkSize ?? "none"}`).digest("hex");
}
