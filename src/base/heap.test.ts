import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "./heap.js";

const ascending = (a: number, b: number): boolean => a < b;

test("gives back what was pushed, in order", () => {
	fc.assert(
		fc.property(fc.array(fc.integer()), (values) => {
			const heap = new Heap<number>(ascending);
			for (const value of values) heap.push(value);
			const out: number[] = [];
			for (let value = heap.pop(); value !== undefined; value = heap.pop()) out.push(value);
			expect(out).toEqual([...values].sort((a, b) => a - b));
			expect(heap.size).toBe(0);
		}),
	);
});

test("any mix of operations agrees with a sorted array", () => {
	const operation = fc.tuple(fc.constantFrom("push", "pop", "replace"), fc.integer());
	fc.assert(
		fc.property(fc.array(operation), (operations) => {
			const heap = new Heap<number>(ascending);
			const model: number[] = [];
			for (const [what, value] of operations) {
				if (what === "push") heap.push(value);
				if (what === "pop") expect(heap.pop()).toBe(model.shift());
				if (what === "replace") expect(heap.replaceTop(value)).toBe(model.shift());
				if (what !== "pop") model.push(value);
				model.sort((a, b) => a - b);
				expect(heap.peek()).toBe(model[0]);
				expect(heap.size).toBe(model.length);
			}
		}),
	);
});
