import { join } from "node:path";

/** Where things lie in a session directory. The raw files are the truth; the database is derived. */
export const METADATA_FILE = "metadata";
export const DATABASE_FILE = "session.db";
export const BUFFLINK_FILE = "bufflink.raw";
export const METADATA_VERSION = 1;

/** Raw sub-buffers of one CPU, back to back, each its used bytes padded to a multiple of 8. */
export function rawFile(directory: string, channel: string, cpu: number): string {
	return join(directory, `${channel}.cpu${cpu}.raw`);
}
