import { Arrivals } from "./arrivals.js";
import type { BioPart, Request } from "./in-flight.js";
import { SectorTable } from "./sector-table.js";

interface Origin {
	readonly dev: number;
	readonly sector: number;
}

/** Remaps that no queueing followed, of which the oldest are forgotten. */
const REMEMBERED_REMAPS = 4096;

/** What is in flight on one device. */
export class DeviceState {
	/** Parts of bios that no request has taken yet, by their sector. */
	readonly parts = new SectorTable<BioPart>();
	readonly requests = new SectorTable<Request>();
	readonly arrivals = new Arrivals();
	/** The request that grew or was met last: most merges are into it. */
	latest: Request | undefined;
	readonly #remaps = new Map<number, Origin>();

	constructor(
		readonly dev: number,
		/** Of its table. */
		readonly row: number,
	) {}

	get hasRemaps(): boolean {
		return this.#remaps.size > 0;
	}

	/** `key`: the number of the bio, or its sector where it has none. */
	remap(key: number, dev: number, fromSector: number): void {
		if (this.#remaps.size >= REMEMBERED_REMAPS) {
			for (const oldest of this.#remaps.keys()) {
				this.#remaps.delete(oldest);
				break;
			}
		}
		this.#remaps.set(key, { dev, sector: fromSector });
	}

	takeRemap(key: number): Origin | undefined {
		const origin = this.#remaps.get(key);
		if (origin !== undefined) this.#remaps.delete(key);
		return origin;
	}

	/** The part that its own task goes on with; else, of any task, the newest. */
	partAt(sector: number, op: number, tid: number): BioPart | undefined {
		const newest = this.parts.newest(sector);
		if (newest === undefined || (newest.tid === tid && newest.op === op)) return newest;
		let any: BioPart | undefined;
		for (let part: BioPart | undefined = newest; part !== undefined; part = part.older) {
			if (part.op !== op) continue;
			if (part.tid === tid) return part;
			any ??= part;
		}
		return any;
	}

	/** Which takes a sector in, wherever it begins. */
	partHolding(sector: number): BioPart | undefined {
		const here = this.parts.newest(sector);
		if (here !== undefined) return here;
		for (const part of this.parts.values()) {
			if (part.sector <= sector && sector < part.end) return part;
		}
		return undefined;
	}

	oldestPartAt(sector: number, op: number): BioPart | undefined {
		let oldest: BioPart | undefined;
		for (let part = this.parts.newest(sector); part !== undefined; part = part.older) {
			if (part.op === op) oldest = part;
		}
		return oldest;
	}

	/** The oldest request there that has not been issued. */
	waitingAt(sector: number, op: number): Request | undefined {
		let found: Request | undefined;
		for (let each = this.requests.newest(sector); each !== undefined; each = each.older) {
			if (each.op === op && Number.isNaN(each.issued)) found = each;
		}
		return found;
	}

	/** The oldest request there that has been issued. */
	issuedAt(sector: number, op: number): Request | undefined {
		let found: Request | undefined;
		for (let each = this.requests.newest(sector); each !== undefined; each = each.older) {
			if (each.op === op && !Number.isNaN(each.issued)) found = each;
		}
		return found;
	}

	/** A request that something behind it can be merged into. */
	requestEndingAt(sector: number, op: number): Request | undefined {
		const { latest } = this;
		if (latest !== undefined && canGrow(latest, sector, op)) return latest;
		for (const request of this.requests.values()) {
			if (!canGrow(request, sector, op)) continue;
			this.latest = request;
			return request;
		}
		return undefined;
	}
}

function canGrow(request: Request, sector: number, op: number): boolean {
	return request.end === sector && request.op === op && Number.isNaN(request.issued);
}
