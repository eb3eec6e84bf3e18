/** The database a call, indexes included. */
import { statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { Bench } from "../bench.js";
import { type Captures, getppidCaptures, mixedCaptures } from "../captures.js";
import { relayscopeCommand, runMeasured } from "../host-run.js";
import { type Result, type Row, resultOf } from "../row.js";

export const databaseBytes: Row = {
	name: "database bytes per call",
	async measure(bench) {
		return [
			figure(bench, "getppid loop", await getppidCaptures(bench), 28),
			figure(bench, "build and search", await mixedCaptures(bench), 48),
		];
	},
};

function figure(bench: Bench, workload: string, captures: Captures, limit: number): Result {
	const { path } = captures.relayscope;
	runMeasured(bench, relayscopeCommand("import", path));
	const file = join(path, "session.db");
	const database = new Database(file, { readonly: true });
	const calls = database.prepare("SELECT count(*) FROM syscalls").pluck().get();
	database.close();
	if (typeof calls !== "number" || calls === 0) throw new Error(`no calls in ${file}`);
	return resultOf({
		name: `database bytes per call, ${workload}`,
		unit: "bytes",
		workload: `${calls} calls`,
		ours: [statSync(file).size / calls],
		peer: { name: "9 plain integer columns", values: [38] },
		target: { of: "value", atMost: limit },
	});
}
