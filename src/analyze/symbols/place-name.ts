/** What is known of the code at an address. */
export interface Place {
	/** The function. */
	readonly symbol: string | undefined;
	/** Bytes from its start. */
	readonly symbolOffset: number | undefined;
	/** `kernel`, a kernel module, or the file that was mapped there. */
	readonly object: string;
	/** Bytes from the start of that file. */
	readonly objectOffset: bigint | undefined;
}
