/** What tracing adds to a system call, entry and exit, while the reader runs. */
import { join } from "node:path";
import { perfLost } from "../captures.js";
import { BURST, getppidLoops, roundsOf } from "../getppid-loops.js";
import { readLoop, readLost } from "../guest-work.js";
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
import type { Figure, Row } from "../row.js";

const TARGETS: readonly (readonly [Tracer, number | undefined])[] = [
	[LTTNG, 0.4],
	[TRACE_CMD, 0.4],
	[PERF, 0.12],
	[STRACE, undefined],
	[BPFTRACE, undefined],
];

export const writeCost: Row = {
	name: "cost added per system call",
	work: (bench) => [getppidLoops(bench)],
	async measure(bench, guest) {
		const directory = await guest.directoryOf(getppidLoops(bench));
		const rounds = (tracer: Tracer): number[] =>
			Array.from({ length: roundsOf(bench, tracer) }, (_, round) => round);
		const added = (tracer: Tracer): number[] =>
			rounds(tracer).map(
				(round) =>
					undisturbed(directory, `${tracer.id}.${round}`) - undisturbed(directory, `bare.${round}`),
			);
		const lost = (tracer: Tracer): number =>
			rounds(tracer).reduce(
				(sum, round) => sum + lostIn(directory, tracer, `${tracer.id}.${round}`),
				0,
			);
		const figure = (ours: Tracer, peer: Tracer, limit: number | undefined): Figure => {
			const refused = lost(ours);
			// A refused record costs less than a written one: the figure would flatter.
			if (refused > 0) throw new Error(`${ours.label} lost ${refused} records`);
			const peerLost = lost(peer);
			const losses = peerLost === 0 ? "nobody lost a record" : `the peer lost ${peerLost} records`;
			return {
				name: `cost added per system call, ${ours.label}`,
				unit: "ns",
				workload: `getppid, fastest burst of ${BURST} calls in a round, 2 CPUs, clock tsc; ${losses}`,
				ours: added(ours),
				peer: { name: peer.label, values: added(peer) },
				...(limit === undefined ? {} : { target: { of: "ratio", atMost: limit } as const }),
			};
		};
		return [RELAYSCOPE_ALL, RELAYSCOPE_COMMAND].flatMap((ours) =>
			TARGETS.filter(([peer]) => roundsOf(bench, peer) > 0).map(
				([peer, limit]) =>
					() =>
						figure(ours, peer, limit),
			),
		);
	},
};

/** Of a hundred and more bursts the fastest: other work on the host only ever adds to one. */
function undisturbed(directory: string, run: string): number {
	const { bursts } = readLoop(directory, `${run}.loop`);
	if (bursts.length === 0) throw new Error(`${run} has no bursts`);
	return Math.min(...bursts);
}

function lostIn(directory: string, tracer: Tracer, run: string): number {
	return tracer === PERF ? perfLost(join(directory, run)) : readLost(directory, run);
}
