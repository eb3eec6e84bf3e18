/** What happened to a bio or a request: the numbers of blktrace's actions. */
export const BLOCK_ACTION = {
	queue: 1,
	backMerge: 2,
	frontMerge: 3,
	getRequest: 4,
	sleep: 5,
	requeue: 6,
	issue: 7,
	complete: 8,
	plug: 9,
	unplug: 10,
	unplugTimer: 11,
	insert: 12,
	split: 13,
	bounce: 14,
	remap: 15,
	abort: 16,
} as const;

/** What a bio or request is for: the numbers of Linux 6.1's `enum req_op`. */
export const BLOCK_OP = {
	read: 0,
	write: 1,
	flush: 2,
	discard: 3,
	secureErase: 5,
	writeZeroes: 9,
	zoneOpen: 10,
	zoneClose: 11,
	zoneFinish: 12,
	zoneAppend: 13,
	zoneReset: 15,
	zoneResetAll: 17,
	driverIn: 34,
	driverOut: 35,
} as const;

/** Bits of `flags`. */
export const BLOCK_FLAG = {
	sync: 1,
	meta: 2,
	readahead: 4,
	fua: 8,
	preflush: 16,
} as const;

/** Whether the event is about a bio or a request; `either` where the recording does not say. */
export type BlockSubject = "bio" | "request" | "either";

/**
 * One event of the block layer, whoever recorded it. Fields that an event does not have are 0. One
 * object is filled anew for every event: whoever keeps it copies it.
 */
export interface BlockEvent {
	/** ns since the time base. */
	ts: number;
	/** Of the record. */
	channel: string;
	cpu: number;
	/** One of BLOCK_ACTION. */
	action: number;
	subject: BlockSubject;
	/** Thread that it happened in; for a completion whoever was interrupted. */
	tid: number;
	/** Of the whole disk: major << 20 | minor. */
	device: number;
	/** Of 512 bytes. */
	sector: number;
	bytes: number;
	/** One of BLOCK_OP. */
	op: number;
	flags: number;
	/** Positive errno; 0: none. */
	error: number;
	/** The request's identity while it lives, where the recording has it. */
	request: number | bigint;
	/** Of a remap: where it came from. Of a split: where what is left begins. */
	otherDevice: number;
	otherSector: number;
	/** Of what is queued: the file whose page it is, where the kernel knows one. */
	inodeDevice: number;
	inode: number | bigint;
	/** Of what is queued: whose doing it is charged to. */
	cgroup: number | bigint;
}

export function newBlockEvent(): BlockEvent {
	return {
		...{ ts: 0, channel: "", cpu: 0, action: 0, subject: "either", tid: 0 },
		...{ device: 0, sector: 0, bytes: 0, op: 0, flags: 0, error: 0, request: 0 },
		...{ otherDevice: 0, otherSector: 0, inodeDevice: 0, inode: 0, cgroup: 0 },
	};
}
