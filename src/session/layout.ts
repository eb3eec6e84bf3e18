import { join } from "node:path";
import { CPU_ALL } from "../base/cpu.js";

/** Where things lie in a session directory. The raw files are the truth; the database is derived. */
export const METADATA_FILE = "metadata";
export const DATABASE_FILE = "session.db";
export const BUFFLINK_FILE = "bufflink.raw";
/** Space kept back so that a recording can say how it ended on a disk that it filled. */
export const RESERVE_FILE = ".reserve";
export const METADATA_VERSION = 1;

/**
 * Raw sub-buffers of one buffer, back to back, each its used bytes padded to a multiple of 8: a
 * CPU's, or, CPU_ALL, a global channel's.
 */
export function rawFile(directory: string, channel: string, cpu: number): string {
	return join(directory, `${channel}.${cpu === CPU_ALL ? "global" : `cpu${cpu}`}.raw`);
}

/** The channel and CPU that a raw file's name says, or undefined when it is some other file. */
export function parseRawFile(name: string): { channel: string; cpu: number } | undefined {
	const match = /^(.+)\.(?:cpu(0|[1-9]\d{0,8})|global)\.raw$/.exec(name);
	const [, channel, cpu] = match ?? [];
	if (channel === undefined) return undefined;
	return { channel, cpu: cpu === undefined ? CPU_ALL : Number(cpu) };
}
