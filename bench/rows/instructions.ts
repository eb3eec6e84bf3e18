/** Guest instructions that tracing adds to a call. */
import { countedWork, RECORDERS } from "../counted-work.js";
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
		const runOf = (tracer: Tracer): string =>
			RECORDERS.some(({ id }) => id === tracer.id) ? `${tracer.id}.0` : tracer.id;
		const figure = (ours: Tracer, peer: Tracer): Figure => {
			if (readLost(directory, runOf(ours)) > 0) throw new Error(`${ours.label} lost records`);
			return {
				name: `guest instructions added per system call, ${ours.label}`,
				unit: "instructions",
				workload: `getppid, median of 20 bursts, 1 CPU, clock counts instructions; bare call ${bare.toFixed(0)}`,
				ours: [count(runOf(ours)) - bare],
				peer: { name: peer.label, values: [count(runOf(peer)) - bare] },
			};
		};
		return [RELAYSCOPE_ALL, RELAYSCOPE_COMMAND].flatMap((ours) =>
			[LTTNG, TRACE_CMD, PERF].map((peer) => () => figure(ours, peer)),
		);
	},
};
