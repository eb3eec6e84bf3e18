import fc from "fast-check";
import { expect, test } from "vitest";
import { Merge } from "./merge.js";
import type { CursorState, RecordCursor } from "./record-cursor.js";

/** What a source says when it is asked: a record at a time, or idle until a time. */
type Step = { readonly ts: number } | { readonly idleUntil: number };

const NO_BYTES = new Uint8Array();

/** Answers from a list: a real cursor's contract, without bytes. */
class ScriptedCursor implements RecordCursor {
	readonly channel = "scripted";
	readonly eventId = 1;
	readonly bytes = NO_BYTES;
	readonly view = new DataView(NO_BYTES.buffer);
	readonly payloadOffset = 0;
	readonly payloadLength = 0;
	readonly contextOffset = 0;
	readonly contextLength = 0;
	ts = 0;
	tid = -1;
	idleUntil = 0;
	closed = 0;
	#at = 0;

	constructor(
		readonly cpu: number,
		readonly steps: readonly Step[],
	) {}

	advance(): CursorState {
		const step = this.steps[this.#at++];
		if (step === undefined) return "ended";
		if ("ts" in step) {
			this.ts = step.ts;
			this.tid++;
			return "record";
		}
		this.idleUntil = step.idleUntil;
		return "idle";
	}

	close(): void {
		this.closed++;
	}

	/** The oldest time this source may still bring, its current record included. */
	earliest(): number {
		const step = this.steps[this.#at - 1];
		if (this.#at > this.steps.length) return Number.POSITIVE_INFINITY;
		if (step === undefined) return 0;
		return "ts" in step ? step.ts : step.idleUntil;
	}
}

/** Times never fall, and an idle floor is never above a record that follows. */
const script: fc.Arbitrary<Step[]> = fc
	.array(fc.tuple(fc.boolean(), fc.nat(4)), { maxLength: 30 })
	.map((moves) => {
		let now = 0;
		return moves.map(([isRecord, step]): Step => {
			now += step;
			return isRecord ? { ts: now } : { idleUntil: now };
		});
	});

interface Item {
	readonly ts: number;
	readonly cpu: number;
	readonly number: number;
}

function sorted(cursors: readonly ScriptedCursor[]): Item[] {
	const items = cursors.flatMap(({ steps, cpu }) =>
		steps
			.flatMap((step) => ("ts" in step ? [step.ts] : []))
			.map((ts, number) => ({ ts, cpu, number })),
	);
	return items.sort((a, b) => a.ts - b.ts || a.cpu - b.cpu || a.number - b.number);
}

function make(scripts: readonly (readonly Step[])[]): ScriptedCursor[] {
	return scripts.map((steps, cpu) => new ScriptedCursor(cpu, steps));
}

test("any streams with any idle times come out as one sorted stream, nothing lost", () => {
	fc.assert(
		fc.property(fc.array(script, { maxLength: 7 }), (scripts) => {
			const cursors = make(scripts);
			const merge = new Merge(cursors);
			const out: Item[] = [];
			let rounds = 0;
			for (let state = merge.next(); state !== "ended"; state = merge.next()) {
				if (state === "idle") {
					// Every round of asking moves some source on: it cannot go on for ever.
					if (++rounds > 300) throw new Error("stalled");
					continue;
				}
				const { ts, cpu, tid } = merge.current;
				out.push({ ts, cpu, number: tid });
			}
			expect(out).toEqual(sorted(cursors));
			expect(merge.next()).toBe("ended");
		}),
		{ numRuns: 500 },
	);
});

test("nothing is handed out while an idle source could still bring something older", () => {
	fc.assert(
		fc.property(fc.array(script, { minLength: 2, maxLength: 5 }), (scripts) => {
			const cursors = make(scripts);
			const merge = new Merge(cursors);
			for (let state = merge.next(); state !== "ended"; state = merge.next()) {
				if (state === "idle") continue;
				const { ts, cpu } = merge.current;
				for (const other of cursors) {
					const bound = other.earliest();
					expect(bound > ts || (bound === ts && other.cpu >= cpu)).toBe(true);
				}
			}
		}),
		{ numRuns: 500 },
	);
});

test("an idle source whose floor is newer holds nothing back, and is not asked in vain", () => {
	const busy = new ScriptedCursor(
		0,
		Array.from({ length: 100 }, (_, ts) => ({ ts })),
	);
	const quiet = new ScriptedCursor(1, [{ idleUntil: 50 }, { idleUntil: 50 }, { ts: 70 }]);
	const merge = new Merge([busy, quiet]);
	const times: number[] = [];
	while (merge.next() === "record") times.push(merge.current.ts);
	expect(times).toEqual(Array.from({ length: 51 }, (_, ts) => ts));
	expect(() => merge.current).toThrow("no current record");
	while (merge.next() === "record") times.push(merge.current.ts);
	expect(times).toEqual(
		Array.from({ length: 100 }, (_, ts) => ts).flatMap((ts) => (ts === 70 ? [70, 70] : [ts])),
	);
});

test("one idle source with no floor stops everything until it speaks", () => {
	const cursors = make([[{ ts: 5 }], [{ idleUntil: 0 }, { idleUntil: 0 }, { ts: 1 }]]);
	const merge = new Merge(cursors);
	expect([merge.next(), merge.next(), merge.next()]).toEqual(["idle", "idle", "record"]);
	expect(merge.current.cpu).toBe(1);
	expect([merge.next(), merge.next()]).toEqual(["record", "ended"]);
});

test("equal times come in the order of the streams", () => {
	const cursors = make([[{ ts: 7 }, { ts: 7 }], [{ ts: 7 }], [{ ts: 3 }, { ts: 7 }]]);
	const merge = new Merge(cursors);
	const cpus: number[] = [];
	while (merge.next() === "record") cpus.push(merge.current.cpu);
	expect(cpus).toEqual([2, 0, 0, 1, 2]);
});

test("no streams have ended, and close reaches every stream once", () => {
	expect(new Merge([]).next()).toBe("ended");
	const cursors = make([[{ ts: 1 }, { ts: 4 }], [{ ts: 2 }], [], [{ idleUntil: 3 }]]);
	const merge = new Merge(cursors);
	merge.next();
	merge.close();
	expect(cursors.map(({ closed }) => closed)).toEqual([1, 1, 1, 1]);
});
