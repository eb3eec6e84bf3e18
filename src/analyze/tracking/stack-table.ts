import { CONTEXT_FLAG } from "../../collector/abi.js";
import type { ContextParts } from "../../collector/record-context.js";
import type { ContextRows } from "../../store/context-rows.js";
import type { KernelSymbols } from "../symbols/kernel-symbols.js";
import type { ProgramRun, UserSymbols } from "../symbols/user-symbols.js";
import type { Process } from "./thread.js";

/** What a tracepoint of the kernel's is left by when it has several probes: part of the recording. */
const TRACEPOINT_CALLER = /^__traceiter_/;
/** A longer line of forks without an execve is not looked through. */
const ANCESTORS_MAX = 8;

interface Run {
	readonly id: number;
	readonly execs: number;
	readonly program: ProgramRun;
}

interface UserFrame {
	readonly id: number;
	readonly run: Run;
	readonly address: bigint;
}

/** Every stack once, by number, and every frame once; a frame of a program once a run of it. */
export class StackTable {
	/** By the bytes of its frames, as they were recorded. */
	readonly #recorded = new Map<string, number>();
	/** By its frames' numbers. */
	readonly #stacks = new Map<string, number>();
	readonly #kernelFrames = new Map<bigint, number>();
	readonly #userFrames = new Map<string, UserFrame>();
	readonly #runs = new WeakMap<Process, Run>();
	#kernelSymbols: KernelSymbols | undefined;
	#lastFrame = 0;
	#lastRun = 0;

	constructor(
		private readonly rows: ContextRows,
		private readonly timeBase: bigint,
		/** Asked when the first is needed: most sessions have none. */
		private readonly readSymbols: {
			readonly kernel: () => KernelSymbols;
			readonly user: () => UserSymbols;
		},
	) {}

	kernel(view: DataView, parts: ContextParts): number {
		const narrow = (parts.flags & CONTEXT_FLAG.KERNEL_NARROW) !== 0;
		const length = parts.kernelFrames * (narrow ? 4 : 8);
		const key = `k${Number(narrow)}${bytesAt(view, parts.kernelStack, length)}`;
		const known = this.#recorded.get(key);
		if (known !== undefined) return known;
		const addresses = parts.kernelAddresses(view);
		const first = addresses[0];
		const isCaller =
			first !== undefined &&
			addresses.length > 1 &&
			TRACEPOINT_CALLER.test(this.#kernel().find(first)?.symbol ?? "");
		const frames = addresses.slice(isCaller ? 1 : 0).map((each) => this.#kernelFrame(each));
		return this.#remember(key, frames);
	}

	user(
		view: DataView,
		parts: ContextParts,
		process: Process,
		processOf: (pid: number) => Process | undefined,
		ts: number,
	): number {
		const run = this.#runOf(process, processOf, ts);
		const key = `u${run.id} ${bytesAt(view, parts.userStack, parts.userFrames * 8)}`;
		const known = this.#recorded.get(key);
		if (known !== undefined) return known;
		const frames = parts.userAddresses(view).map((each) => this.#userFrame(run, each));
		return this.#remember(key, frames);
	}

	/** Names the frames. Last, when all that was looked at is known. */
	finish(): void {
		for (const [address, id] of this.#kernelFrames) {
			this.rows.frame({ id, kind: "kernel", address, ...UNNAMED, ...this.#kernel().find(address) });
		}
		if (this.#userFrames.size === 0) return;
		const symbols = this.readSymbols.user();
		for (const { id, run, address } of this.#userFrames.values()) {
			const place = symbols.find(run.program, address);
			this.rows.frame({ id, kind: "user", address, ...UNNAMED, ...place });
		}
	}

	#kernel(): KernelSymbols {
		this.#kernelSymbols ??= this.readSymbols.kernel();
		return this.#kernelSymbols;
	}

	#remember(recorded: string, frames: readonly number[]): number {
		const key = frames.join();
		const stack = this.#stacks.get(key) ?? this.rows.stack(frames);
		this.#stacks.set(key, stack);
		this.#recorded.set(recorded, stack);
		return stack;
	}

	#kernelFrame(address: bigint): number {
		let id = this.#kernelFrames.get(address);
		if (id === undefined) {
			id = ++this.#lastFrame;
			this.#kernelFrames.set(address, id);
		}
		return id;
	}

	#userFrame(run: Run, address: bigint): number {
		const key = `${run.id} ${address}`;
		let frame = this.#userFrames.get(key);
		if (frame === undefined) {
			frame = { id: ++this.#lastFrame, run, address };
			this.#userFrames.set(key, frame);
		}
		return frame.id;
	}

	#runOf(process: Process, processOf: (pid: number) => Process | undefined, ts: number): Run {
		const execs = execsOf(process);
		let run = this.#runs.get(process);
		if (run === undefined || run.execs !== execs) {
			const program = {
				pids: pidsOf(process, processOf),
				exe: process.exe,
				ts: this.timeBase + BigInt(ts),
			};
			run = { id: ++this.#lastRun, execs, program };
			this.#runs.set(process, run);
		}
		return run;
	}
}

const UNNAMED = {
	symbol: undefined,
	symbolOffset: undefined,
	object: undefined,
	objectOffset: undefined,
};

/** Calls of execve so far. */
function execsOf({ execMessages, execRecords }: Process): number {
	return Math.max(execMessages, execRecords);
}

/** Until its first execve a process has what its parent had. */
function pidsOf(
	process: Process,
	processOf: (pid: number) => Process | undefined,
): readonly number[] {
	const pids = [process.pid];
	let at: Process | undefined = process;
	while (at !== undefined && execsOf(at) === 0 && at.ppid !== null && pids.length < ANCESTORS_MAX) {
		pids.push(at.ppid);
		at = processOf(at.ppid);
	}
	return pids;
}

function bytesAt(view: DataView, offset: number, length: number): string {
	return Buffer.from(view.buffer, view.byteOffset + offset, length).toString("latin1");
}
