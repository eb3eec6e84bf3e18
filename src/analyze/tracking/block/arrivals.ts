/** The bio that was queued last on a device: how the next one comes after it. */
export class Arrivals {
	#ts = Number.NaN;
	#sector = Number.NaN;
	#end = Number.NaN;

	/** ns since the last one was queued; NaN: there was none. */
	gap(ts: number): number {
		return ts - this.#ts;
	}

	/** Sectors from the last one, as btt has it: what touches or overlaps it is no seek. */
	seek(sector: number, end: number): number {
		const touches =
			(this.#sector <= sector && sector <= this.#end) || (this.#sector <= end && end <= this.#end);
		if (touches) return 0;
		return sector > this.#end ? sector - this.#end : this.#sector - sector;
	}

	/** `end` is the sector behind it. */
	note(ts: number, sector: number, end: number): void {
		this.#ts = ts;
		this.#sector = sector;
		this.#end = end;
	}
}
