import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { RelayscopeError } from "../base/error.js";
import { BUFFLINK_FILE, METADATA_FILE, METADATA_VERSION, RESERVE_FILE, rawFile } from "./layout.js";
import type { EndingMetadata, SessionMetadata } from "./metadata.js";
import { errno } from "./metadata-file.js";
import {
	asDiskFull,
	encodeMetadata,
	syncDirectory,
	writeDurably,
	writeMetadataFile,
} from "./write-metadata.js";

const RESERVE_BYTES = 256 * 1024;
/** More than one encoded CpuCounters ever takes. */
const COUNTERS_BYTES = 192;

/**
 * A session directory while it is recorded. The raw files are written by others (the native
 * readers), at the paths that this says.
 */
export class SessionWriter {
	readonly directory: string;
	#metadata: SessionMetadata;

	private constructor(directory: string, metadata: SessionMetadata) {
		this.directory = directory;
		this.#metadata = metadata;
	}

	/**
	 * Makes the directory and writes the initial metadata, so that a recording killed from here on
	 * can be opened. The directory must be absent or empty.
	 */
	static create(
		directory: string,
		metadata: Omit<SessionMetadata, "version" | "ending">,
	): SessionWriter {
		const path = resolve(directory);
		const initial = { ...metadata, version: METADATA_VERSION, ending: undefined };
		claimDirectory(path);
		try {
			writeDurably(join(path, RESERVE_FILE), randomBytes(reserveBytes(initial)));
		} catch (error) {
			rmSync(join(path, RESERVE_FILE), { force: true });
			throw asDiskFull(error, path);
		}
		writeMetadataFile(path, initial);
		return new SessionWriter(path, initial);
	}

	get metadata(): SessionMetadata {
		return this.#metadata;
	}

	rawFile(channel: string, cpu: number): string {
		return rawFile(this.directory, channel, cpu);
	}

	get bufflinkFile(): string {
		return join(this.directory, BUFFLINK_FILE);
	}

	/**
	 * Writes how the recording ended; works on a full disk, provided that the raw files' writers
	 * have stopped, for they would take the space that the reserve frees.
	 */
	finish(ending: EndingMetadata): void {
		rmSync(join(this.directory, RESERVE_FILE), { force: true });
		this.#metadata = { ...this.#metadata, ending };
		writeMetadataFile(this.directory, this.#metadata);
	}
}

/** The final metadata lies beside the initial one for a moment: the reserve must hold all of it. */
function reserveBytes(initial: SessionMetadata): number {
	const counters = initial.channels.length * initial.host.cpuIds * COUNTERS_BYTES;
	const whole = encodeMetadata(initial).length + counters;
	return RESERVE_BYTES * Math.ceil((whole + RESERVE_BYTES / 2) / RESERVE_BYTES);
}

function claimDirectory(path: string): void {
	try {
		// A recording shows what every process on the machine did: its owner's eyes only.
		mkdirSync(path, { recursive: true, mode: 0o700 });
	} catch (cause) {
		if (errno(cause) !== "EEXIST" && errno(cause) !== "ENOTDIR") throw asDiskFull(cause, path);
		throw new RelayscopeError(
			"OUTPUT_NOT_EMPTY",
			`${path} cannot be a session directory: a file is there.`,
			{ hint: "Name another directory with -o.", cause },
		);
	}
	if (readdirSync(path).length > 0) {
		const holds = existsSync(join(path, METADATA_FILE))
			? "already holds a session"
			: "is not empty";
		throw new RelayscopeError("OUTPUT_NOT_EMPTY", `${path} ${holds}.`, {
			hint: "Name a directory that does not exist yet with -o, or remove this one first.",
		});
	}
	syncDirectory(path);
}
