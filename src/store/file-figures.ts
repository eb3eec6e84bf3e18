import { ByteReader, type ByteWriter } from "./varint.js";

/*
 * Figures of the calls that name a file, by caller and what is named: what a report on files sums
 * up instead of reading rows. The table `file_window` has rows (begin_ts, end_ts, figures): one for
 * every so many such calls, in the order of time and without a gap. A window takes in the calls that
 * began in [begin_ts, end_ts); one that ended after its window was written, as long ones do, is kept
 * in a later window, singly, as a stray. So the calls that began in a range are: the groups of the
 * windows that lie whole in it, the strays (of these windows and of every later one) whose own time
 * is in it, and rows of `syscall_row` with `paths > 0` where the range cuts a window.
 *
 * How to read: `readFileFigures(figures, onGroup, onStray)`. `caller` is a row of `caller` (who, which
 * call), `paths` one of `call_paths` (which file), and a call's `bytes` is what it returned where
 * that is above 0 and fits 32 bits: bytes for a read or a write, a descriptor for an open; the call's name says which.
 *
 *     blob:   groups, 0, strays
 *     group:  caller, paths, calls * 4 + (has unfinished) * 2 + (has errors), [errors],
 *             [unfinished], total, bytes
 *     stray:  begin of the window - ts, caller, paths, duration + 1 or 0, 1 if it failed, bytes
 *
 * All numbers are varints, exact.
 */

export interface FileGroup {
	/** Row of `caller`. */
	caller: number;
	/** Row of `call_paths`. */
	paths: number;
	/** All of them. */
	calls: number;
	/** Of `calls`: those whose `errno` is a name. */
	errors: number;
	/** Of `calls`: those without a duration. */
	unfinished: number;
	/** ns, of those with a duration. */
	total: number;
	/** Sum of what calls returned, where that was above 0 and fits 32 bits. */
	bytes: number;
}

export interface FileStray {
	/** ns before the window's begin. */
	readonly before: number;
	readonly caller: number;
	readonly paths: number;
	/** NaN: unfinished. */
	readonly dur: number;
	readonly failed: boolean;
	readonly bytes: number;
}

const HAS_ERRORS = 1;
const HAS_UNFINISHED = 2;
const CALLS_UNIT = 4;

export function writeFileGroup(to: ByteWriter, group: FileGroup): void {
	const { calls, errors, unfinished } = group;
	to.varint(group.caller);
	to.varint(group.paths);
	to.varint(
		calls * CALLS_UNIT + (unfinished > 0 ? HAS_UNFINISHED : 0) + (errors > 0 ? HAS_ERRORS : 0),
	);
	if (errors > 0) to.varint(errors);
	if (unfinished > 0) to.varint(unfinished);
	to.varint(group.total);
	to.varint(group.bytes);
}

/** No caller has the number 0. */
export function endFileGroups(to: ByteWriter): void {
	to.varint(0);
}

export function writeFileStray(to: ByteWriter, stray: FileStray): void {
	to.varint(stray.before);
	to.varint(stray.caller);
	to.varint(stray.paths);
	to.varint(Number.isNaN(stray.dur) ? 0 : stray.dur + 1);
	to.varint(Number(stray.failed));
	to.varint(stray.bytes);
}

/** `onGroup` is given the same object every time. */
export function readFileFigures(
	figures: Uint8Array,
	onGroup: (group: FileGroup) => void,
	onStray: (stray: FileStray) => void,
): void {
	const from = new ByteReader(figures);
	const group: FileGroup = {
		...{ caller: 0, paths: 0, calls: 0, errors: 0, unfinished: 0, total: 0, bytes: 0 },
	};
	for (let caller = from.varint(); caller !== 0; caller = from.varint()) {
		group.caller = caller;
		group.paths = from.varint();
		const head = from.varint();
		group.calls = Math.floor(head / CALLS_UNIT);
		group.errors = (head & HAS_ERRORS) === 0 ? 0 : from.varint();
		group.unfinished = (head & HAS_UNFINISHED) === 0 ? 0 : from.varint();
		group.total = from.varint();
		group.bytes = from.varint();
		onGroup(group);
	}
	while (from.more) {
		const before = from.varint();
		const caller = from.varint();
		const paths = from.varint();
		const dur = from.varint();
		const failed = from.varint() === 1;
		const bytes = from.varint();
		onStray({ before, caller, paths, dur: dur === 0 ? Number.NaN : dur - 1, failed, bytes });
	}
}
