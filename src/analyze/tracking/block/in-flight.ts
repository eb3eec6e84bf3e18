/** What is between its queueing and its completion. Times are NaN as long as they are not known. */

/** A bio, as it was queued. */
export class QueuedBio {
	id = 0;
	deviceRow = 0;
	sector = 0;
	bytes = 0;
	op = 0;
	flags = 0;
	tid = 0;
	/** Dictionary row of the thread. */
	thread = 0;
	queued = Number.NaN;
	/** When its first part was inserted, merged, issued. */
	inserted = Number.NaN;
	merged = Number.NaN;
	issued = Number.NaN;
	/** The request that its first part went into; 0: none. */
	request = 0;
	/** The bio above that this one is the lower part of; 0: none. */
	parent = 0;
	/** After the bio before on the same device: see Arrivals. */
	gap = Number.NaN;
	seek = Number.NaN;
	/** Parts that are not completed. */
	parts = 0;
	/** Row of the thread that queued it, the file that its data is cached of, the cgroup that pays. */
	queuer = 0;
	inode = 0;
	inodeDev = 0;
	cgroup = 0;
	/** The system call that its thread was in: when it began, its caller and CPU; NaN: none. */
	callTs = Number.NaN;
	caller = 0;
	callCpu = 0;
	/** Neither split nor the upper part of another. */
	whole = true;
	error = 0;
}

/** What of a bio goes one way: all of it, unless it was split. */
export class BioPart {
	sector = 0;
	/** Sector behind it. */
	end = 0;
	op = 0;
	tid = 0;
	epoch = 0;
	/** When it was merged into a request. */
	merged = Number.NaN;
	/** Number that it is known by in events; 0: none. */
	number = 0;
	dev = 0;
	bio: QueuedBio | undefined;
	/** The request that it went into. */
	request: Request | undefined;
	/** The next part of the same request. */
	following: BioPart | undefined;
	/** The one before at the same sector. */
	older: BioPart | undefined;
}

export class Request {
	id = 0;
	dev = 0;
	deviceRow = 0;
	/** Where what is not completed begins, and the sector behind it. */
	sector = 0;
	end = 0;
	firstSector = 0;
	bytes = 0;
	op = 0;
	flags = 0;
	tid = 0;
	epoch = 0;
	/** When the request itself was first met, and when the first of its bios was queued. */
	met = Number.NaN;
	queued = Number.NaN;
	/** Dictionary row of that bio's thread; 0: not known. */
	thread = 0;
	inserted = Number.NaN;
	issued = Number.NaN;
	requeues = 0;
	/** Of its only bio, when that needs no row of its own. */
	gap = Number.NaN;
	seek = Number.NaN;
	bios = 0;
	error = 0;
	/** Number that it is known by in events; 0: none so far. */
	number = 0;
	/** Of the bio that was queued first. */
	queuer = 0;
	inode = 0;
	inodeDev = 0;
	cgroup = 0;
	parts: BioPart | undefined;
	lastPart: BioPart | undefined;
	/** The one before at the same sector. */
	older: Request | undefined;
}
