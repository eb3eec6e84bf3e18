/** From the raw files to an answer: a database of every view here, text for the peers. */
import { getppidCaptures, textCommand } from "../captures.js";
import { getppidLoops } from "../getppid-loops.js";
import { relayscopeCommand, runMeasured } from "../host-run.js";
import { LTTNG, PERF, RELAYSCOPE_ALL, TRACE_CMD } from "../peers/tracers.js";
import { atFullSize, type Figure, type Row } from "../row.js";

const PEERS = [
	{ peer: LTTNG, name: "babeltrace2 to text", atLeast: 2 },
	{ peer: TRACE_CMD, name: "trace-cmd report", atLeast: 4 },
	{ peer: PERF, name: "perf script", atLeast: undefined },
] as const;

export const importRate: Row = {
	name: "import, records per second",
	work: (bench) => [getppidLoops(bench)],
	async measure(bench, guest) {
		const captures = await getppidCaptures(bench, guest);
		const { path, events } = captures(RELAYSCOPE_ALL);
		const ours: number[] = [];
		const theirs = PEERS.map((): number[] => []);
		for (let round = 0; round < bench.rounds; round++) {
			const { seconds } = runMeasured(bench, relayscopeCommand("import", "--force", path));
			ours.push(events / seconds);
			for (const [index, { peer }] of PEERS.entries()) {
				const capture = captures(peer);
				const { seconds } = runMeasured(bench, textCommand(peer, capture.path));
				theirs[index]?.push(capture.events / seconds);
			}
		}
		return PEERS.map(
			({ peer, name, atLeast }, index) =>
				(): Figure => ({
					name: "raw session to database",
					unit: "records/s",
					better: "higher",
					workload: `getppid, ${events} records, whole processes on the host; peer ${captures(peer).events} to /dev/null`,
					ours,
					peer: { name, values: theirs[index] ?? [] },
					...(atLeast === undefined ? {} : atFullSize(bench, { of: "ratio", atLeast })),
				}),
		);
	},
};
