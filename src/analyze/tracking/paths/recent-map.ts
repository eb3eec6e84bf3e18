/**
 * A map of what was asked for lately: at least the last `limit` keys, at most twice as many. For
 * dictionaries that a session of any length fills; what was forgotten gets a second row.
 */
export class RecentMap<V> {
	#recent = new Map<string, V>();
	#before = new Map<string, V>();

	constructor(private readonly limit: number) {}

	get(key: string): V | undefined {
		const value = this.#recent.get(key);
		if (value !== undefined) return value;
		const old = this.#before.get(key);
		if (old !== undefined) this.set(key, old);
		return old;
	}

	set(key: string, value: V): void {
		if (this.#recent.size >= this.limit) {
			this.#before = this.#recent;
			this.#recent = new Map();
		}
		this.#recent.set(key, value);
	}
}
