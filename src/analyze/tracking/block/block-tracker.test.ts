import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BlockRow } from "../../../store/block-rows.js";
import { BLOCK_ACTION, BLOCK_OP, BlockEvent } from "./block-event.js";
import { type BlockRowSink, BlockTracker } from "./block-tracker.js";

const DEV = 8 << 20;
const SECTOR = 512;

interface RequestRow {
	readonly ts: number;
	readonly sector: number;
	readonly bytes: number;
	readonly inserted: number;
	readonly issued: number;
	readonly completed: number;
	readonly bios: number;
	readonly requeues: number;
	readonly error: number;
	readonly thread: number;
}

interface IoRow {
	readonly ts: number;
	readonly sector: number;
	readonly bytes: number;
	readonly inserted: number;
	readonly issued: number;
	readonly completed: number;
	/** Whether it went into a request. */
	readonly requested: boolean;
	readonly parent: number;
	readonly thread: number;
	readonly id: number;
}

/** Takes rows as the store does: one that is a request's and its bio's is both. */
class Rows implements BlockRowSink {
	readonly requests: RequestRow[] = [];
	readonly ios: IoRow[] = [];

	device(dev: number): number {
		return dev;
	}

	request(
		row: BlockRow,
		sector: number,
		completed: number,
		met: number,
		bios: number,
		sole: boolean,
		parent: number,
		requeues: number,
	): void {
		const { queued, bytes, inserted, issued, error, thread, id } = row;
		const ts = Number.isNaN(queued) ? met : queued;
		const own = { ts, sector, bytes, inserted, issued, completed, thread };
		this.requests.push({ ...own, bios, requeues, error });
		if (sole) this.ios.push({ ...own, requested: true, parent, id });
	}

	io(row: BlockRow, sector: number, completed: number, request: number, parent: number): void {
		const { queued: ts, bytes, inserted, issued, thread, id } = row;
		const requested = !Number.isNaN(request);
		const own = { ts, sector, bytes, inserted, issued, completed, thread };
		this.ios.push({ ...own, requested, parent, id });
	}

	origin(): void {
		// Of no interest here.
	}

	cause(): void {
		// Of no interest here.
	}

	finish(): void {
		// Nothing waits here.
	}
}

type Step = Partial<Omit<BlockEvent, "action">> & { readonly action: keyof typeof BLOCK_ACTION };

function track(steps: readonly Step[], lossesBefore: readonly number[] = []): Rows {
	const rows = new Rows();
	const tracker = new BlockTracker({ rowOf: (tid) => tid * 10 }, rows);
	for (const [index, { action, ...rest }] of steps.entries()) {
		if (lossesBefore.includes(index)) tracker.lost();
		const event = Object.assign(new BlockEvent(), { dev: DEV, op: BLOCK_OP.write, bytes: 4096 });
		tracker.add(Object.assign(event, rest, { action: BLOCK_ACTION[action] }));
	}
	tracker.finish();
	return rows;
}

const NONE = Number.NaN;

describe("one request", () => {
	test("from queue to completion is a request and a bio", () => {
		const at = { sector: 64, tid: 7 };
		const { requests, ios } = track([
			{ action: "queue", ts: 100, ...at },
			{ action: "getRequest", ts: 110, ...at },
			{ action: "insert", ts: 130, ...at },
			{ action: "issue", ts: 170, sector: 64, tid: 2 },
			{ action: "complete", ts: 500, sector: 64, tid: 0 },
		]);
		const own = { ts: 100, sector: 64, bytes: 4096, thread: 70 };
		const times = { inserted: 130, issued: 170, completed: 500 };
		expect(requests).toEqual([{ ...own, ...times, bios: 1, requeues: 0, error: 0 }]);
		expect(ios).toEqual([{ ...own, ...times, requested: true, parent: NONE, id: 2 }]);
	});

	test("with an error, and issued twice", () => {
		const at = { sector: 64 };
		const { requests } = track([
			{ action: "queue", ts: 1, ...at },
			{ action: "getRequest", ts: 2, ...at },
			{ action: "issue", ts: 3, ...at },
			{ action: "requeue", ts: 4, ...at },
			{ action: "issue", ts: 5, ...at },
			{ action: "complete", ts: 6, error: -5, ...at },
		]);
		expect(requests).toMatchObject([{ requeues: 1, error: -5, issued: 5, completed: 6 }]);
	});

	test("of whose data nothing is done goes on", () => {
		const { requests, ios } = track([
			{ action: "queue", ts: 1, sector: 8 },
			{ action: "getRequest", ts: 2, sector: 8 },
			{ action: "issue", ts: 3, sector: 8 },
			{ action: "complete", ts: 4, sector: 8, bytes: 0 },
			{ action: "complete", ts: 5, sector: 8, error: -61 },
		]);
		expect(requests).toMatchObject([{ issued: 3, completed: 5, error: -61 }]);
		expect(ios).toMatchObject([{ ts: 1, completed: 5 }]);
	});

	test("whose queueing was not seen has no time of it", () => {
		const { requests, ios } = track([
			{ action: "issue", ts: 30, sector: 8, tid: 3 },
			{ action: "complete", ts: 40, sector: 8 },
		]);
		expect(requests).toMatchObject([{ ts: 30, inserted: NONE, issued: 30, thread: 30, bios: 0 }]);
		expect(ios).toEqual([]);
	});

	test("that never completes has no end", () => {
		const { requests, ios } = track([
			{ action: "queue", ts: 1, sector: 8 },
			{ action: "getRequest", ts: 2, sector: 8 },
			{ action: "queue", ts: 3, sector: 800 },
		]);
		expect(requests).toMatchObject([{ ts: 1, issued: NONE, completed: NONE }]);
		expect(ios.map(({ ts, completed }) => [ts, completed])).toEqual([
			[1, NONE],
			[3, NONE],
		]);
	});

	test("without data, as a flush is", () => {
		const { requests, ios } = track([
			{ action: "queue", ts: 1, sector: 0, bytes: 0 },
			{ action: "getRequest", ts: 2, sector: 0, bytes: 0 },
			{ action: "issue", ts: 3, sector: 0, bytes: 0, op: BLOCK_OP.flush },
			{ action: "complete", ts: 9, sector: 0, bytes: 0, op: BLOCK_OP.flush },
			{ action: "complete", ts: 10, sector: 0, bytes: 0 },
		]);
		expect(requests).toMatchObject([
			{ ts: 3, issued: 3, completed: 9, bios: 0 },
			{ ts: 1, issued: NONE, completed: 10, bios: 1 },
		]);
		expect(ios).toMatchObject([{ ts: 1, completed: 10 }]);
	});
});

describe("one bio", () => {
	test("that goes through a partition to its disk names the one above", () => {
		const partition = DEV + 1;
		const upper = { dev: 253 << 20 };
		const { ios } = track([
			{ action: "queue", ts: 1, sector: 128, ...upper },
			{ action: "remap", ts: 2, sector: 1152, dev: partition, fromDev: 253 << 20, fromSector: 128 },
			{ action: "remap", ts: 3, sector: 3200, fromDev: partition, fromSector: 1152 },
			{ action: "queue", ts: 4, sector: 3200 },
			{ action: "getRequest", ts: 5, sector: 3200 },
			{ action: "issue", ts: 6, sector: 3200 },
			{ action: "complete", ts: 7, sector: 3200 },
			{ action: "complete", ts: 8, sector: 128, ...upper },
		]);
		const [lower, above] = ios;
		expect(above).toMatchObject({ ts: 1, completed: 8 });
		expect(lower).toMatchObject({ ts: 4, completed: 7, parent: above?.id });
	});

	test("of a device without requests ends by itself, and its lower part names it", () => {
		const upper = { dev: 253 << 20 };
		const { requests, ios } = track([
			{ action: "queue", ts: 1, sector: 128, ...upper },
			{ action: "remap", ts: 2, sector: 2176, fromDev: 253 << 20, fromSector: 128 },
			{ action: "queue", ts: 3, sector: 2176 },
			{ action: "getRequest", ts: 4, sector: 2176 },
			{ action: "issue", ts: 5, sector: 2176 },
			{ action: "complete", ts: 6, sector: 2176 },
			{ action: "complete", ts: 7, sector: 128, ...upper },
		]);
		expect(requests).toHaveLength(1);
		const [lower, above] = ios;
		expect(lower).toMatchObject({ ts: 3, completed: 6, parent: above?.id });
		expect(above).toMatchObject({ ts: 1, completed: 7, requested: false });
	});

	test("that two tasks queue at the same place is each task's own", () => {
		const first = { sector: 8, tid: 1, op: BLOCK_OP.read };
		const second = { sector: 8, tid: 2, op: BLOCK_OP.read };
		const { ios } = track([
			{ action: "queue", ts: 1, ...first },
			{ action: "queue", ts: 2, ...second },
			{ action: "getRequest", ts: 3, ...first },
			{ action: "getRequest", ts: 4, ...second },
			{ action: "issue", ts: 5, ...first },
			{ action: "complete", ts: 6, ...first },
			{ action: "issue", ts: 7, ...second },
			{ action: "complete", ts: 8, ...second },
		]);
		expect(ios.map(({ ts, thread, completed }) => [ts, thread, completed])).toEqual([
			[1, 10, 6],
			[2, 20, 8],
		]);
	});
});

describe("losses", () => {
	const life = (from: number): Step[] => [
		{ action: "queue", ts: from, sector: 8 },
		{ action: "getRequest", ts: from + 1, sector: 8 },
		{ action: "issue", ts: from + 2, sector: 8 },
		{ action: "complete", ts: from + 9, sector: 8 },
	];

	test("a completion that is lost is not made up for by the next one there", () => {
		const steps = [...life(100).slice(0, 3), ...life(200)];
		const { requests } = track(steps, [3]);
		expect(requests.map(({ ts, completed }) => [ts, completed])).toEqual([
			[100, NONE],
			[200, 209],
		]);
	});

	test("what a loss did not touch is whole", () => {
		const { requests } = track(life(100), [2]);
		expect(requests).toMatchObject([{ ts: 100, issued: 102, completed: 109 }]);
	});
});

/** The block layer as it works, which knows which bio is in which request. */
class Model {
	readonly steps: Step[] = [];
	readonly requests: RequestRow[] = [];
	readonly ios: Omit<IoRow, "id" | "parent" | "requested">[] = [];
	readonly #random: () => number;
	readonly #bios: ModelBio[] = [];
	readonly #parts: ModelPart[] = [];
	readonly #requests: ModelRequest[] = [];
	/** Whether events give numbers; then what is in flight may lie one over the other. */
	readonly #numbered: boolean;
	readonly #numbers = new Set<number>();
	#ts = 0;

	constructor(random: () => number, numbered: boolean) {
		this.#random = random;
		this.#numbered = numbered;
	}

	/** One that nothing in flight has, and others had before. */
	#number(): number {
		if (!this.#numbered) return 0;
		let number = 1;
		while (this.#numbers.has(number)) number++;
		this.#numbers.add(number);
		return number;
	}

	#emitBio(action: Step["action"], part: ModelPart, rest: Partial<Step> = {}): void {
		const { first, end, bio, number } = part;
		this.#emit(action, first, end - first, { tid: bio.tid, bio: number, ...rest });
	}

	#emitRequest(action: Step["action"], request: ModelRequest, sectors?: number): void {
		const { first, end, parts, number } = request;
		const bio = parts[0]?.number ?? 0;
		this.#emit(action, first, sectors ?? end - first, { request: number, bio });
	}

	run(steps: number): void {
		const moves = [
			() => this.#queue(),
			() => this.#queue(),
			() => this.#split(),
			() => this.#get(),
			() => this.#backMerge(),
			() => this.#frontMerge(),
			() => this.#mergeRequests(),
			() => this.#insert(),
			() => this.#issue(),
			() => this.#issue(),
			() => this.#requeue(),
			() => this.#complete(),
			() => this.#complete(),
		];
		for (let step = 0; step < steps; step++) {
			this.#ts += 1 + Math.floor(this.#random() * 1000);
			moves[Math.floor(this.#random() * moves.length)]?.();
		}
		for (let left = 0; this.#parts.length > 0 && left < 10_000; left++) this.#get();
		for (let left = 0; this.#requests.length > 0 && left < 10_000; left++) {
			this.#ts += 10;
			this.#issue();
			this.#complete();
		}
	}

	#pick<Item>(items: readonly Item[]): Item | undefined {
		return items[Math.floor(this.#random() * items.length)];
	}

	#emit(action: Step["action"], sector: number, sectors: number, rest: Partial<Step> = {}): void {
		const bytes = sectors * SECTOR;
		this.steps.push({ ...rest, action, ts: this.#ts, sector, bytes });
	}

	/** Places are of 64 sectors; a bio that fills one can be merged with its neighbour. */
	#queue(): void {
		const sector = Math.floor(this.#random() * 20) * 64;
		const sectors = this.#random() < 0.7 ? 64 : 8 * (1 + Math.floor(this.#random() * 7));
		const busy = [...this.#parts, ...this.#requests].some(
			(other) => other.first < sector + 64 && sector < other.end,
		);
		if (busy && !this.#numbered) return;
		const tid = 1 + Math.floor(this.#random() * 5);
		const bio = { ts: this.#ts, sector, sectors, tid, parts: 1, split: false };
		this.#bios.push(bio);
		const part = {
			bio,
			first: sector,
			end: sector + sectors,
			merged: NONE,
			number: this.#number(),
		};
		this.#parts.push(part);
		this.#emitBio("queue", part);
	}

	#split(): void {
		const isAlone = (part: ModelPart): boolean =>
			this.#parts.every((other) => other === part || other.first !== part.first);
		const part = this.#pick(
			this.#parts.filter((each) => each.end - each.first >= 16 && isAlone(each)),
		);
		if (part === undefined) return;
		const middle = part.first + 8;
		const { bio, end } = part;
		part.end = middle;
		bio.parts++;
		bio.split = true;
		this.#parts.push({ bio, first: middle, end, merged: NONE, number: part.number });
		part.number = this.#number();
		this.#emitBio("split", part, { fromSector: middle });
	}

	#get(): void {
		const part = this.#pick(this.#parts);
		if (part === undefined) return;
		this.#parts.splice(this.#parts.indexOf(part), 1);
		const { first, end } = part;
		const request: ModelRequest = {
			...{ first, start: first, end, parts: [part], requeues: 0, bios: 1, all: [part] },
			...{ inserted: NONE, issued: NONE, number: this.#number() },
		};
		this.#requests.push(request);
		this.#emitBio("getRequest", part);
	}

	#waiting(): ModelRequest[] {
		return this.#requests.filter(({ issued }) => Number.isNaN(issued));
	}

	/** Those that no other ends or begins with: which one a bio is merged into no event says. */
	#mergeable(): ModelRequest[] {
		const waiting = this.#waiting();
		return waiting.filter((request) =>
			waiting.every(
				(other) =>
					other === request || (other.end !== request.end && other.first !== request.first),
			),
		);
	}

	#backMerge(): void {
		const pair = this.#pick(
			this.#parts.flatMap((part) =>
				this.#mergeable()
					.filter((request) => request.end === part.first)
					.map((request) => ({ part, request })),
			),
		);
		if (pair === undefined) return;
		const { part, request } = pair;
		this.#parts.splice(this.#parts.indexOf(part), 1);
		part.merged = this.#ts;
		request.parts.push(part);
		request.all.push(part);
		request.bios++;
		request.end = part.end;
		this.#emitBio("backMerge", part);
	}

	#frontMerge(): void {
		const pair = this.#pick(
			this.#parts.flatMap((part) =>
				this.#mergeable()
					.filter((request) => request.first === part.end && request.start === part.end)
					.map((request) => ({ part, request })),
			),
		);
		if (pair === undefined) return;
		const { part, request } = pair;
		this.#parts.splice(this.#parts.indexOf(part), 1);
		part.merged = this.#ts;
		request.parts.unshift(part);
		request.all.push(part);
		request.bios++;
		request.first = part.first;
		request.start = part.first;
		this.#emitBio("frontMerge", part);
	}

	#mergeRequests(): void {
		const waiting = this.#mergeable().filter(({ first, start }) => first === start);
		const pair = this.#pick(
			waiting.flatMap((first) =>
				waiting
					.filter((second) => second !== first && second.start === first.end)
					.map((second) => ({ first, second })),
			),
		);
		if (pair === undefined) return;
		const { first, second } = pair;
		this.#requests.splice(this.#requests.indexOf(second), 1);
		this.#emitRequest(this.#numbered ? "requestMerge" : "backMerge", second);
		this.#numbers.delete(second.number);
		first.parts.push(...second.parts);
		first.all.push(...second.all);
		first.bios += second.bios;
		first.end = second.end;
	}

	#insert(): void {
		const request = this.#pick(this.#waiting().filter(({ inserted }) => Number.isNaN(inserted)));
		if (request === undefined) return;
		request.inserted = this.#ts;
		this.#emitRequest("insert", request);
	}

	#issue(): void {
		const request = this.#pick(this.#waiting());
		if (request === undefined) return;
		request.issued = this.#ts;
		this.#emitRequest("issue", request);
	}

	#requeue(): void {
		const issued = this.#requests.filter(({ issued: at }) => !Number.isNaN(at));
		// One that is done in part is not asked of the model.
		const request = this.#pick(issued.filter(({ first, start }) => first === start));
		if (request === undefined || this.#random() < 0.5) return;
		request.issued = NONE;
		request.requeues++;
		this.#emitRequest("requeue", request);
	}

	#complete(): void {
		const request = this.#pick(this.#requests.filter(({ issued }) => !Number.isNaN(issued)));
		if (request === undefined) return;
		const sectors = request.end - request.first;
		const done = this.#random() < 0.2 && sectors > 8 ? 8 : sectors;
		this.#emitRequest("complete", request, done);
		request.first += done;
		while (request.parts[0] !== undefined && request.parts[0].end <= request.first) {
			const part = request.parts.shift();
			if (part !== undefined) this.#endPart(part, request);
		}
		if (request.first < request.end) return;
		this.#requests.splice(this.#requests.indexOf(request), 1);
		this.#numbers.delete(request.number);
		const oldest = request.all.reduce((a, b) => (b.bio.ts < a.bio.ts ? b : a)).bio;
		this.requests.push({
			...{ ts: oldest.ts, sector: request.start, bytes: (request.end - request.start) * SECTOR },
			...{ inserted: request.inserted, issued: request.issued, completed: this.#ts },
			...{ bios: request.bios, requeues: request.requeues, error: 0, thread: oldest.tid * 10 },
		});
	}

	#endPart({ bio, merged, number }: ModelPart, { inserted, issued }: ModelRequest): void {
		this.#numbers.delete(number);
		if (--bio.parts > 0) return;
		const { ts, sector, sectors, tid, split } = bio;
		this.ios.push({
			...{ ts, sector, bytes: sectors * SECTOR, completed: this.#ts, thread: tid * 10 },
			// Which way a bio in parts went is each part's own.
			inserted: split ? NONE : Number.isNaN(merged) ? inserted : merged,
			issued: split ? NONE : issued,
		});
	}
}

interface ModelBio {
	readonly ts: number;
	readonly sector: number;
	readonly sectors: number;
	readonly tid: number;
	parts: number;
	split: boolean;
}

interface ModelPart {
	readonly bio: ModelBio;
	readonly first: number;
	end: number;
	merged: number;
	number: number;
}

interface ModelRequest {
	readonly number: number;
	/** Of what is not completed, and of all. */
	first: number;
	start: number;
	end: number;
	parts: ModelPart[];
	all: ModelPart[];
	bios: number;
	requeues: number;
	inserted: number;
	issued: number;
}

/** Numbers from 0 to 1, the same for a seed every time (mulberry32). */
function randomFrom(seed: number): () => number {
	let state = seed | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

const byTime = <Row extends { readonly ts: number; readonly sector: number }>(rows: Row[]): Row[] =>
	rows.sort((a, b) => a.ts - b.ts || a.sector - b.sector);

test.each([
	["by sector", false],
	["by number", true],
] as const)("whatever the block layer does, the rows are what it did: %s", (_, numbered) => {
	fc.assert(
		fc.property(fc.integer(), (seed) => {
			const model = new Model(randomFrom(seed), numbered);
			model.run(300);
			const { requests, ios } = track(model.steps);
			expect(byTime(requests)).toEqual(byTime(model.requests));
			const splitAt = new Set(
				model.ios.filter(({ issued }) => Number.isNaN(issued)).map(({ ts }) => ts),
			);
			const found = ios.map(({ id: _id, parent: _parent, requested, ...row }) => {
				expect(requested).toBe(true);
				return splitAt.has(row.ts) ? { ...row, inserted: NONE, issued: NONE } : row;
			});
			expect(byTime(found)).toEqual(byTime(model.ios));
		}),
		{ numRuns: 60 },
	);
});
