import type { BlktraceStream } from "../../../collector/blktrace/blktrace-stream.js";
import {
	BLKTRACE_ACTION,
	BLKTRACE_CATEGORY,
	BLKTRACE_CGROUP,
	BLKTRACE_CGROUP_SIZE,
	BLKTRACE_REMAP,
	BLKTRACE_REMAP_SIZE,
} from "../../../collector/blktrace/layout.js";
import { BLOCK_FLAG, BLOCK_OP, BlockEvent } from "./block-event.js";
import type { BlockTracker } from "./block-tracker.js";

const SPLIT_SIZE = 8;
const ZONE_OPS: readonly (readonly [category: number, op: number])[] = [
	[BLKTRACE_CATEGORY.zoneAppend, BLOCK_OP.zoneAppend],
	[BLKTRACE_CATEGORY.zoneReset, BLOCK_OP.zoneReset],
	[BLKTRACE_CATEGORY.zoneResetAll, BLOCK_OP.zoneResetAll],
	[BLKTRACE_CATEGORY.zoneFinish, BLOCK_OP.zoneFinish],
	[BLKTRACE_CATEGORY.zoneOpen, BLOCK_OP.zoneOpen],
	[BLKTRACE_CATEGORY.zoneClose, BLOCK_OP.zoneClose],
	[BLKTRACE_CATEGORY.writeZeroes, BLOCK_OP.writeZeroes],
];
/** Categories from here on are version 8's. */
const FIRST_LATER_CATEGORY = BLKTRACE_CATEGORY.zoneAppend;

/** Gives blktrace's events to the tracker, as it takes those of any source. */
export class BlktraceEvents {
	readonly #tracker: BlockTracker;
	readonly #event = new BlockEvent();

	constructor(tracker: BlockTracker) {
		this.#tracker = tracker;
	}

	/** False: data that belongs to the event is missing. */
	add({ ts, cpu, channel, walk }: BlktraceStream): boolean {
		const { category } = walk;
		const action = walk.action & ~BLKTRACE_CGROUP;
		// What comes behind are other things to the tracker, and none that moves a request here.
		if (action > BLKTRACE_ACTION.remap) return true;
		const event = this.#event;
		event.ts = ts;
		event.cpu = cpu;
		event.channel = channel;
		event.action = action;
		event.dev = walk.device;
		event.sector = walk.sector;
		event.bytes = walk.length;
		event.op = opOf(category, walk.length);
		event.flags = flagsOf(category);
		// A negative errno in 16 bits.
		event.error = (walk.error << 16) >> 16;
		event.tid = walk.pid;
		if (event.action === BLKTRACE_ACTION.remap || event.action === BLKTRACE_ACTION.split) {
			if (!this.#readOrigin(walk)) return false;
		}
		this.#tracker.add(event);
		return true;
	}

	/** What follows a remap or a split is big-endian, whatever the machine. */
	#readOrigin({ action, view, dataAt, dataLength }: BlktraceStream["walk"]): boolean {
		const event = this.#event;
		const lead = (action & BLKTRACE_CGROUP) === 0 ? 0 : BLKTRACE_CGROUP_SIZE;
		const at = dataAt + lead;
		const length = dataLength - lead;
		if (event.action === BLKTRACE_ACTION.split) {
			if (length < SPLIT_SIZE) return false;
			event.fromSector = readSector(view, at);
			return true;
		}
		if (length < BLKTRACE_REMAP_SIZE) return false;
		event.fromDev = view.getUint32(at + BLKTRACE_REMAP.device_from);
		event.fromSector = readSector(view, at + BLKTRACE_REMAP.sector_from);
		// From above to a partition the sector is the partition's still; its own remap comes next.
		const to = view.getUint32(at + BLKTRACE_REMAP.device_to);
		if (to !== event.fromDev) event.dev = to;
		return true;
	}
}

function readSector(view: DataView, at: number): number {
	return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
}

function opOf(category: number, bytes: number): number {
	if ((category & BLKTRACE_CATEGORY.discard) !== 0) return BLOCK_OP.discard;
	if (category >= FIRST_LATER_CATEGORY) {
		const found = ZONE_OPS.find(([bit]) => (category & bit) !== 0);
		if (found !== undefined) return found[1];
	}
	if ((category & BLKTRACE_CATEGORY.write) !== 0) return BLOCK_OP.write;
	if ((category & BLKTRACE_CATEGORY.flush) !== 0) return BLOCK_OP.flush;
	if ((category & BLKTRACE_CATEGORY.passthrough) !== 0) return BLOCK_OP.passthrough;
	return bytes > 0 ? BLOCK_OP.read : BLOCK_OP.other;
}

function flagsOf(category: number): number {
	let flags = 0;
	if ((category & BLKTRACE_CATEGORY.sync) !== 0) flags |= BLOCK_FLAG.sync;
	if ((category & BLKTRACE_CATEGORY.fua) !== 0) flags |= BLOCK_FLAG.fua;
	if ((category & BLKTRACE_CATEGORY.readahead) !== 0) flags |= BLOCK_FLAG.readahead;
	if ((category & BLKTRACE_CATEGORY.meta) !== 0) flags |= BLOCK_FLAG.meta;
	// The kernel's own flushes have it, too.
	if ((category & BLKTRACE_CATEGORY.flush) !== 0) flags |= BLOCK_FLAG.preflush;
	return flags;
}
