import fc from "fast-check";
import { expect, test } from "vitest";
import { SectorTable } from "./sector-table.js";

class Item {
	older: Item | undefined;
	constructor(readonly sector: number) {}
}

test("it holds what a list of items holds, the newest of a sector first", () => {
	// Few sectors, some beyond 32 bits and some that share their place.
	const sector = fc.oneof(
		fc.integer({ min: 0, max: 40 }).map((index) => index * 8),
		fc.integer({ min: 0, max: 400 }).map((index) => 2 ** 33 + index * 2 ** 32),
	);
	const step = fc.record({ sector, remove: fc.boolean(), which: fc.nat() });
	fc.assert(
		fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
			const table = new SectorTable<Item>();
			const all: Item[] = [];
			for (const { sector: at, remove, which } of steps) {
				if (remove && all.length > 0) {
					const [item] = all.splice(which % all.length, 1);
					if (item !== undefined) table.remove(item.sector, item);
				} else {
					const item = new Item(at);
					all.push(item);
					table.add(at, item);
				}
				const expected = all.filter((item) => item.sector === at).reverse();
				const found: Item[] = [];
				for (let item = table.newest(at); item !== undefined; item = item.older) found.push(item);
				expect(found).toEqual(expected);
			}
			expect(new Set(table.values())).toEqual(new Set(all));
		}),
	);
});
