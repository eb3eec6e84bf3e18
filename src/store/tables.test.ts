import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { BUILTIN_VIEWS, eventNameProblem } from "../schema/names.js";
import { tablesDdl } from "./tables.js";

function columns(strings: boolean): unknown {
	const database = new Database(":memory:");
	database.exec(tablesDdl({ cpuIds: 4, events: [], strings }));
	const views = database
		.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name")
		.pluck()
		.all();
	const found = views.map((view) => [
		view,
		database
			.prepare(`SELECT * FROM ${view}`)
			.columns()
			.map(({ name }) => name),
	]);
	database.close();
	return found;
}

test("a session without strings has the same views", () => {
	expect(columns(false)).toEqual(columns(true));
});

test("no event may take the name of a table or view of the store", () => {
	const database = new Database(":memory:");
	database.exec(tablesDdl({ cpuIds: 4, events: [], strings: true }));
	const names = database
		.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
		.pluck()
		.all();
	database.close();
	expect(names.length).toBeGreaterThan(BUILTIN_VIEWS.length);
	for (const name of names) expect([name, eventNameProblem(name, name)]).not.toContain(undefined);
});
