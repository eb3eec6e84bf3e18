/** A binary min-heap: the item that comes before all others is always at hand. */
export class Heap<T> {
	readonly #items: T[] = [];
	readonly #before: (a: T, b: T) => boolean;

	constructor(before: (a: T, b: T) => boolean) {
		this.#before = before;
	}

	get size(): number {
		return this.#items.length;
	}

	peek(): T | undefined {
		return this.#items[0];
	}

	push(item: T): void {
		const items = this.#items;
		let at = items.length;
		items.push(item);
		while (at > 0) {
			const parent = (at - 1) >> 1;
			const above = items[parent] as T;
			if (!this.#before(item, above)) break;
			items[at] = above;
			at = parent;
		}
		items[at] = item;
	}

	pop(): T | undefined {
		const last = this.#items.pop();
		if (last === undefined || this.#items.length === 0) return last;
		return this.replaceTop(last);
	}

	/** Takes the top and puts an item in, in one descent: half the work of pop and push. */
	replaceTop(item: T): T | undefined {
		const items = this.#items;
		const size = items.length;
		if (size === 0) {
			items.push(item);
			return undefined;
		}
		const top = items[0];
		let at = 0;
		for (let child = 1; child < size; child = 2 * at + 1) {
			if (child + 1 < size && this.#before(items[child + 1] as T, items[child] as T)) child++;
			const below = items[child] as T;
			if (!this.#before(below, item)) break;
			items[at] = below;
			at = child;
		}
		items[at] = item;
		return top;
	}
}
