/** What happens to a bio or a request, with blktrace's numbers. */
export const BLOCK_ACTION = {
	queue: 1,
	backMerge: 2,
	frontMerge: 3,
	getRequest: 4,
	requeue: 6,
	issue: 7,
	complete: 8,
	insert: 12,
	split: 13,
	remap: 15,
	/** A bio that never had a request is done. A source that calls this a completion is understood. */
	bioComplete: 16,
	/** A request becomes the end of another. A source that calls this a back merge is understood. */
	requestMerge: 17,
} as const;

/** Kinds of requests, whatever the kernel's own numbers are; their names stand in BLOCK_OPS. */
export const BLOCK_OP = {
	read: 0,
	write: 1,
	discard: 2,
	flush: 3,
	writeZeroes: 4,
	passthrough: 5,
	zoneAppend: 6,
	zoneReset: 7,
	zoneResetAll: 8,
	zoneFinish: 9,
	zoneOpen: 10,
	zoneClose: 11,
	other: 12,
	secureErase: 13,
} as const;

export const BLOCK_FLAG = { sync: 1, fua: 2, preflush: 4, readahead: 8, meta: 16 } as const;

/**
 * One event of the block layer, whoever recorded it: a source fills in one object again and again
 * and gives it to the BlockTracker.
 */
export class BlockEvent {
	/** ns since the time base. */
	ts = 0;
	cpu = 0;
	channel = "";
	/** One of BLOCK_ACTION. */
	action = 0;
	/** major << 20 | minor, as the kernel has it. */
	dev = 0;
	/** Of 512 bytes. */
	sector = 0;
	bytes = 0;
	/** One of BLOCK_OP. */
	op = 0;
	/** BLOCK_FLAG bits. */
	flags = 0;
	/** errno, negative; 0: none. */
	error = 0;
	/** Thread that was running; of a completion whoever was interrupted. */
	tid = 0;
	/** Identity of the request, where the source knows it; 0: none, and the sector has to do. */
	request = 0;
	/** Of a remap: where the bio came from. Of a split: `fromSector` is where the rest begins. */
	fromDev = 0;
	fromSector = 0;
	/** Number that the bio alone has until it ends; of a request its first bio's. 0: not known. */
	bio = 0;
	/**
	 * Of a bio that is queued: dictionary rows of the thread that it belongs to and of the one that
	 * queued it, where the source knows them; NaN: the tracker takes `tid` for both.
	 */
	thread = Number.NaN;
	queuer = Number.NaN;
	/** Of a bio that is queued: the file that its data is cached of; 0: none, or not known. */
	inode = 0;
	/** Device of the inode's file system; with inode 0, the device that the data is cached of. */
	inodeDev = 0;
	/** Of a bio that is queued: the cgroup that it is charged to; 0: not known. */
	cgroup = 0;
}
