import type { Thread } from "./thread.js";

/** Dead threads are kept this long, in threads that died later, for the last they did. */
const REMEMBERED = 1024;

/** Threads that have ended, in the order of their ends. */
export class DeadThreads {
	#threads: (Thread | undefined)[] = [];
	#from = 0;

	/** The one that has been remembered long enough, when there is one. */
	add(thread: Thread): Thread | undefined {
		this.#threads.push(thread);
		if (this.#threads.length - this.#from <= REMEMBERED) return undefined;
		const oldest = this.#threads[this.#from++];
		if (this.#from >= REMEMBERED) {
			this.#threads = this.#threads.slice(this.#from);
			this.#from = 0;
		}
		return oldest;
	}
}
