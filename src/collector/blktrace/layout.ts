/** Byte layouts of blktrace records: linux/blktrace_api.h, versions 7 and 8, either endianness. */

export const BLKTRACE_MAGIC = 0x65617400;
export const BLKTRACE_VERSIONS = [7, 8] as const;

/** The same in both versions. */
export const BLKTRACE = { magic: 0, sequence: 4, time: 8, sector: 16, bytes: 24 } as const;
export const BLKTRACE_V7_SIZE = 48;
export const BLKTRACE_V7 = {
	action: 28,
	pid: 32,
	device: 36,
	cpu: 40,
	error: 44,
	pdu_len: 46,
} as const;
export const BLKTRACE_V8_SIZE = 64;
export const BLKTRACE_V8 = {
	pid: 28,
	action: 32,
	device: 40,
	cpu: 44,
	error: 48,
	pdu_len: 50,
} as const;

/** The low 16 bits of an action; the categories are above them. */
export const BLKTRACE_ACTION = {
	queue: 1,
	backMerge: 2,
	frontMerge: 3,
	getRequest: 4,
	sleepRequest: 5,
	requeue: 6,
	issue: 7,
	complete: 8,
	plug: 9,
	unplugIo: 10,
	unplugTimer: 11,
	insert: 12,
	split: 13,
	bounce: 14,
	remap: 15,
	abort: 16,
	driverData: 17,
	zonePlug: 18,
	zoneUnplug: 19,
} as const;
/** In an action: the id of a cgroup leads the data behind the record. */
export const BLKTRACE_CGROUP = 0x100;
export const BLKTRACE_CGROUP_SIZE = 8;

/** What takes an action's place where the category says that it is a note. */
export const BLKTRACE_NOTE = { process: 0, timestamp: 1, message: 2 } as const;

export const BLKTRACE_CATEGORY = {
	read: 1 << 0,
	write: 1 << 1,
	flush: 1 << 2,
	sync: 1 << 3,
	queue: 1 << 4,
	requeue: 1 << 5,
	issue: 1 << 6,
	complete: 1 << 7,
	fs: 1 << 8,
	passthrough: 1 << 9,
	notify: 1 << 10,
	readahead: 1 << 11,
	meta: 1 << 12,
	discard: 1 << 13,
	driverData: 1 << 14,
	fua: 1 << 15,
	zoneAppend: 1 << 16,
	zoneReset: 1 << 17,
	zoneResetAll: 1 << 18,
	zoneFinish: 1 << 19,
	zoneOpen: 1 << 20,
	zoneClose: 1 << 21,
	writeZeroes: 1 << 22,
} as const;

/** Behind the record of a remap; big-endian whatever the machine. */
export const BLKTRACE_REMAP_SIZE = 16;
export const BLKTRACE_REMAP = { device_from: 0, device_to: 4, sector_from: 8 } as const;
