/** Relay channels that other drivers have made: found in debugfs, read by path. */
import { readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { RelayscopeError } from "../base/error.js";
import { DEBUGFS } from "./checks.js";

export interface RelayFile {
	readonly path: string;
	readonly cpu: number;
}

export interface RelayChannel {
	/** Of its files, without the CPU's number: what `--sources relay:` takes. */
	readonly path: string;
	readonly files: readonly RelayFile[];
	/** Where the driver counts what it had no room for, if it does. */
	readonly droppedFile: string | undefined;
}

export interface RelayKind {
	readonly name: string;
	readonly description: string;
	/** Below debugfs; `*` stands for any name, and the files' CPU numbers follow. */
	readonly pattern: string;
}

/** blktrace's. */
const DROPPED = "dropped";

/** One line a driver: what is known to keep relay channels in debugfs. */
export const RELAY_KINDS: readonly RelayKind[] = [
	{ name: "blktrace", description: "block requests of a device", pattern: "block/*/trace" },
	{
		name: "ath9k",
		description: "Wi-Fi spectral scan",
		pattern: "ieee80211/*/ath9k/spectral_scan",
	},
	{
		name: "ath9k_htc",
		description: "Wi-Fi spectral scan",
		pattern: "ieee80211/*/ath9k_htc/spectral_scan",
	},
	{
		name: "ath10k",
		description: "Wi-Fi spectral scan",
		pattern: "ieee80211/*/ath10k/spectral_scan",
	},
	{ name: "ath11k", description: "Wi-Fi spectral scan", pattern: "ath11k/*/*/spectral_scan" },
	{ name: "i915", description: "log of the GPU's microcontroller", pattern: "dri/*/guc_log" },
	{ name: "iosm", description: "trace of a WWAN modem", pattern: "wwan/*/iosm/trace" },
	{ name: "t7xx", description: "trace of a WWAN modem", pattern: "wwan/*/t7xx/relay_ch" },
	{ name: "systemtap", description: "output of a script", pattern: "systemtap/*/trace" },
];

/** The channels of a kind that are there now. */
export function findRelayChannels(kind: RelayKind, root = DEBUGFS): RelayChannel[] {
	let directories = [root];
	const parts = kind.pattern.split("/");
	const prefix = parts.pop() ?? "";
	for (const part of parts) {
		directories = directories.flatMap((directory) =>
			(part === "*" ? entries(directory) : [part]).map((name) => join(directory, name)),
		);
	}
	return directories
		.map((directory) => channelOf(join(directory, prefix)))
		.filter(({ files }) => files.length > 0);
}

/**
 * The channel that a user names by its path: with or without a CPU's number.
 * @throws RelayscopeError SOURCE_UNAVAILABLE
 */
export function relayChannelAt(path: string): RelayChannel {
	const whole = resolve(path);
	const found = [whole, whole.replace(/\d+$/, "")]
		.map(channelOf)
		.find(({ files }) => files.length > 0);
	if (found !== undefined) return found;
	throw new RelayscopeError("SOURCE_UNAVAILABLE", `there is no relay channel at ${path}`, {
		hint: `Give its files' path without the CPU's number, such as ${DEBUGFS}/block/sda/trace; \`relayscope sources\` lists those that are there.`,
	});
}

/** With the files of CPUs that have come since it was found. */
export function channelOf(path: string): RelayChannel {
	const prefix = basename(path);
	const names = entries(dirname(path));
	const files = names
		.filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
		.map((name) => ({
			path: join(dirname(path), name),
			cpu: Number(name.slice(prefix.length)),
		}))
		.sort((a, b) => a.cpu - b.cpu);
	const droppedFile = names.includes(DROPPED) ? join(dirname(path), DROPPED) : undefined;
	return { path, files, droppedFile };
}

/** None where there is no directory. */
function entries(directory: string): string[] {
	try {
		return readdirSync(directory);
	} catch {
		return [];
	}
}
