/** What `record --strings` asks for: the texts of system calls, in channels that have room for them. */
import { RelayscopeError } from "../base/error.js";
import type { ChannelRequest } from "./channel-request.js";

/** The only source whose events have texts of the recorded programs. */
export const STRINGS_SOURCE = "syscalls";
/** RELAYSCOPE_STRINGS_SUBBUF_MIN: a record with two paths in full fits. */
const SUBBUF_MIN = 16_384;

/**
 * The same channels, with texts where system calls are recorded.
 * @throws RelayscopeError BAD_ARGUMENT
 */
export function withStrings(channels: readonly ChannelRequest[]): ChannelRequest[] {
	if (!channels.some(({ sources }) => sources.includes(STRINGS_SOURCE))) {
		throw new RelayscopeError(
			"BAD_ARGUMENT",
			"--strings is for system calls, which are not recorded",
			{
				hint: `Add ${STRINGS_SOURCE} to --sources or to a --channel.`,
			},
		);
	}
	return channels.map((channel) => {
		if (!channel.sources.includes(STRINGS_SOURCE)) return channel;
		if (channel.subbufSize < SUBBUF_MIN) {
			throw new RelayscopeError(
				"BAD_ARGUMENT",
				`sub-buffers of ${channel.subbufSize} bytes are too small for --strings`,
				{ hint: "Two paths in full take 8K: give --subbuf-size 16K or more." },
			);
		}
		return { ...channel, strings: true };
	});
}
