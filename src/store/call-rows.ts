import { type Argument, type CallArguments, CallBlock } from "./call-block.js";
import { NO_PATHS } from "./call-path-tables.js";
import { CallWindows } from "./call-windows.js";
import { FileWindows } from "./file-windows.js";
import type { RowBuffer } from "./row-buffer.js";
import type { RowSink } from "./row-sink.js";

/** How a program called: the kernel tells of each call. */
export type CallAbi = "x86_64" | "ia32" | "x32";

/** Rows of system calls, the dictionary of who made which, and their figures. */
export class CallRows {
	readonly #sink: RowSink;
	readonly #callers: RowBuffer;
	readonly #windows: CallWindows;
	readonly #fileWindows: FileWindows | undefined;
	#block = new CallBlock();
	#lastCaller = 0;

	/** `strings`: calls have paths. */
	constructor(sink: RowSink, strings: boolean) {
		this.#sink = sink;
		this.#callers = sink.table("caller");
		this.#windows = new CallWindows(sink.table("call_window"));
		this.#fileWindows = strings ? new FileWindows(sink.table("file_window")) : undefined;
	}

	/** Number of a new dictionary row; (ts, caller, cpu) of a call must be unique. */
	caller(
		utid: number,
		pid: number,
		tid: number,
		comm: string | null,
		name: string,
		abi: CallAbi = "x86_64",
	): number {
		const id = ++this.#lastCaller;
		this.#callers.add(id, utid, pid, tid, comm, name, abi);
		return id;
	}

	/** `dur` and `ret` are NaN where there is none; `paths` is a row of `call_paths`. */
	add(
		ts: number,
		caller: number,
		cpu: number,
		dur: number,
		ret: Argument,
		args: CallArguments | undefined,
		paths: number = NO_PATHS,
	): void {
		this.#windows.add(ts, caller, dur, ret);
		if (paths !== NO_PATHS) this.#fileWindows?.add(ts, caller, paths, dur, ret);
		const block = this.#block;
		block.add(ts, caller, cpu, dur, ret, args, paths);
		if (block.full) this.#block = this.#sink.calls(block);
	}

	/** No call will come any more. */
	finish(): void {
		this.flush();
		this.#windows.finish();
		this.#fileWindows?.finish();
	}

	flush(): void {
		this.#callers.flush();
		if (this.#block.rows > 0) this.#block = this.#sink.calls(this.#block);
	}
}
