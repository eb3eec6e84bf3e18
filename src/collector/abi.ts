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
/** Of a global channel: the CPU follows. */
export const GLOBAL_RECORD_HEADER_SIZE = 16;
export const GLOBAL_RECORD = { cpu: 12 } as const;

/** In an event id: the record ends with its context. */
export const RECORD_CONTEXT = 0x8000;
export const CONTEXT_FOOTER_SIZE = 8;
export const CONTEXT_FOOTER = {
	record_length: 0,
	context: 2,
	kernel_frames: 4,
	user_frames: 5,
	flags: 6,
} as const;
export const CONTEXT_NAMESPACES_SIZE = 32;
export const CONTEXT_NAMESPACES = {
	pid: 0,
	net: 4,
	user: 8,
	uts: 12,
	ipc: 16,
	cgroup: 20,
	time: 24,
} as const;
export const CONTEXT_FLAG = {
	KERNEL_CUT: 1,
	USER_CUT: 2,
	USER_UNREADABLE: 4,
	INTERRUPT: 8,
	KERNEL_NARROW: 16,
} as const;

export const MESSAGE_MAGIC = 0x4d53;
export const MESSAGE_HEADER_SIZE = 24;
export const MESSAGE = { magic: 0, event_id: 2, length: 4, ts: 8, cpu: 16, tid: 20 } as const;

export function alignRecord(length: number): number {
	return length + (-length & (RECORD_ALIGN - 1));
}
