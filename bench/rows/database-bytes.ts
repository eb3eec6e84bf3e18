/** The database a call, indexes included. */
import { statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { Bench } from "../bench.js";
import { type Captures, getppidCaptures, mixedCaptures, mixedWork } from "../captures.js";
import { getppidLoops } from "../getppid-loops.js";
import { relayscopeCommand, runMeasured } from "../host-run.js";
import { RELAYSCOPE_ALL } from "../peers/tracers.js";
import { atFullSize, type Figure, type Row } from "../row.js";

export const databaseBytes: Row = {
	name: "database bytes per call",
	work: (bench) => [getppidLoops(bench), mixedWork(bench)],
	async measure(bench, guest) {
		const [getppid, mixed] = [
			await getppidCaptures(bench, guest),
			await mixedCaptures(bench, guest),
		];
		return [
			() => figure(bench, "getppid loop", getppid, 28),
			() => figure(bench, "build and search", mixed, 48),
		];
	},
};

function figure(bench: Bench, workload: string, captures: Captures, limit: number): Figure {
	const { path } = captures(RELAYSCOPE_ALL);
	runMeasured(bench, relayscopeCommand("import", path));
	const file = join(path, "session.db");
	const database = new Database(file, { readonly: true });
	const calls = database.prepare("SELECT count(*) FROM syscalls").pluck().get();
	database.close();
	if (typeof calls !== "number" || calls === 0) throw new Error(`no calls in ${file}`);
	return {
		name: `database bytes per call, ${workload}`,
		unit: "bytes",
		workload: `${calls} calls`,
		ours: [statSync(file).size / calls],
		peer: { name: "9 plain integer columns", values: [38] },
		...atFullSize(bench, { of: "value", atMost: limit }),
	};
}
