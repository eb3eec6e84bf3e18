import type { Argument } from "../../store/call-block.js";

/** Most arguments that any call has, and one for the number of a call outside the table. */
const ARGUMENTS = 7;

/** The system call that each thread is in, by the thread's slot: columns, so nothing is allocated. */
export class OpenCalls {
	ts = new Float64Array(0);
	/** Dictionary row; 0: the thread is in no call. */
	caller = new Int32Array(0);
	/** Number as recorded, and ABI: what the exit must repeat. */
	nr = new Uint16Array(0);
	abi = new Uint8Array(0);
	/** 1 for execve and its like. */
	exec = new Uint8Array(0);
	/** 1 when its entry was written with its exit. */
	late = new Uint8Array(0);
	cpu = new Uint16Array(0);
	argCount = new Uint8Array(0);
	args = new Float64Array(0);
	/** All arguments of the calls that have one beyond 2^53. */
	readonly wide = new Map<number, readonly Argument[]>();
	readonly channel: string[] = [];

	static argsAt(slot: number): number {
		return slot * ARGUMENTS;
	}

	/** Makes room for all slots below `count`. */
	reserve(count: number): void {
		if (count <= this.ts.length) return;
		const size = Math.max(256, 2 ** Math.ceil(Math.log2(count)));
		this.ts = grown(this.ts, new Float64Array(size));
		this.caller = grown(this.caller, new Int32Array(size));
		this.nr = grown(this.nr, new Uint16Array(size));
		this.abi = grown(this.abi, new Uint8Array(size));
		this.exec = grown(this.exec, new Uint8Array(size));
		this.late = grown(this.late, new Uint8Array(size));
		this.cpu = grown(this.cpu, new Uint16Array(size));
		this.argCount = grown(this.argCount, new Uint8Array(size));
		this.args = grown(this.args, new Float64Array(size * ARGUMENTS));
	}

	move(from: number, to: number): void {
		for (const column of [
			this.ts,
			this.caller,
			this.nr,
			this.abi,
			this.exec,
			this.late,
			this.cpu,
			this.argCount,
		]) {
			column[to] = column[from] as number;
		}
		const at = OpenCalls.argsAt(from);
		this.args.copyWithin(OpenCalls.argsAt(to), at, at + ARGUMENTS);
		const wide = this.wide.get(from);
		if (wide !== undefined) this.wide.set(to, wide);
		this.channel[to] = this.channel[from] as string;
		this.close(from);
	}

	close(slot: number): void {
		this.caller[slot] = 0;
		if (this.wide.size > 0) this.wide.delete(slot);
	}
}

function grown<T extends Float64Array | Int32Array | Uint16Array | Uint8Array>(from: T, to: T): T {
	to.set(from);
	return to;
}
