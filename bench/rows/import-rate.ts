/** From the raw files to an answer: a database of every view here, text for the peers. */
import { getppidCaptures, TEXT_COMMANDS } from "../captures.js";
import { getppidLoops } from "../getppid-loops.js";
import { relayscopeCommand, runMeasured } from "../host-run.js";
import type { Row } from "../row.js";

const PEERS = [
	{ key: "lttng", name: "babeltrace2 to text", atLeast: 2 },
	{ key: "traceCmd", name: "trace-cmd report", atLeast: 4 },
	{ key: "perf", name: "perf script", atLeast: undefined },
] as const;

export const importRate: Row = {
	name: "import, records per second",
	work: (bench) => [getppidLoops(bench)],
	async measure(bench, guest) {
		const captures = await getppidCaptures(bench, guest);
		const { path, events } = captures.relayscope;
		const ours: number[] = [];
		const peers = { lttng: [] as number[], traceCmd: [] as number[], perf: [] as number[] };
		for (let round = 0; round < bench.rounds; round++) {
			const { seconds } = runMeasured(bench, relayscopeCommand("import", "--force", path));
			ours.push(events / seconds);
			for (const { key } of PEERS) {
				const capture = captures[key];
				const { seconds } = runMeasured(bench, TEXT_COMMANDS[key](capture.path));
				peers[key].push(capture.events / seconds);
			}
		}
		return PEERS.map(({ key, name, atLeast }) => () => ({
			name: "raw session to database",
			unit: "records/s",
			better: "higher",
			workload: `getppid, ${events} records, whole processes on the host; peer ${captures[key].events} to /dev/null`,
			ours,
			peer: { name, values: peers[key] },
			...(atLeast === undefined ? {} : { target: { of: "ratio", atLeast } as const }),
		}));
	},
};
