import { BLOCK_SERIES, type BlockNumbers, SERIES_COUNT } from "./block-numbers.js";
import { emptySeries, readSeries, type Series } from "./series.js";
import { ByteReader, type ByteWriter } from "./varint.js";

/*
 * Figures of bios and requests, by device, thread and kind: what reports sum up instead of reading
 * rows. A window takes in what began between its two times; one that ends in a later window is kept
 * there singly, as a stray.
 *
 *     blob:   groups, 0, strays
 *     group:  count, what, device, thread, op, errors, a series for each of BLOCK_SERIES
 *     stray:  begin of the window - ts, what, device, thread, op, 1 if it failed, a value + 1 or 0
 *             for each
 */

/** Whether figures are of bios, of requests, or of requests that are their only bio's row, too. */
export const BLOCK_WHAT = { io: 1, request: 2, both: 3 } as const;

export interface BlockSubjectKey {
	/** BLOCK_WHAT. */
	what: number;
	/** Row of `block_device_row`. */
	device: number;
	/** Row of `named_thread`. */
	thread: number;
	op: number;
}

export interface BlockGroup extends BlockSubjectKey {
	count: number;
	errors: number;
	/** In the order of BLOCK_SERIES. */
	readonly series: readonly Series[];
}

export interface BlockStray extends BlockSubjectKey {
	/** ns before the window's begin. */
	readonly before: number;
	readonly failed: boolean;
	/** In the order of BLOCK_SERIES; NaN: not known. */
	readonly numbers: BlockNumbers;
}

export function emptyBlockGroup(): BlockGroup {
	const series = BLOCK_SERIES.map(emptySeries);
	return { ...{ count: 0, what: 0, device: 0, thread: 0, op: 0, errors: 0 }, series };
}

/** No group is empty. */
export function endBlockGroups(to: ByteWriter): void {
	to.varint(0);
}

export function writeBlockStray(to: ByteWriter, stray: BlockStray): void {
	to.varint(stray.before);
	to.varint(stray.what);
	to.varint(stray.device);
	to.varint(stray.thread);
	to.varint(stray.op);
	to.varint(Number(stray.failed));
	for (let index = 0; index < SERIES_COUNT; index++) {
		const value = stray.numbers[index] as number;
		to.varint(value >= 0 ? value + 1 : 0);
	}
}

/** Hands out every group, in one object that is written over each time, then every stray. */
export function readBlockFigures(
	blob: Uint8Array,
	onGroup: (group: BlockGroup) => void,
	onStray: (stray: BlockStray) => void,
	group: BlockGroup = emptyBlockGroup(),
): void {
	const from = new ByteReader(blob);
	for (let count = from.varint(); count !== 0; count = from.varint()) {
		group.count = count;
		group.what = from.varint();
		group.device = from.varint();
		group.thread = from.varint();
		group.op = from.varint();
		group.errors = from.varint();
		for (const series of group.series) readSeries(from, series);
		onGroup(group);
	}
	while (from.more) {
		const before = from.varint();
		const [what, device] = [from.varint(), from.varint()];
		const [thread, op] = [from.varint(), from.varint()];
		const failed = from.varint() === 1;
		const numbers = new Float64Array(SERIES_COUNT);
		for (let index = 0; index < SERIES_COUNT; index++) {
			const value = from.varint();
			numbers[index] = value === 0 ? Number.NaN : value - 1;
		}
		onStray({ before, what, device, thread, op, failed, numbers });
	}
}
