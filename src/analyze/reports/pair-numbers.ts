/** Numbers pairs of numbers from 0 on, in the order of meeting: open addressing, for hot paths. */
export class PairNumbers {
	readonly firsts: number[] = [];
	readonly seconds: number[] = [];
	/** Number + 1, or 0 where the place is free. */
	#places = new Int32Array(2048);

	get count(): number {
		return this.firsts.length;
	}

	of(first: number, second: number): number {
		const mask = this.#places.length - 1;
		let at = hash(first, second) & mask;
		for (;;) {
			const found = (this.#places[at] as number) - 1;
			if (found < 0) break;
			if (this.firsts[found] === first && this.seconds[found] === second) return found;
			at = (at + 1) & mask;
		}
		const number = this.firsts.push(first) - 1;
		this.seconds.push(second);
		this.#places[at] = number + 1;
		if (2 * this.count > this.#places.length) this.#grow();
		return number;
	}

	#grow(): void {
		const places = new Int32Array(2 * this.#places.length);
		const mask = places.length - 1;
		for (let number = 0; number < this.count; number++) {
			let at = hash(this.firsts[number] as number, this.seconds[number] as number) & mask;
			while (places[at] !== 0) at = (at + 1) & mask;
			places[at] = number + 1;
		}
		this.#places = places;
	}
}

function hash(first: number, second: number): number {
	const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
	return mixed ^ (mixed >>> 15);
}
