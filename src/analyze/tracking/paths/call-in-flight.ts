import type { Thread } from "../thread.js";
import type { CallRule } from "./call-rule.js";
import type { Descriptor, DescriptorTable } from "./descriptor-table.js";
import type { NamedFile } from "./path-dictionary.js";

/** No descriptor has it. */
export const NO_FD = -1;
const ARGUMENTS = 6;

/** What is known of a thread's call from its entry to its exit. Reused: nothing is allocated for each. */
export class CallInFlight {
	/** undefined: no call. */
	rule: CallRule | undefined;
	thread: Thread | undefined;
	readonly args = new Float64Array(ARGUMENTS);
	/** Where its descriptors were looked up. */
	table: DescriptorTable | undefined;
	first: Descriptor | undefined;
	second: Descriptor | undefined;
	/** What stood at the number that a dup2 is to make. */
	target: Descriptor | undefined;
	/** Texts as they were given; null: there is none, or it could not be read. */
	path: string | null = null;
	path2: string | null = null;
	details: Buffer | null = null;
	truncated = false;
	detailsTruncated = false;
	/** What relative paths start from, when the call began. */
	base: string | null = null;
	/** Of the descriptor that a relative path starts from, where it is one. */
	baseFile: NamedFile | undefined;
	base2: string | null = null;
	root: string | null = null;
	/** The kernel's own answer to what the call made. */
	made: NamedFile | undefined;
	madeFd = NO_FD;
	/** The kernel told the working directory. */
	toldDirectory = false;
	/** A fork or an exec was told while the call went on. */
	toldLife = false;

	begin(thread: Thread, rule: CallRule, args: Float64Array, count: number): void {
		this.thread = thread;
		this.rule = rule;
		for (let index = 0; index < ARGUMENTS; index++) {
			this.args[index] = index < count ? (args[index] as number) : Number.NaN;
		}
		this.table = undefined;
		this.first = undefined;
		this.second = undefined;
		this.target = undefined;
		this.path = null;
		this.path2 = null;
		this.details = null;
		this.truncated = false;
		this.detailsTruncated = false;
		this.base = null;
		this.baseFile = undefined;
		this.base2 = null;
		this.root = null;
		this.made = undefined;
		this.madeFd = NO_FD;
		this.toldDirectory = false;
		this.toldLife = false;
	}

	end(): void {
		this.rule = undefined;
		this.thread = undefined;
	}

	/** An argument that the kernel takes as an int; NO_FD: there is none. */
	int(index: number): number {
		const value = index < 0 ? Number.NaN : (this.args[index] as number);
		return Number.isNaN(value) ? NO_FD : value | 0;
	}

	/** An argument that the kernel takes as unsigned int. */
	unsigned(index: number): number {
		return this.int(index) >>> 0;
	}
}
