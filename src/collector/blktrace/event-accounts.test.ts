import fc from "fast-check";
import { expect, test } from "vitest";
import { type EventAccount, EventAccounts, type SequenceGap } from "./event-accounts.js";

interface Kept {
	readonly gaps: SequenceGap[];
	readonly account: EventAccount | undefined;
}

/** Numbers of one CPU's events, whose times are 10, 20, 30...; damage before some of them. */
function keep(numbers: readonly number[], damagedBefore: ReadonlySet<number> = new Set()): Kept {
	const gaps: SequenceGap[] = [];
	const accounts = new EventAccounts((gap) => gaps.push(gap));
	let damaged = 0;
	for (const [index, number] of numbers.entries()) {
		if (damagedBefore.has(number)) damaged++;
		accounts.see(2, number, (index + 1) * 10, damaged);
	}
	const account = accounts.accounts().find(({ cpu }) => cpu === 2);
	expect(accounts.lost).toBe(gaps.reduce((sum, { lost }) => sum + lost, 0));
	expect(account?.lost ?? 0).toBe(accounts.lost);
	return { gaps, account };
}

const gapsAmong = (...numbers: readonly number[]): SequenceGap[] => keep(numbers).gaps;

test("numbers that follow each other have no gap", () => {
	expect(keep([1, 2, 3])).toEqual({
		gaps: [],
		account: { cpu: 2, produced: 3, stored: 3, lost: 0, faults: 0 },
	});
	expect(keep([]).account).toBeUndefined();
});

test("a gap is between the events around it", () => {
	expect(gapsAmong(1, 2, 7, 8, 9, 11, 12)).toEqual([
		{ cpu: 2, tsBegin: 20, tsEnd: 30, lost: 4 },
		{ cpu: 2, tsBegin: 50, tsEnd: 60, lost: 1 },
	]);
	expect(gapsAmong(4, 5)).toEqual([{ cpu: 2, tsBegin: 0, tsEnd: 10, lost: 3 }]);
});

test("what is missing around damaged bytes is no loss", () => {
	expect(keep([1, 2, 7, 8, 11, 12], new Set([7]))).toEqual({
		gaps: [{ cpu: 2, tsBegin: 40, tsEnd: 50, lost: 2 }],
		account: { cpu: 2, produced: 12, stored: 6, lost: 2, faults: 4 },
	});
});

test("a number that is damaged is no gap", () => {
	expect(gapsAmong(1, 2, 3_000_000_000, 4, 5)).toEqual([]);
	expect(gapsAmong(1, 2, 1, 4, 5)).toEqual([]);
	expect(keep([1, 2, 3_000_000_000]).account).toMatchObject({ produced: 3, stored: 3, lost: 0 });
});

test("a number that comes late was never missing", () => {
	expect(gapsAmong(1, 2, 4, 3, 5, 6)).toEqual([]);
});

test("whatever is missing, the books balance", () => {
	const kept = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1 });
	fc.assert(
		fc.property(kept, fc.uniqueArray(fc.integer({ min: 1, max: 60 })), (list, damaged) => {
			const numbers = [...list].sort((a, b) => a - b);
			const { account } = keep(numbers, new Set(damaged));
			const { produced = 0, stored = 0, lost = 0, faults = 0 } = account ?? {};
			expect(stored).toBe(numbers.length);
			expect(produced).toBe(stored + lost + faults);
			const last = numbers.at(-1) ?? 0;
			// A last number that nothing follows is not believed beyond the next.
			if (numbers.at(-2) === last - 1 || last === 1) expect(produced).toBe(last);
		}),
	);
});

test("CPUs are numbered each for itself", () => {
	const gaps: SequenceGap[] = [];
	const accounts = new EventAccounts((gap) => gaps.push(gap));
	for (let number = 1; number < 9; number++) {
		accounts.see(0, number, number, 0);
		accounts.see(300, number, number, 0);
	}
	expect(gaps).toEqual([]);
	expect(accounts.accounts().map(({ cpu, stored }) => [cpu, stored])).toEqual([
		[0, 8],
		[300, 8],
	]);
});
