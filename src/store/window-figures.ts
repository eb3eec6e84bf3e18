import { ERRNO_NAMES } from "../base/errno.js";
import { BUCKETS, bucketOf } from "../base/log-linear.js";
import { ByteReader, type ByteWriter } from "./varint.js";

/*
 * The blob of one window of system calls: groups, each the figures of one caller's calls, then
 * strays, single calls that began before the window and ended in it. All numbers are varints.
 *
 *     blob:   groups, 0, strays
 *     group:  caller, finished * 4 + (has unfinished) * 2 + (has errors), [errors, errors of
 *             unfinished, count of different errnos, (errno, how often, first, last - first) each],
 *             [unfinished], then unless finished is 0: min, and unless finished is 1: max - min,
 *             total, count of buckets, (bucket - previous bucket, count) each
 *     stray:  begin of the window - ts, caller, duration + 1 or 0, errno or 0
 *
 * First and last are when such calls began, counted from the window's begin.
 */

/** What is known of calls: durations are of those that finished. */
export interface CallGroup {
	caller: number;
	finished: number;
	errors: number;
	/** Without a duration: the call had not returned, or its entry was not seen. */
	unfinished: number;
	unfinishedErrors: number;
	min: number;
	max: number;
	total: number;
	/** Buckets of log-linear.ts in use, ascending, and how many durations are in each. */
	size: number;
	readonly buckets: Uint16Array;
	readonly counts: Uint32Array;
	/** Errors by number, in the order met, those of unfinished calls too. */
	readonly errnos: Errnos;
}

export interface Errnos {
	size: number;
	readonly codes: Uint16Array;
	readonly counts: Uint32Array;
	/** ns from the window's begin. */
	readonly first: Float64Array;
	readonly last: Float64Array;
}

export interface Stray {
	/** ns before the window's begin. */
	readonly before: number;
	readonly caller: number;
	/** NaN: unfinished. */
	readonly dur: number;
	/** 0: it did not fail. */
	readonly errno: number;
}

const HAS_ERRORS = 1;
const HAS_UNFINISHED = 2;
const FINISHED_UNIT = 4;

export function emptyGroup(): CallGroup {
	return {
		caller: 0,
		finished: 0,
		errors: 0,
		unfinished: 0,
		unfinishedErrors: 0,
		min: 0,
		max: 0,
		total: 0,
		size: 0,
		buckets: new Uint16Array(BUCKETS),
		counts: new Uint32Array(BUCKETS),
		errnos: {
			size: 0,
			codes: new Uint16Array(ERRNO_NAMES.size),
			counts: new Uint32Array(ERRNO_NAMES.size),
			first: new Float64Array(ERRNO_NAMES.size),
			last: new Float64Array(ERRNO_NAMES.size),
		},
	};
}

/** Counts a call that failed `at` ns from the window's begin. */
export function addErrno(errnos: Errnos, errno: number, at: number): void {
	const { codes, counts, first, last } = errnos;
	let index = 0;
	while (index < errnos.size && codes[index] !== errno) index++;
	if (index === errnos.size) {
		errnos.size++;
		codes[index] = errno;
		counts[index] = 0;
		first[index] = at;
		last[index] = at;
	}
	counts[index] = (counts[index] as number) + 1;
	if (at < (first[index] as number)) first[index] = at;
	if (at > (last[index] as number)) last[index] = at;
}

export function writeGroup(to: ByteWriter, group: CallGroup): void {
	const { finished, errors, unfinished, unfinishedErrors, min } = group;
	const hasErrors = errors > 0 || unfinishedErrors > 0;
	to.varint(group.caller);
	to.varint(
		finished * FINISHED_UNIT + (unfinished > 0 ? HAS_UNFINISHED : 0) + (hasErrors ? HAS_ERRORS : 0),
	);
	if (hasErrors) {
		to.varint(errors);
		to.varint(unfinishedErrors);
		writeErrnos(to, group.errnos);
	}
	if (unfinished > 0) to.varint(unfinished);
	if (finished === 0) return;
	to.varint(min);
	if (finished === 1) return;
	to.varint(group.max - min);
	to.varint(group.total);
	to.varint(group.size);
	let previous = 0;
	for (let index = 0; index < group.size; index++) {
		const bucket = group.buckets[index] as number;
		to.varint(bucket - previous);
		to.varint(group.counts[index] as number);
		previous = bucket;
	}
}

function writeErrnos(to: ByteWriter, { size, codes, counts, first, last }: Errnos): void {
	to.varint(size);
	for (let index = 0; index < size; index++) {
		to.varint(codes[index] as number);
		to.varint(counts[index] as number);
		to.varint(first[index] as number);
		to.varint((last[index] as number) - (first[index] as number));
	}
}

/** No caller has the number 0. */
export function endGroups(to: ByteWriter): void {
	to.varint(0);
}

export function writeStray(to: ByteWriter, { before, caller, dur, errno }: Stray): void {
	to.varint(before);
	to.varint(caller);
	to.varint(Number.isNaN(dur) ? 0 : dur + 1);
	to.varint(errno);
}

/** Hands out every group, in one object that is written over each time, then every stray. */
export function readFigures(
	blob: Uint8Array,
	onGroup: (group: CallGroup) => void,
	onStray: (stray: Stray) => void,
	group: CallGroup = emptyGroup(),
): void {
	const from = new ByteReader(blob);
	for (let caller = from.varint(); caller !== 0; caller = from.varint()) {
		group.caller = caller;
		readGroup(from, group);
		onGroup(group);
	}
	while (from.more) {
		const before = from.varint();
		const caller = from.varint();
		const dur = from.varint();
		const errno = from.varint();
		onStray({ before, caller, dur: dur === 0 ? Number.NaN : dur - 1, errno });
	}
}

function readGroup(from: ByteReader, group: CallGroup): void {
	const head = from.varint();
	const finished = Math.floor(head / FINISHED_UNIT);
	const hasErrors = (head & HAS_ERRORS) !== 0;
	group.finished = finished;
	group.errors = hasErrors ? from.varint() : 0;
	group.unfinishedErrors = hasErrors ? from.varint() : 0;
	group.errnos.size = 0;
	if (hasErrors) readErrnos(from, group.errnos);
	group.unfinished = (head & HAS_UNFINISHED) !== 0 ? from.varint() : 0;
	group.size = 0;
	group.total = 0;
	if (finished === 0) return;
	const { buckets, counts } = group;
	const min = from.varint();
	group.min = min;
	if (finished === 1) {
		group.max = min;
		group.total = min;
		group.size = 1;
		buckets[0] = bucketOf(min);
		counts[0] = 1;
		return;
	}
	group.max = min + from.varint();
	group.total = from.varint();
	const size = from.varint();
	let bucket = 0;
	for (let index = 0; index < size; index++) {
		bucket += from.varint();
		buckets[index] = bucket;
		counts[index] = from.varint();
	}
	group.size = size;
}

function readErrnos(from: ByteReader, errnos: Errnos): void {
	const { codes, counts, first, last } = errnos;
	errnos.size = from.varint();
	for (let index = 0; index < errnos.size; index++) {
		codes[index] = from.varint();
		counts[index] = from.varint();
		const begin = from.varint();
		first[index] = begin;
		last[index] = begin + from.varint();
	}
}
