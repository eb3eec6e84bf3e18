import { CONTEXT } from "../base/context-parts.js";
import {
	alignRecord,
	CONTEXT_FLAG,
	CONTEXT_FOOTER,
	CONTEXT_FOOTER_SIZE,
	CONTEXT_NAMESPACES_SIZE,
	RECORD_HEADER_SIZE,
} from "./abi.js";

const WORD = 8;
const KNOWN = CONTEXT.KERNEL_STACK | CONTEXT.USER_STACK | CONTEXT.CGROUP | CONTEXT.NAMESPACES;

/**
 * Bytes of the record at `at` without the context that its `length` bytes end with. 0: its footer
 * is none, nobody knows where its fields end. Negative: the record is that long, and its context is
 * damaged.
 */
export function lengthWithoutContext(view: DataView, at: number, length: number): number {
	if (length < alignRecord(RECORD_HEADER_SIZE) + CONTEXT_FOOTER_SIZE || length % WORD !== 0)
		return 0;
	const footer = at + length - CONTEXT_FOOTER_SIZE;
	const own = view.getUint16(footer + CONTEXT_FOOTER.record_length, true);
	const begin = at + alignRecord(own);
	if (own < RECORD_HEADER_SIZE || begin > footer) return 0;
	const parts = partsLength(view, footer);
	// Parts of a later version come behind those that we know.
	const later = (view.getUint16(footer + CONTEXT_FOOTER.context, true) & ~KNOWN) !== 0;
	const fits = later ? parts <= footer - begin : parts === footer - begin;
	return fits ? own : -own;
}

function partsLength(view: DataView, footer: number): number {
	const parts = view.getUint16(footer + CONTEXT_FOOTER.context, true);
	let length = 0;
	if ((parts & CONTEXT.KERNEL_STACK) !== 0) length += kernelStackLength(view, footer);
	if ((parts & CONTEXT.USER_STACK) !== 0) {
		length += WORD * view.getUint8(footer + CONTEXT_FOOTER.user_frames);
	}
	if ((parts & CONTEXT.CGROUP) !== 0) length += WORD;
	if ((parts & CONTEXT.NAMESPACES) !== 0) length += CONTEXT_NAMESPACES_SIZE;
	return length;
}

function kernelStackLength(view: DataView, footer: number): number {
	const frames = view.getUint8(footer + CONTEXT_FOOTER.kernel_frames);
	const flags = view.getUint16(footer + CONTEXT_FOOTER.flags, true);
	const narrow = (flags & CONTEXT_FLAG.KERNEL_NARROW) !== 0;
	return narrow ? alignRecord(frames * (WORD / 2)) : frames * WORD;
}

/** Where the parts of a context lie; of one that was found to be whole. -1: it has no such part. */
export class ContextParts {
	flags = 0;
	kernelStack = -1;
	kernelFrames = 0;
	userStack = -1;
	userFrames = 0;
	cgroup = -1;
	namespaces = -1;

	find(view: DataView, begin: number, length: number): this {
		const footer = begin + length - CONTEXT_FOOTER_SIZE;
		const parts = view.getUint16(footer + CONTEXT_FOOTER.context, true);
		this.flags = view.getUint16(footer + CONTEXT_FOOTER.flags, true);
		let at = begin;
		const take = (part: number, size: number): number => {
			if ((parts & part) === 0) return -1;
			at += size;
			return at - size;
		};
		this.kernelStack = take(CONTEXT.KERNEL_STACK, kernelStackLength(view, footer));
		this.kernelFrames =
			this.kernelStack < 0 ? 0 : view.getUint8(footer + CONTEXT_FOOTER.kernel_frames);
		const userFrames = view.getUint8(footer + CONTEXT_FOOTER.user_frames);
		this.userStack = take(CONTEXT.USER_STACK, userFrames * WORD);
		this.userFrames = this.userStack < 0 ? 0 : userFrames;
		this.cgroup = take(CONTEXT.CGROUP, WORD);
		this.namespaces = take(CONTEXT.NAMESPACES, CONTEXT_NAMESPACES_SIZE);
		return this;
	}

	/** The kernel's return addresses, innermost first. */
	kernelAddresses(view: DataView): bigint[] {
		const narrow = (this.flags & CONTEXT_FLAG.KERNEL_NARROW) !== 0;
		return Array.from({ length: this.kernelFrames }, (_, index) =>
			narrow
				? BigInt.asUintN(64, BigInt(view.getInt32(this.kernelStack + (index * WORD) / 2, true)))
				: view.getBigUint64(this.kernelStack + index * WORD, true),
		);
	}

	/** Where user space goes on, and its return addresses. */
	userAddresses(view: DataView): bigint[] {
		return Array.from({ length: this.userFrames }, (_, index) =>
			view.getBigUint64(this.userStack + index * WORD, true),
		);
	}
}
