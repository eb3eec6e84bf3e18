import { COMM } from "./common-columns.js";
import type { ColumnDoc, ViewDoc } from "./view-doc.js";

type Columns = Readonly<Record<string, ColumnDoc>>;

const DEV: ColumnDoc = {
	meaning: "Device, as `8:0`; a partition's bio is its whole disk's. Names are in `block_devices`.",
};
const SECTOR: ColumnDoc = { unit: "512 bytes", meaning: "Where it begins on the device." };
const OP: ColumnDoc = {
	meaning:
		"`read`, `write`, `discard`, `flush`, `write_zeroes`, `secure_erase`, `passthrough`, `zone_append` and other `zone_` operations, `other`.",
};

const PLACE: Columns = {
	dev: DEV,
	sector: SECTOR,
	bytes: { unit: "bytes", meaning: "How much; 0 for a flush." },
	op: OP,
	rwbs: {
		meaning:
			"As blkparse writes it: `F` before the letters of the operation, a flush goes first; behind them `F` FUA, `A` read-ahead, `S` sync, `M` metadata.",
	},
	pid: {
		meaning:
			"Process that it belongs to: the one that queued it or, of what a kernel thread writes back, the one that made the file's data dirty. NULL when it is not known, as of flushes, which are done for many.",
	},
	comm: COMM,
};
const TIMES: Columns = {
	q2i: {
		unit: "ns",
		meaning: "From queueing to the scheduler; NULL where there is none, or it was not seen.",
	},
	i2d: { unit: "ns", meaning: "From the scheduler to the driver." },
	d2c: { unit: "ns", meaning: "From the driver to completion." },
	q2c: { unit: "ns", meaning: "All of it, from queueing to completion." },
	error: { meaning: "Name of the errno that it failed with, such as `EIO`; else NULL." },
	tid: { meaning: "Thread that it belongs to, as `pid`." },
};
const ORIGIN: Columns = {
	file_dev: {
		meaning:
			"Device of the file system that the data is cached of; NULL: it is not cached, or not known.",
	},
	inode: { meaning: "Inode of the file there; NULL: data of the device itself, as metadata is." },
	cgroup: { meaning: "Id of the cgroup that it is charged to." },
	queue_tid: { meaning: "Thread that queued it: other than `tid` for what is written back." },
};

export const BLOCK_REQUESTS: ViewDoc = {
	name: "block_requests",
	row: "A request to a block device.",
	columns: {
		ts: {
			unit: "ns",
			meaning:
				"When the first of its bios was queued, CLOCK_MONOTONIC; where that was not seen, when the request was.",
		},
		...PLACE,
		...TIMES,
		request: { meaning: "Number of the request in this session." },
		bios: {
			meaning: "Bios that went into it; 0 when it is a driver's own, or they were not seen.",
		},
		requeues: { meaning: "How often the driver gave it back." },
		...ORIGIN,
	},
};

export const BLOCK_IOS: ViewDoc = {
	name: "block_ios",
	row: "A bio that was queued, alone or merged with others into a request; times are btt's.",
	columns: {
		ts: { unit: "ns", meaning: "When it was queued, CLOCK_MONOTONIC." },
		...PLACE,
		...TIMES,
		request: { meaning: "The request that it went into; NULL: its device has none." },
		io: { meaning: "Number of the bio in this session." },
		parent: {
			meaning: "`io` of the bio above, of the device mapper's device, that it is a part of.",
		},
		...ORIGIN,
	},
};

export const BLOCK_DEVICES: ViewDoc = {
	name: "block_devices",
	row: "A device that something was asked of.",
	columns: {
		dev: { meaning: "As in the other views." },
		name: { meaning: "Its name, such as `sda`; NULL when it is not known." },
	},
};

export const IO_CAUSES: ViewDoc = {
	name: "io_causes",
	row: "A bio and the system call that its thread was in when it was queued: a direct read, an fsync. Needs both sources, `block` and `syscalls`.",
	columns: {
		ts: { unit: "ns", meaning: "When the bio was queued, CLOCK_MONOTONIC." },
		dev: DEV,
		sector: SECTOR,
		bytes: { unit: "bytes", meaning: "Of the bio." },
		op: OP,
		q2c: { unit: "ns", meaning: "From queueing to completion." },
		request: { meaning: "As in `block_ios`." },
		io: { meaning: "As in `block_ios`." },
		call_ts: { unit: "ns", meaning: "When the call began." },
		name: { meaning: "Name of the call." },
		pid: { meaning: "Process that called." },
		tid: { meaning: "Thread that called." },
		comm: COMM,
		dur: { unit: "ns", meaning: "How long the call took; NULL: its return was not seen." },
	},
};
