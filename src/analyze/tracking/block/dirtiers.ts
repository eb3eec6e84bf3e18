/** Files whose dirtier is remembered; of those behind, the one told least recently is forgotten. */
const FILES_MAX = 65_536;
const INODES = 2 ** 32;
const MAJORS = 2 ** 8;
const MINORS = 2 ** 13;
const MINOR_BITS = 20;

/** Which thread made the data of a file dirty, by row of the dictionary of threads. */
export class Dirtiers {
	/** In the order in which they were told. */
	readonly #rows = new Map<number | string, number>();

	note(dev: number, inode: number, thread: number): void {
		const key = keyOf(dev, inode);
		this.#rows.delete(key);
		this.#rows.set(key, thread);
		if (this.#rows.size <= FILES_MAX) return;
		for (const oldest of this.#rows.keys()) {
			this.#rows.delete(oldest);
			break;
		}
	}

	of(dev: number, inode: number): number | undefined {
		return this.#rows.get(keyOf(dev, inode));
	}
}

/** One number below 2^53 as a rule: it is looked up several times faster than a text. */
function keyOf(dev: number, inode: number): number | string {
	const major = dev >>> MINOR_BITS;
	const minor = dev & (2 ** MINOR_BITS - 1);
	return inode < INODES && major < MAJORS && minor < MINORS
		? (major * MINORS + minor) * INODES + inode
		: `${dev}/${inode}`;
}
