/** What a channel is to be, and whether this machine has room for it. */
import { cpus } from "node:os";
import { RelayscopeError } from "../base/error.js";
import type { SourceContext } from "../session/metadata.js";
import { availableMemory } from "./host.js";

export interface ChannelRequest {
	readonly name: string;
	readonly sources: readonly string[];
	/** Bytes. */
	readonly subbufSize: number;
	/** Sub-buffers a CPU; of a global channel: of all. */
	readonly subbufCount: number;
	/** 0: only what is full is handed over. */
	readonly flushIntervalMs: number;
	/** A flight recorder: the oldest is overwritten instead of the newest lost. */
	readonly overwrite: boolean;
	/** What records of its sources carry beside their fields; of those not listed: nothing. */
	readonly contexts?: readonly SourceContext[];
	/** One buffer for all CPUs. */
	readonly global: boolean;
	/** Records of system calls have their texts. */
	readonly strings?: boolean;
}

/** The bufflink's messages go by this name wherever channels do. */
const RESERVED_NAME = "bufflink";

const PAGE = 4096;
const SUBBUF_SIZE_MAX = 64 << 20;
const SUBBUFS_MAX = 4096;
/** What relay can address in one buffer. */
const BUFFER_MAX = 2 ** 31 - 1;
/** Buffers are locked memory: one mistyped size must not push everything else out. */
const MEMORY_SHARE_MAX = 0.5;

/** The kernel's own rules, told in words. @throws RelayscopeError BAD_ARGUMENT */
export function checkChannels(channels: readonly ChannelRequest[]): void {
	for (const channel of channels) {
		checkName(channel.name);
		checkBuffers(channel);
	}
	checkDistinct(channels);
	checkMemory(channels);
}

function checkName(name: string): void {
	if (!/^[a-z0-9_-]{1,31}$/.test(name) || name === RESERVED_NAME) {
		throw refused(
			`a channel cannot have the name "${name}"`,
			`Use up to 31 of a-z, 0-9, _ and -; ${RESERVED_NAME} is taken.`,
		);
	}
}

function checkBuffers({ subbufSize, subbufCount, flushIntervalMs, overwrite }: ChannelRequest) {
	if (!isPowerOfTwo(subbufSize) || subbufSize < PAGE || subbufSize > SUBBUF_SIZE_MAX) {
		throw refused(
			`a sub-buffer of ${subbufSize} bytes is not possible`,
			"Give a power of two from 4K to 64M: --subbuf-size 256K",
		);
	}
	if (!isPowerOfTwo(subbufCount) || subbufCount < 2 || subbufCount > SUBBUFS_MAX) {
		throw refused(
			`${subbufCount} sub-buffers are not possible`,
			"Give a power of two from 2 to 4096: --subbufs 32",
		);
	}
	if (subbufSize * subbufCount > BUFFER_MAX) {
		throw refused(
			`a buffer of ${mebibytes(subbufSize * subbufCount)} a CPU is more than the kernel takes`,
			"Keep --subbuf-size times --subbufs below 2G.",
		);
	}
	if (overwrite && flushIntervalMs !== 0) {
		throw refused(
			"a flight recorder has no flush interval: it would shorten what is kept",
			"Leave the flush interval out; a snapshot takes the newest records, too.",
		);
	}
}

function checkDistinct(channels: readonly ChannelRequest[]): void {
	const names = new Set<string>();
	const recorded = new Set<string>();
	for (const { name, sources, overwrite } of channels) {
		if (names.has(name)) {
			throw refused(`two channels have the name ${name}`, "Give each a name of its own.");
		}
		names.add(name);
		if (sources.length === 0) {
			throw refused(`channel ${name} has nothing to record`, `Give it a source: source=syscalls`);
		}
		for (const source of sources) {
			// The same event twice in one session would count twice in every answer.
			const key = `${source} ${overwrite}`;
			if (recorded.has(key)) {
				throw refused(
					`source ${source} is in two channels`,
					"Give it to one of them: every event would be counted twice.",
				);
			}
			recorded.add(key);
		}
	}
}

function checkMemory(channels: readonly ChannelRequest[]): void {
	// Each CPU that is online has buffers, not only those that we may run on.
	const online = cpus().length;
	const wanted = channels.reduce((sum, channel) => {
		const { subbufSize, subbufCount, overwrite, global } = channel;
		// A snapshot copies a flight recorder's buffers to memory before it writes them to disk.
		const copies = overwrite ? 2 : 1;
		return sum + subbufSize * subbufCount * copies * (global ? 1 : online);
	}, 0);
	const available = availableMemory();
	if (wanted <= available * MEMORY_SHARE_MAX) return;
	throw refused(
		`buffers of ${mebibytes(wanted)} would take more than half of the ${mebibytes(available)} that are free`,
		"Make them smaller with --subbuf-size or --subbufs.",
	);
}

function isPowerOfTwo(value: number): boolean {
	return value > 0 && Number.isInteger(Math.log2(value));
}

function refused(message: string, hint: string): RelayscopeError {
	return new RelayscopeError("BAD_ARGUMENT", message, { hint });
}

function mebibytes(bytes: number): string {
	return `${Math.round(bytes / (1 << 20))} MiB`;
}
