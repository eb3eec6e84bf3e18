/** What the recorder itself spends on the records it carries: its own threads, start-up apart. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CARRIED_LOOPS, carriedCalls, countedWork } from "../counted-work.js";
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
		const costs = ({ id }: Tracer): Cost[] => {
			const loops = readFileSync(join(directory, `${id}.costs`), "utf8")
				.trim()
				.split("\n")
				.map((line) => {
					const [cpu = Number.NaN, bytes = Number.NaN] = line.split(" ").map(Number);
					return { cpu, bytes };
				});
			const lost = Number(readFileSync(join(directory, `${id}.uncarried`), "utf8"));
			// What was lost was never carried. A reader takes whole buffers, so a loop's events may be
			// carried in the next one.
			const events = 2 * calls * loops.length - lost;
			const bytesPerEvent = loops.reduce((sum, { bytes }) => sum + bytes, 0) / events;
			return loops.map(({ cpu, bytes }) => ({
				perByte: cpu / bytes,
				perEvent: (cpu / bytes) * bytesPerEvent,
			}));
		};
		const figure = (of: "byte" | "event", peer: Tracer, atMost: number | undefined): Figure => {
			const each = (tracer: Tracer): number[] =>
				costs(tracer).map((cost) => (of === "byte" ? cost.perByte : cost.perEvent));
			return {
				name: `recorder's CPU time per ${of}`,
				unit: "instructions",
				workload: `getppid, ${CARRIED_LOOPS} times ${2 * calls} events, 1 CPU, CPU time on a clock that counts instructions, while recording: its start and end apart`,
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
