/** What a user waits for before anything is done. */
import { mixedCaptures, mixedWork } from "../captures.js";
import { relayscopeCommand, runMeasured } from "../host-run.js";
import { RELAYSCOPE_ALL } from "../peers/tracers.js";
import type { Row } from "../row.js";

/** They take a fraction of a second each: as many as in a whole run. */
const RUNS = 10;

export const startUp: Row = {
	name: "start-up",
	work: (bench) => [mixedWork(bench)],
	async measure(bench, guest) {
		const { path } = (await mixedCaptures(bench, guest))(RELAYSCOPE_ALL);
		runMeasured(bench, relayscopeCommand("import", path));
		const help: number[] = [];
		const query: number[] = [];
		const trace: number[] = [];
		for (let run = 0; run < RUNS; run++) {
			const time = (...command: string[]): number => runMeasured(bench, command).seconds * 1000;
			help.push(time(...relayscopeCommand("--help")));
			query.push(time(...relayscopeCommand("query", path, "SELECT count(*) FROM process")));
			trace.push(time(process.execPath, "-e", "0"));
		}
		const peer = { name: "node -e 0", values: trace };
		return [
			() => ({
				...{ name: "relayscope --help", unit: "ms", workload: "whole process", ours: help, peer },
				target: { of: "value", atMost: 150 },
			}),
			() => ({
				name: "relayscope query, small session",
				unit: "ms",
				workload: "SELECT count(*) FROM process",
				...{ ours: query, peer },
				target: { of: "value", atMost: 250 },
			}),
		];
	},
};
