/** `record --channel NAME,key=value,…`: a channel in one word. */
import commander = require("commander");

import type { ChannelRequest } from "../record/channel-request.js";
import { contextBits } from "../record/context-request.js";
import { parseByteSize, parseCount, parseDuration } from "./option-values.js";

/** What was said of a channel; the rest is as the other options say. */
export interface ChannelOption
	extends Partial<Omit<ChannelRequest, "name" | "sources" | "contexts">> {
	readonly name: string;
	readonly sources: readonly string[];
	/** RELAYSCOPE_CONTEXT_* bits of all its sources. */
	readonly context?: number;
}

type Setting = Partial<ChannelOption>;

const KEYS: Readonly<Record<string, (value: string, before: ChannelOption) => Setting>> = {
	source: (value, { sources }) => ({ sources: [...sources, value] }),
	size: (value) => ({ subbufSize: parseByteSize(value) }),
	count: (value) => ({ subbufCount: parseCount(value) }),
	mode: (value) => ({ overwrite: parseMode(value) }),
	context: (value) => ({ context: contextBits(value.split("+")) }),
	flush: (value) => ({ flushIntervalMs: value === "0" ? 0 : parseDuration(value) / 1e6 }),
};

/** What a channel is, in a word. */
const WORDS: ReadonlyMap<string, Setting> = new Map([["global", { global: true }]]);

export const CHANNEL_SYNTAX = "<name,key=value,...>";
export const CHANNEL_HELP = `one of several channels, each with ${Object.keys(KEYS).join("=, ")}=, global (one buffer for all CPUs); repeatable, as are its sources`;

/** @throws InvalidArgumentError */
export function parseChannel(text: string): ChannelOption {
	const [name = "", ...settings] = text.split(",");
	let channel: ChannelOption = { name, sources: [] };
	for (const setting of settings) {
		const word = WORDS.get(setting);
		if (word !== undefined) {
			channel = { ...channel, ...word };
			continue;
		}
		const at = setting.indexOf("=");
		const parse = KEYS[at < 0 ? setting : setting.slice(0, at)];
		if (parse === undefined || at < 0) {
			throw new commander.InvalidArgumentError(
				`"${setting}" is not one of ${Object.keys(KEYS).join("=, ")}=, ${[...WORDS.keys()].join(", ")}, as in --channel calls,source=syscalls,size=64K`,
			);
		}
		channel = { ...channel, ...parse(setting.slice(at + 1), channel) };
	}
	return channel;
}

function parseMode(value: string): boolean {
	if (value !== "discard" && value !== "overwrite") {
		throw new commander.InvalidArgumentError("A channel's mode is discard or overwrite.");
	}
	return value === "overwrite";
}
