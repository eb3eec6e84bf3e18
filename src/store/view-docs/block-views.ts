import { COMM, PID, TID } from "./common-columns.js";
import type { ColumnDoc, ViewDoc } from "./view-doc.js";

const OP: ColumnDoc = {
	meaning:
		"`read`, `write`, `flush`, `discard`, `secure_erase`, `write_zeroes`, `zone_append`, `zone_reset`, `zone_reset_all`, `zone_open`, `zone_close`, `zone_finish`, `passthrough` or `other`.",
};

/** Columns that a request and a bio have in common, in their order; `own` are those with other meanings. */
function columnsOf(
	own: Readonly<Record<"ts" | "bytes" | "q2i", string>>,
): Record<string, ColumnDoc> {
	return {
		ts: { unit: "ns", meaning: own.ts },
		dev: { meaning: "The whole disk, `major:minor`; its name is in `block_devices`." },
		sector: { unit: "sectors", meaning: "Where it begins on the disk, in units of 512 bytes." },
		bytes: { unit: "bytes", meaning: own.bytes },
		op: OP,
		rwbs: { meaning: "Kind and flags in blkparse's letters." },
		pid: PID,
		comm: COMM,
		q2i: { unit: "ns", meaning: own.q2i },
		i2d: { unit: "ns", meaning: "From there to its issue to the driver." },
		d2c: { unit: "ns", meaning: "From its issue to its completion." },
		q2c: { unit: "ns", meaning: "From `ts` to its completion; NULL: its queueing was not seen." },
		error: { meaning: "Name of its errno; NULL: none." },
		tid: TID,
	};
}

export const BLOCK_REQUESTS: ViewDoc = {
	name: "block_requests",
	row: "A request to a block device, from its first bio's queueing on.",
	columns: {
		...columnsOf({
			ts: "When its first bio was queued, CLOCK_MONOTONIC.",
			bytes: "With all that was merged into it.",
			q2i: "From `ts` to its insertion into the scheduler's queue, or to the request being made.",
		}),
		request: { meaning: "Its number in this session, as in `block_ios`." },
		bios: { meaning: "How many bios it was made of." },
		requeues: { meaning: "How often the driver gave it back." },
	},
};

export const BLOCK_IOS: ViewDoc = {
	name: "block_ios",
	row: "A bio that was queued to a block device, whatever request it became a part of.",
	columns: {
		...columnsOf({
			ts: "When it was queued, CLOCK_MONOTONIC.",
			bytes: "Of the bio alone.",
			q2i: "From `ts` until its request was inserted or had taken it in.",
		}),
		request: { meaning: "Its request's number; NULL: it had none, as on device mapper's disks." },
		io: { meaning: "Its number in this session." },
		parent: { meaning: "`io` of the bio above, that was remapped to this one." },
	},
};

export const BLOCK_DEVICES: ViewDoc = {
	name: "block_devices",
	row: "A disk that block requests are about.",
	columns: {
		dev: { meaning: "`major:minor`." },
		name: { meaning: "As below /dev, where it is known." },
	},
};
