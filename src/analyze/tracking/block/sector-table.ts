interface Chained<Item> {
	/** The one that began at the same sector before. */
	older: Item | undefined;
}

const INITIAL_BITS = 6;
/** No sector. */
const EMPTY = -1;

/**
 * Items by the sector where they begin; where several begin, the newest comes first. A Map would
 * spend more on coming and going than everything else that a request costs.
 */
export class SectorTable<Item extends Chained<Item>> {
	#bits = INITIAL_BITS;
	#sectors = new Float64Array(1 << INITIAL_BITS).fill(EMPTY);
	#newest = new Array<Item | undefined>(1 << INITIAL_BITS).fill(undefined);
	/** Sectors where something begins. */
	#used = 0;

	newest(sector: number): Item | undefined {
		return this.#newest[this.#slotOf(sector)];
	}

	add(sector: number, item: Item): void {
		const slot = this.#slotOf(sector);
		item.older = this.#newest[slot];
		this.#newest[slot] = item;
		if (item.older !== undefined) return;
		this.#sectors[slot] = sector;
		if (++this.#used * 2 > this.#sectors.length) this.#grow();
	}

	remove(sector: number, item: Item): void {
		const slot = this.#slotOf(sector);
		const first = this.#newest[slot];
		if (first === item) {
			if (item.older === undefined) this.#empty(slot);
			else this.#newest[slot] = item.older;
		} else {
			for (let newer = first; newer !== undefined; newer = newer.older) {
				if (newer.older !== item) continue;
				newer.older = item.older;
				break;
			}
		}
		item.older = undefined;
	}

	/** All, of one sector the newest first. */
	*values(): Generator<Item> {
		for (const first of this.#newest) {
			for (let item = first; item !== undefined; item = item.older) yield item;
		}
	}

	/** Where the sector is, or would be. */
	#slotOf(sector: number): number {
		const sectors = this.#sectors;
		const mask = sectors.length - 1;
		let slot = this.#home(sector);
		for (;;) {
			const other = sectors[slot];
			if (other === sector || other === EMPTY) return slot;
			slot = (slot + 1) & mask;
		}
	}

	#home(sector: number): number {
		return Math.imul(sector | 0, 0x9e3779b1) >>> (32 - this.#bits);
	}

	/** What was pushed on by this one moves back, so that it is found without it. */
	#empty(from: number): void {
		const sectors = this.#sectors;
		const items = this.#newest;
		const mask = sectors.length - 1;
		let hole = from;
		for (let slot = (from + 1) & mask; sectors[slot] !== EMPTY; slot = (slot + 1) & mask) {
			const sector = sectors[slot] as number;
			const distance = (slot - this.#home(sector)) & mask;
			if (distance < ((slot - hole) & mask)) continue;
			sectors[hole] = sector;
			items[hole] = items[slot];
			hole = slot;
		}
		sectors[hole] = EMPTY;
		items[hole] = undefined;
		this.#used--;
	}

	#grow(): void {
		const sectors = this.#sectors;
		const items = this.#newest;
		this.#bits++;
		this.#sectors = new Float64Array(1 << this.#bits).fill(EMPTY);
		this.#newest = new Array<Item | undefined>(1 << this.#bits).fill(undefined);
		for (let old = 0; old < sectors.length; old++) {
			const sector = sectors[old] as number;
			if (sector === EMPTY) continue;
			const slot = this.#slotOf(sector);
			this.#sectors[slot] = sector;
			this.#newest[slot] = items[old];
		}
	}
}
