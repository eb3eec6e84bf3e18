/** Guest instructions that tracing adds to a call. */
import { countedWork } from "../counted-work.js";
import { readLoop, readLost } from "../guest-work.js";
import {
	LTTNG,
	PERF,
	RELAYSCOPE_ALL,
	RELAYSCOPE_COMMAND,
	TRACE_CMD,
	type Tracer,
} from "../peers/tracers.js";
import type { Figure, Row } from "../row.js";
import { quantile } from "../statistics.js";

export const instructions: Row = {
	name: "guest instructions added per system call",
	work: (bench) => [countedWork(bench)],
	async measure(bench, guest) {
		const directory = await guest.directoryOf(countedWork(bench));
		const count = (run: string): number => quantile(readLoop(directory, `${run}.loop`).bursts, 0.5);
		const bare = count("bare");
		const figure = (ours: Tracer, peer: Tracer): Figure => {
			if (readLost(directory, ours.id) > 0) throw new Error(`${ours.label} lost records`);
			return {
				name: `guest instructions added per system call, ${ours.label}`,
				unit: "instructions",
				workload: `getppid, median of 20 bursts, 1 CPU, clock counts instructions; bare call ${bare.toFixed(0)}`,
				ours: [count(ours.id) - bare],
				peer: { name: peer.label, values: [count(peer.id) - bare] },
			};
		};
		return [RELAYSCOPE_ALL, RELAYSCOPE_COMMAND].flatMap((ours) =>
			(bench.quick ? [LTTNG, TRACE_CMD] : [LTTNG, TRACE_CMD, PERF]).map(
				(peer) => () => figure(ours, peer),
			),
		);
	},
};
