/** What recording strings adds to calls that have one, and to those that have none. */
import { readLoop, readLost } from "../guest-work.js";
import { OPENING_BURST, openingLoops, openingRounds } from "../opening-loops.js";
import { LTTNG, RELAYSCOPE_ALL, RELAYSCOPE_STRINGS, type Tracer } from "../peers/tracers.js";
import type { Figure, Row } from "../row.js";

export const stringsCost: Row = {
	name: "cost added with strings",
	work: (bench) => [openingLoops(bench)],
	async measure(bench, guest) {
		const directory = await guest.directoryOf(openingLoops(bench));
		const fastest = (run: string): number => {
			const { bursts } = readLoop(directory, `${run}.loop`);
			if (bursts.length === 0) throw new Error(`${run} has no bursts`);
			return Math.min(...bursts);
		};
		const added = (tracer: Tracer, kind: "open" | "getppid"): number[] =>
			openingRounds(bench).map(
				(round) => fastest(`${tracer.id}.${kind}.${round}`) - fastest(`bare.${kind}.${round}`),
			);
		const refuseLosses = (tracer: Tracer, kind: "open" | "getppid"): void => {
			for (const round of openingRounds(bench)) {
				const lost = readLost(directory, `${tracer.id}.${kind}.${round}`);
				// A refused record costs less than a written one: the figure would flatter.
				if (lost > 0) throw new Error(`${tracer.label} lost ${lost} records`);
			}
		};
		const opening = (peer: Tracer, target?: number): Figure => {
			refuseLosses(RELAYSCOPE_STRINGS, "open");
			return {
				name: "cost added to opening and closing a file, with strings",
				unit: "ns",
				workload: `openat and close of a file in memory, fastest of bursts of ${OPENING_BURST}, 2 CPUs, clock tsc; ours with the file that the kernel opened, LTTng's with the path as given`,
				ours: added(RELAYSCOPE_STRINGS, "open"),
				peer: { name: peer.label, values: added(peer, "open") },
				...(target === undefined ? {} : { target: { of: "ratio", atMost: target } as const }),
			};
		};
		const without = (): Figure => {
			refuseLosses(RELAYSCOPE_STRINGS, "getppid");
			return {
				name: "cost added per system call that has no string, with strings recorded",
				unit: "ns",
				workload: `getppid, fastest of bursts of ${OPENING_BURST}, 2 CPUs, clock tsc`,
				ours: added(RELAYSCOPE_STRINGS, "getppid"),
				peer: { name: RELAYSCOPE_ALL.label, values: added(RELAYSCOPE_ALL, "getppid") },
				target: { of: "ratio", atMost: 1.2 },
			};
		};
		return [() => opening(LTTNG, 0.5), () => opening(RELAYSCOPE_ALL), without];
	},
};
