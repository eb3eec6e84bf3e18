/** From the raw files to an answer: a database of every view here, text for the peers. */
import { getppidCaptures, TEXT_COMMANDS } from "../captures.js";
import { relayscopeCommand, runMeasured } from "../host-run.js";
import { type Row, resultOf, roundsOf } from "../row.js";

const LIMITS = { lttng: 2, traceCmd: 4, perf: undefined } as const;
const NAMES = {
	lttng: "babeltrace2 to text",
	traceCmd: "trace-cmd report",
	perf: "perf script",
} as const;

export const importRate: Row = {
	name: "import, records per second",
	async measure(bench) {
		const captures = await getppidCaptures(bench);
		const ours: number[] = [];
		const peers = { lttng: [] as number[], traceCmd: [] as number[], perf: [] as number[] };
		const keys = ["lttng", "traceCmd", "perf"] as const;
		for (let round = 0; round < roundsOf(bench); round++) {
			const { path, events } = captures.relayscope;
			const { seconds } = runMeasured(bench, relayscopeCommand("import", "--force", path));
			ours.push(events / seconds);
			for (const key of keys) {
				const capture = captures[key];
				const { seconds } = runMeasured(bench, TEXT_COMMANDS[key](capture.path));
				peers[key].push(capture.events / seconds);
			}
		}
		return keys.map((key) =>
			resultOf({
				name: "raw session to database",
				unit: "records/s",
				better: "higher",
				workload: `getppid, ${captures.relayscope.events} records, whole processes on the host; peer ${captures[key].events} to /dev/null`,
				ours,
				peer: { name: NAMES[key], values: peers[key] },
				...(LIMITS[key] === undefined
					? {}
					: { target: { of: "ratio", atLeast: LIMITS[key] } as const }),
			}),
		);
	},
};
