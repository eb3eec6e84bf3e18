/** CPU time the recorder itself takes, per event and per byte, start-up apart. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inGuest, readLost } from "../bench.js";
import { LTTNG, RELAYSCOPE_ALL, TRACE_CMD, type Tracer } from "../peers/tracers.js";
import { type Row, resultOf, roundsOf } from "../row.js";

const TRACERS = [RELAYSCOPE_ALL, LTTNG, TRACE_CMD];

interface Cost {
	readonly perEvent: number;
	readonly perByte: number;
}

export const recorderCpu: Row = {
	name: "recorder's CPU time",
	async measure(bench) {
		const rounds = bench.quick ? 1 : roundsOf(bench);
		const calls = bench.quick ? 500_000 : 1_000_000;
		const directory = await inGuest(bench, "recorder-cpu", script(rounds, calls), {
			timeoutSeconds: 900,
		});
		const costs = (tracer: Tracer): Cost[] =>
			Array.from({ length: rounds }, (_, round) => {
				const full = `${tracer.id}.${round}.full`;
				const idle = `${tracer.id}.${round}.idle`;
				const us = number(directory, `${full}.cpu`) - number(directory, `${idle}.cpu`);
				// What was lost was never carried.
				const events = 2 * calls - readLost(directory, full);
				const bytes = number(directory, `${full}.bytes`) - number(directory, `${idle}.bytes`);
				return { perEvent: (us * 1000) / events, perByte: (us * 1000) / bytes };
			});
		const [ours, lttng, traceCmd] = [costs(RELAYSCOPE_ALL), costs(LTTNG), costs(TRACE_CMD)];
		const workload = `getppid, ${calls} calls in bursts of 10,000, in the guest; less the CPU time of a recording of 100 calls`;
		return [
			resultOf({
				name: "recorder's CPU time per byte",
				unit: "ns",
				workload,
				ours: ours.map((cost) => cost.perByte),
				peer: { name: "lttng-consumerd", values: lttng.map((cost) => cost.perByte) },
				target: { of: "ratio", atMost: 1 },
			}),
			resultOf({
				name: "recorder's CPU time per event",
				unit: "ns",
				workload,
				ours: ours.map((cost) => cost.perEvent),
				peer: { name: "lttng-consumerd", values: lttng.map((cost) => cost.perEvent) },
			}),
			resultOf({
				name: "recorder's CPU time per event",
				unit: "ns",
				workload,
				ours: ours.map((cost) => cost.perEvent),
				peer: { name: "trace-cmd", values: traceCmd.map((cost) => cost.perEvent) },
				target: { of: "ratio", atMost: 0.5 },
			}),
		];
	},
};

function number(directory: string, name: string): number {
	return Number(readFileSync(join(directory, name), "utf8").trim().split(/\s/)[0]);
}

function script(rounds: number, calls: number): string {
	const lines: string[] = [];
	for (let round = 0; round < rounds; round++) {
		for (const { id } of TRACERS) {
			for (const [kind, loop] of [
				["idle", "loop 100 100 20000"],
				["full", `loop ${calls} 10000 20000`],
			]) {
				const name = `$OUT/${id}.${round}.${kind}`;
				lines.push(`trace_${id} "${name}" ${loop}`);
				lines.push(`du -sb "${name}" >"${name}.bytes"; rm -rf "${name}"`);
			}
		}
	}
	return lines.join("\n");
}
