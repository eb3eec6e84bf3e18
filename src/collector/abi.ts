/** Byte layouts of include/uapi/relayscope.h; a test holds the two together. */

export const ABI_VERSION = 1;
export const RECORD_ALIGN = 8;

export const SUBBUF_MAGIC = 0x53594c52;
export const SUBBUF_HEADER_SIZE = 64;
export const SUBBUF = {
	magic: 0,
	abi_version: 4,
	header_length: 6,
	channel_id: 8,
	cpu: 12,
	epoch: 16,
	used: 20,
	sequence: 24,
	ts_begin: 32,
	ts_end: 40,
	record_count: 48,
	lost_inside: 52,
	lost: 56,
} as const;

export const RECORD_HEADER_SIZE = 12;
export const RECORD = { event_id: 0, length: 2, ts_delta: 4, tid: 8 } as const;

export const MESSAGE_MAGIC = 0x4d53;
export const MESSAGE_HEADER_SIZE = 24;
export const MESSAGE = { magic: 0, event_id: 2, length: 4, ts: 8, cpu: 16, tid: 20 } as const;

export function alignRecord(length: number): number {
	return length + (-length & (RECORD_ALIGN - 1));
}
