/** The highest event rate held without losing a record, every CPU producing. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { confirmedSeconds, PACED_BUFFERS, pacedWork } from "../paced-work.js";
import { LTTNG, RELAYSCOPE_ALL, TRACE_CMD, type Tracer } from "../peers/tracers.js";
import type { Figure, Row } from "../row.js";

interface Held {
	readonly eventsPerSecond: number;
	readonly cpuPerEvent: number;
	readonly cpuPerByte: number;
}

export const pacedRate: Row = {
	name: "highest paced event rate",
	work: (bench) => [pacedWork(bench)],
	async measure(bench, guest) {
		const directory = await guest.directoryOf(pacedWork(bench));
		const seconds = confirmedSeconds(bench);
		const held = ({ id }: Tracer): Held => {
			const text = readFileSync(join(directory, `${id}.held`), "utf8").trim();
			const [rate = Number.NaN, cpu = Number.NaN, bytes = Number.NaN] = text.split(" ").map(Number);
			const eventsPerSecond = 2 * rate;
			const cpuPerEvent = cpu / (eventsPerSecond * seconds);
			return { eventsPerSecond, cpuPerEvent, cpuPerByte: cpu / bytes };
		};
		const millions = (tracer: Tracer): string =>
			`${((held(tracer).eventsPerSecond * seconds) / 1e6).toFixed(1)} M`;
		const rate = (peer: Tracer): Figure => ({
			name: "highest paced rate without loss",
			unit: "events/s",
			better: "higher",
			workload: `getppid from 2 CPUs for ${seconds} s, buffers ${PACED_BUFFERS.subbufs} x ${PACED_BUFFERS.subbufKiB} KiB a CPU, rate that was reached`,
			ours: [held(RELAYSCOPE_ALL).eventsPerSecond],
			peer: { name: peer.label, values: [held(peer).eventsPerSecond] },
			...(peer === LTTNG ? { target: { of: "ratio", atLeast: 1.5 } as const } : {}),
		});
		const time = (of: "byte" | "event", peer: Tracer, atMost?: number): Figure => {
			const cost = (tracer: Tracer): number[] => {
				const { cpuPerByte, cpuPerEvent } = held(tracer);
				return [of === "byte" ? cpuPerByte : cpuPerEvent];
			};
			return {
				name: `recorder's CPU time per ${of}, in time`,
				unit: "ns",
				workload: `the ${seconds} s at each one's highest paced rate, ${millions(RELAYSCOPE_ALL)} of our events and ${millions(peer)} of the peer's, 2 CPUs, clock tsc`,
				ours: cost(RELAYSCOPE_ALL),
				peer: { name: peer === LTTNG ? "lttng-consumerd" : peer.label, values: cost(peer) },
				...(atMost === undefined ? {} : { target: { of: "ratio", atMost } as const }),
			};
		};
		const targeted = [() => rate(LTTNG), () => time("byte", LTTNG, 1), () => time("event", LTTNG)];
		const information = [() => rate(TRACE_CMD), () => time("event", TRACE_CMD, 0.5)];
		return bench.quick ? targeted : [...targeted, ...information];
	},
};
