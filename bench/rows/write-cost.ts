/** What tracing adds to a system call, entry and exit, while the reader runs. */
import { type Bench, inGuest, readLoop, readLost } from "../bench.js";
import {
	BPFTRACE,
	LTTNG,
	PERF,
	RELAYSCOPE_ALL,
	RELAYSCOPE_COMMAND,
	STRACE,
	TRACE_CMD,
	type Tracer,
} from "../peers/tracers.js";
import { type Result, type Row, resultOf, roundsOf } from "../row.js";
import { quantile } from "../statistics.js";

const TARGETS: readonly (readonly [Tracer, number | undefined])[] = [
	[LTTNG, 0.4],
	[TRACE_CMD, 0.4],
	[PERF, 0.12],
	[STRACE, undefined],
	[BPFTRACE, undefined],
];

const ROUNDS_OF = [RELAYSCOPE_ALL, RELAYSCOPE_COMMAND, ...TARGETS.map(([tracer]) => tracer)];

const BURST = 5000;

export const writeCost: Row = {
	name: "cost added per system call",
	async measure(bench) {
		const rounds = roundsOf(bench);
		const directory = await inGuest(bench, "write-cost", script(bench, rounds), {
			timeoutSeconds: 900,
		});
		const bare = undisturbed(directory, "bare", rounds);
		const added = (tracer: Tracer): number[] =>
			undisturbed(directory, tracer.id, rounds).map((cost, round) => cost - (bare[round] ?? 0));
		const workload = `getppid, bursts of ${BURST} calls, 2 CPUs, clock tsc`;
		const results: Result[] = [];
		for (const ours of [RELAYSCOPE_ALL, RELAYSCOPE_COMMAND]) {
			requireNoLoss(directory, ours, rounds);
			for (const [peer, limit] of TARGETS) {
				results.push(
					resultOf({
						name: `cost added per system call, ${ours.label}`,
						unit: "ns",
						workload: `${workload}; ${lossesOf(directory, peer, rounds)}`,
						ours: added(ours),
						peer: { name: peer.label, values: added(peer) },
						...(limit === undefined ? {} : { target: { of: "ratio", atMost: limit } as const }),
					}),
				);
			}
		}
		return results;
	},
};

/** The lower quartile of the bursts: other work on the host only ever adds to a burst. */
function undisturbed(directory: string, tracer: string, rounds: number): number[] {
	return Array.from({ length: rounds }, (_, round) =>
		quantile(readLoop(directory, `${tracer}.${round}.loop`).bursts, 0.25),
	);
}

function requireNoLoss(directory: string, tracer: Tracer, rounds: number): void {
	for (let round = 0; round < rounds; round++) {
		const lost = readLost(directory, `${tracer.id}.${round}`);
		// A refused record costs less than a written one: the figure would flatter.
		if (lost > 0) throw new Error(`${tracer.label} lost ${lost} records in round ${round}`);
	}
}

function lossesOf(directory: string, tracer: Tracer, rounds: number): string {
	let lost = 0;
	for (let round = 0; round < rounds; round++) lost += readLost(directory, `${tracer.id}.${round}`);
	return lost === 0 ? "nobody lost a record" : `${tracer.label} lost ${lost} records`;
}

function script(bench: Bench, rounds: number): string {
	const calls = bench.quick ? 100_000 : 200_000;
	const lines: string[] = [];
	for (let round = 0; round < rounds; round++) {
		for (const id of ["bare", ...ROUNDS_OF.map((tracer) => tracer.id)]) {
			const loop = id === "strace" ? "loop 300 50 1000 10" : `loop ${calls} ${BURST} 20000 5000`;
			const name = `${id}.${round}`;
			lines.push(`export LOOP_OUTPUT=$OUT/${name}.loop; trace_${id} "$OUT/${name}" ${loop}`);
			lines.push(`rm -rf "$OUT/${name}"`);
		}
	}
	return lines.join("\n");
}
