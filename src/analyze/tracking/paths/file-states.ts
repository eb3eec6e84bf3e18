import type { ProcessFiles } from "../../../session/process-files.js";
import type { Process, Thread } from "../thread.js";
import type { ThreadTable } from "../thread-table.js";
import { DescriptorTable } from "./descriptor-table.js";
import type { PathDictionary } from "./path-dictionary.js";
import { Directories, TaskFiles } from "./task-files.js";

/** A look at a process, its time in ns since the time base. */
export interface Look extends Omit<ProcessFiles, "ts"> {
	readonly ts: number;
}

interface Gap {
	readonly begin: number;
	readonly end: number;
}

const CLONE_FS = 0x200;
const CLONE_FILES = 0x400;

/** What each task has open and where it is, through forks, execs and losses. */
export class FileStates {
	/** What was known of descriptors and directories before is not certain any more. */
	validSince = Number.NEGATIVE_INFINITY;
	/** By the thread's slot. */
	readonly #states: (TaskFiles | undefined)[] = [];
	/** Of those that lived when the recording began: their threads share. */
	readonly #atStart = new WeakMap<Process, TaskFiles>();
	readonly #threads: ThreadTable;
	readonly #dictionary: PathDictionary;
	readonly #looks: readonly Look[];
	readonly #complete: boolean;
	/** Calls are recorded by now; lives are told a little earlier. */
	#begun = false;
	/** Ahead of us, in the order of time. */
	#gaps: Gap[] = [];
	#looked = 0;
	#next: number;

	/** `complete`: every call is recorded, so that what they do to descriptors can be followed. */
	constructor(
		threads: ThreadTable,
		dictionary: PathDictionary,
		looks: readonly Look[],
		complete: boolean,
	) {
		this.#threads = threads;
		this.#dictionary = dictionary;
		this.#looks = complete ? looks : [];
		this.#complete = complete;
		this.#next = this.#looks[0]?.ts ?? Number.POSITIVE_INFINITY;
	}

	/** To be called before anything is asked at a later time. */
	advance(ts: number): void {
		this.#begun = true;
		if (ts >= this.#next) this.#reach(ts);
	}

	/** Records of calls are missing from `begin` to `end`. */
	lost(begin: number, end: number): void {
		this.#gaps.push({ begin, end });
		this.#gaps.sort((a, b) => a.begin - b.begin);
		this.#await();
	}

	/** Descriptors may have changed anywhere. */
	forgetAll(ts: number): void {
		this.validSince = Math.max(this.validSince, ts);
	}

	of(thread: Thread): TaskFiles {
		let state = this.#states[thread.slot];
		if (state === undefined) {
			state = this.#firstOf(thread);
			this.#states[thread.slot] = state;
		}
		return state;
	}

	/** `flags` of clone(2); undefined: they are not known. */
	forked(parent: Thread, child: Thread, flags: number | undefined): void {
		// Of what was made before calls were recorded nothing is known but what a look finds.
		if (flags === undefined && !this.#begun) return;
		const { table, directories } = this.of(parent);
		if (flags === undefined) {
			// Which of the two changes what is not known.
			table.loseSight();
			this.#states[child.slot] = TaskFiles.unknown();
			return;
		}
		this.#states[child.slot] = new TaskFiles(
			(flags & CLONE_FILES) !== 0 ? table : table.copy(),
			(flags & CLONE_FS) !== 0 ? directories : directories.copy(),
		);
	}

	executed(thread: Thread): void {
		const state = this.of(thread);
		if (this.#complete) state.table = state.table.afterExec();
	}

	moved(from: Thread, to: Thread): void {
		this.#states[to.slot] = this.#states[from.slot];
		this.#states[from.slot] = undefined;
	}

	ended(thread: Thread): void {
		this.#states[thread.slot] = undefined;
	}

	#firstOf(thread: Thread): TaskFiles {
		if (!this.#complete || thread.origin === "unknown") return TaskFiles.unknown();
		let state = this.#atStart.get(thread.process);
		if (state === undefined) {
			const awaited = this.#looked < this.#looks.length;
			state = new TaskFiles(new DescriptorTable(awaited), new Directories());
			this.#atStart.set(thread.process, state);
		}
		return state;
	}

	#reach(ts: number): void {
		for (let gap = this.#gaps[0]; gap !== undefined && gap.begin <= ts; gap = this.#gaps[0]) {
			this.validSince = Math.max(this.validSince, gap.end);
			this.#gaps.shift();
		}
		for (;;) {
			const look = this.#looks[this.#looked];
			if (look === undefined || look.ts > ts) break;
			this.#take(look);
			this.#looked++;
		}
		this.#await();
	}

	#await(): void {
		const gap = this.#gaps[0]?.begin ?? Number.POSITIVE_INFINITY;
		const look = this.#looks[this.#looked]?.ts ?? Number.POSITIVE_INFINITY;
		this.#next = Math.min(gap, look);
	}

	/** What calls have changed since the start may have been read before or after they did. */
	#take({ pid, ts, cwd, root, descriptors }: Look): void {
		const thread = this.#threads.find(pid);
		if (thread === undefined || thread.ended || thread.origin === "unknown") return;
		const { table, directories } = this.of(thread);
		if (directories.untouched) {
			if (root !== "") directories.root = root;
			if (cwd !== "") directories.setCwd(cwd, ts);
		}
		const { touched } = table;
		if (touched === undefined) return;
		table.forgetStart();
		for (const { fd, path, closeOnExec } of descriptors) {
			if (!touched.has(fd)) table.set(fd, this.#dictionary.pathOnly(path), closeOnExec, ts);
		}
	}
}
