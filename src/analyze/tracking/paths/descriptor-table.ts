import type { NamedFile } from "./path-dictionary.js";

/** One number of a table, from when a call gave it a file until one takes it away. */
export class Descriptor {
	/** A close that had it in view succeeded. */
	closed = false;

	constructor(
		readonly file: NamedFile,
		public closeOnExec: boolean,
		/** When this became known; a loss of later records makes it uncertain. */
		readonly since: number,
	) {}
}

/**
 * Which files a process's descriptors stand for, as far as it is certain: a number that is not here
 * may be closed, or stand for anything. Threads that share their descriptors share one of these.
 */
export class DescriptorTable {
	/** Numbers change without a call that tells of it: nothing is certain, whatever is told. */
	unseen = false;
	/** Numbers that calls had to do with, until what was open at the start is known. */
	touched: Set<number> | undefined;
	readonly #descriptors = new Map<number, Descriptor>();

	/** `awaited`: what was open at the start is still to be told. */
	constructor(awaited: boolean) {
		this.touched = awaited ? new Set() : undefined;
	}

	/** `validSince`: what was known before is not certain any more. */
	get(fd: number, validSince: number): Descriptor | undefined {
		const descriptor = this.#descriptors.get(fd);
		if (descriptor === undefined || descriptor.since >= validSince) return descriptor;
		this.#descriptors.delete(fd);
		return undefined;
	}

	set(fd: number, file: NamedFile, closeOnExec: boolean, ts: number): void {
		this.touched?.add(fd);
		if (!this.unseen) this.#descriptors.set(fd, new Descriptor(file, closeOnExec, ts));
	}

	/** Closed, or not certain any more. */
	delete(fd: number): void {
		this.touched?.add(fd);
		this.#descriptors.delete(fd);
	}

	/** Numbers from `first` to `last`, both included. */
	deleteRange(first: number, last: number): void {
		for (const fd of this.#descriptors.keys()) {
			if (fd >= first && fd <= last) this.#descriptors.delete(fd);
		}
		this.forgetStart();
	}

	closeOnExec(first: number, last: number): void {
		for (const [fd, descriptor] of this.#descriptors) {
			if (fd >= first && fd <= last) descriptor.closeOnExec = true;
		}
		this.forgetStart();
	}

	/** What was open at the start would be of no use any more. */
	forgetStart(): void {
		this.touched = undefined;
	}

	/** Changes without a call that tells of it begin. */
	loseSight(): void {
		this.unseen = true;
		this.#descriptors.clear();
		this.forgetStart();
	}

	/** For a process that has the same, but a table of its own. */
	copy(): DescriptorTable {
		const copy = new DescriptorTable(false);
		copy.unseen = this.unseen;
		copy.touched = this.touched === undefined ? undefined : new Set(this.touched);
		for (const [fd, { file, closeOnExec, since, closed }] of this.#descriptors) {
			const descriptor = new Descriptor(file, closeOnExec, since);
			descriptor.closed = closed;
			copy.#descriptors.set(fd, descriptor);
		}
		return copy;
	}

	/** What a program that is executed starts with. */
	afterExec(): DescriptorTable {
		const table = new DescriptorTable(false);
		for (const [fd, { file, closeOnExec, since }] of this.#descriptors) {
			if (!closeOnExec) table.#descriptors.set(fd, new Descriptor(file, false, since));
		}
		return table;
	}
}
