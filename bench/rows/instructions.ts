/**
 * Guest instructions that tracing adds to a call. The machine's clock counts instructions here, so
 * neither the host's load nor its processor shows; what a call costs in cache misses does not either.
 */
import { inGuest, readLoop, readLost } from "../bench.js";
import { LTTNG, PERF, RELAYSCOPE_ALL, RELAYSCOPE_COMMAND, TRACE_CMD } from "../peers/tracers.js";
import { type Row, resultOf } from "../row.js";
import { quantile } from "../statistics.js";

const PEERS = [LTTNG, TRACE_CMD, PERF];
const OURS = [RELAYSCOPE_ALL, RELAYSCOPE_COMMAND];

/** Counting is exact: a burst differs from the next by interrupts only. */
const LOOP = "loop 20000 1000 20000 1000";

export const instructions: Row = {
	name: "guest instructions added per system call",
	async measure(bench) {
		const directory = await inGuest(bench, "instructions", script(), {
			timeoutSeconds: 600,
			instructionClock: true,
			cpus: 1,
		});
		const count = (id: string): number => quantile(readLoop(directory, `${id}.loop`).bursts, 0.5);
		const bare = count("bare");
		return OURS.flatMap((ours) => {
			if (readLost(directory, ours.id) > 0) throw new Error(`${ours.label} lost records`);
			return PEERS.map((peer) =>
				resultOf({
					name: `guest instructions added per system call, ${ours.label}`,
					unit: "instructions",
					workload: `getppid, median of 20 bursts, 1 CPU, clock counts instructions; bare call ${bare.toFixed(0)}`,
					ours: [count(ours.id) - bare],
					peer: { name: peer.label, values: [count(peer.id) - bare] },
				}),
			);
		});
	},
};

function script(): string {
	return ["bare", ...[...OURS, ...PEERS].map((tracer) => tracer.id)]
		.map((id) => `export LOOP_OUTPUT=$OUT/${id}.loop; trace_${id} "$OUT/${id}" ${LOOP}`)
		.join("\n");
}
