import { DescriptorTable } from "./descriptor-table.js";

/** Where a task's paths start from. Tasks that share theirs share one of these. */
export class Directories {
	/** As seen from the root of all; null: not known. */
	root: string | null = "/";
	#cwd: string | null = null;
	/** When the working directory became known; before the start: not touched yet. */
	#since = Number.NEGATIVE_INFINITY;

	/** `validSince`: what was known before is not certain any more. */
	cwd(validSince: number): string | null {
		return this.#since >= validSince ? this.#cwd : null;
	}

	setCwd(cwd: string | null, ts: number): void {
		this.#cwd = cwd;
		this.#since = ts;
	}

	/** Whether nothing has been told of the working directory. */
	get untouched(): boolean {
		return this.#since === Number.NEGATIVE_INFINITY;
	}

	copy(): Directories {
		const copy = new Directories();
		copy.root = this.root;
		copy.#cwd = this.#cwd;
		copy.#since = this.#since;
		return copy;
	}
}

/** What a task has open, and where it is. */
export class TaskFiles {
	constructor(
		public table: DescriptorTable,
		public directories: Directories,
	) {}

	/** Of a task whose history is not known: others may share what it has. */
	static unknown(): TaskFiles {
		const table = new DescriptorTable(false);
		table.loseSight();
		return new TaskFiles(table, new Directories());
	}
}
