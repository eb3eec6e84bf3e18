/** What the recorder itself spends on the records it carries: its own threads, start-up apart. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { carriedCalls, countedWork } from "../counted-work.js";
import { readLost } from "../guest-work.js";
import { LTTNG, RELAYSCOPE_ALL, TRACE_CMD, type Tracer } from "../peers/tracers.js";
import type { Figure, Row } from "../row.js";

interface Cost {
	readonly perEvent: number;
	readonly perByte: number;
}

export const recorderCpu: Row = {
	name: "recorder's CPU time",
	work: (bench) => [countedWork(bench)],
	async measure(bench, guest) {
		const directory = await guest.directoryOf(countedWork(bench));
		const calls = carriedCalls(bench);
		const costs = ({ id }: Tracer): Cost[] =>
			Array.from({ length: bench.rounds }, (_, round) => {
				const run = `${id}.${round}`;
				const text = readFileSync(join(directory, `${run}.cost`), "utf8");
				const [cpu = Number.NaN, bytes = Number.NaN] = text.trim().split(" ").map(Number);
				// What was lost was never carried.
				return { perEvent: cpu / (2 * calls - readLost(directory, run)), perByte: cpu / bytes };
			});
		const figure = (of: "byte" | "event", peer: Tracer, atMost: number | undefined): Figure => {
			const each = (tracer: Tracer): number[] =>
				costs(tracer).map((cost) => (of === "byte" ? cost.perByte : cost.perEvent));
			return {
				name: `recorder's CPU time per ${of}`,
				unit: "instructions",
				workload: `getppid, ${bench.rounds} recordings of ${2 * calls} events each, 1 CPU, CPU time on a clock that counts instructions, while recording: start and end apart`,
				ours: each(RELAYSCOPE_ALL),
				peer: { name: peer === LTTNG ? "lttng-consumerd" : peer.label, values: each(peer) },
				...(atMost === undefined ? {} : { target: { of: "ratio", atMost } as const }),
			};
		};
		return [
			() => figure("byte", LTTNG, 1),
			() => figure("event", LTTNG, undefined),
			() => figure("event", TRACE_CMD, 0.5),
		];
	},
};
