import type { CallBlock } from "./call-block.js";
import type { NumberBlock } from "./number-block.js";
import type { RowBuffer } from "./row-buffer.js";
import type { SliceBlock } from "./slice-block.js";

/** What takes a session's rows in: the database, or the thread that writes it. */
export interface RowSink {
	/** Where rows of a table of `storedTables` go. */
	table(name: string): RowBuffer;
	/** Takes a block over, and hands an empty one out for it. */
	calls(block: CallBlock): CallBlock;
	slices(block: SliceBlock): SliceBlock;
	numbers(block: NumberBlock): NumberBlock;
	/** Ends a batch: what was given so far will be in the file, for a reader to see. */
	commit(): void;
	/** Resolves when more may be given; rejects when what was given could not be written. */
	ready(): Promise<void>;
	/** Makes the finished file. */
	finish(): Promise<void>;
	/** Gives up; nothing is left of the file. */
	abandon(): Promise<void>;
}
