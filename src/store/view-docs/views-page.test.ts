import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../base/package-root.js";
import { BUILTIN_EVENTS } from "../../schema/generated/builtin-events.js";
import { VIEW_DOCS } from "./registry.js";
import { VIEWS_PAGE, viewDocDifferences, viewsPage } from "./views-page.js";

test("the page is what `relayscope gen` would write, every view and column described", () => {
	expect(readFileSync(join(packageRoot(), VIEWS_PAGE), "utf8")).toBe(viewsPage(BUILTIN_EVENTS));
});

test("a view or a column without its description is told of", () => {
	const thread = VIEW_DOCS.filter(({ name }) => name === "thread");
	const views = new Map([["thread", ["utid", "upid", "tid", "comm"]]]);
	expect(viewDocDifferences(thread, views)).toEqual([]);
	expect(viewDocDifferences([], views)).toEqual(["view thread has no description"]);
	expect(viewDocDifferences(thread, new Map())).toEqual(["there is no view thread"]);
	views.set("thread", ["utid", "upid", "tid", "nice", "comm"]);
	expect(viewDocDifferences(thread, views)).toEqual([
		"view thread has the columns utid, upid, tid, nice, comm; described are utid, upid, tid, comm",
	]);
});

test("descriptions are sentences", () => {
	for (const { name, row, columns } of VIEW_DOCS) {
		for (const text of [row, ...Object.values(columns).map(({ meaning }) => meaning)]) {
			expect(text, name).toMatch(/^\S.*[.….]$/s);
		}
	}
});
