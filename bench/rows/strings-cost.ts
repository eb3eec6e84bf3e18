/** What recording strings adds to calls that have one, and to those that have none. */
import { readLoop, readLost } from "../guest-work.js";
import {
	countedOpeningLoops,
	OPENING_BURST,
	openingLoops,
	openingRounds,
} from "../opening-loops.js";
import { LTTNG, RELAYSCOPE_ALL, RELAYSCOPE_STRINGS, type Tracer } from "../peers/tracers.js";
import type { Figure, Row } from "../row.js";
import { quantile } from "../statistics.js";

const WHAT = "ours with the file that the kernel opened, LTTng's with the path as given";

export const stringsCost: Row = {
	name: "cost added with strings",
	work: (bench) => [openingLoops(bench), countedOpeningLoops()],
	async measure(bench, guest) {
		const timed = await guest.directoryOf(openingLoops(bench));
		const counted = await guest.directoryOf(countedOpeningLoops());
		const bursts = (directory: string, run: string): readonly number[] => {
			const found = readLoop(directory, `${run}.loop`).bursts;
			if (found.length === 0) throw new Error(`${run} has no bursts`);
			return found;
		};
		const refuseLosses = (directory: string, run: string): void => {
			const lost = readLost(directory, run);
			// A refused record costs less than a written one: the figure would flatter.
			if (lost > 0) throw new Error(`${RELAYSCOPE_STRINGS.label} lost ${lost} records`);
		};
		const fastest = (run: string): number => Math.min(...bursts(timed, run));
		const nanoseconds = ({ id }: Tracer): number[] =>
			openingRounds(bench).map((round) => fastest(`${id}.${round}`) - fastest(`bare.${round}`));
		const typical = (run: string): number => quantile(bursts(counted, run), 0.5);
		const instructions = ({ id }: Tracer, loop: "getppid" | "open"): number[] => [
			typical(`${id}.${loop}`) - typical(`bare.${loop}`),
		];
		const opening = (): Figure => {
			for (const round of openingRounds(bench)) {
				refuseLosses(timed, `${RELAYSCOPE_STRINGS.id}.${round}`);
			}
			return {
				name: "cost added to opening and closing a file, with strings",
				unit: "ns",
				workload: `openat and close of a file in memory, fastest of bursts of ${OPENING_BURST}, 2 CPUs, clock tsc; ${WHAT}`,
				ours: nanoseconds(RELAYSCOPE_STRINGS),
				peer: { name: LTTNG.label, values: nanoseconds(LTTNG) },
				target: { of: "ratio", atMost: 0.5 },
			};
		};
		const openingCounted = (peer: Tracer): Figure => {
			refuseLosses(counted, `${RELAYSCOPE_STRINGS.id}.open`);
			return {
				name: "guest instructions added to opening and closing a file, with strings",
				unit: "instructions",
				workload: `openat and close of a file in memory, median of 20 bursts, 1 CPU, clock counts instructions; ${WHAT}`,
				ours: instructions(RELAYSCOPE_STRINGS, "open"),
				peer: { name: peer.label, values: instructions(peer, "open") },
			};
		};
		const without = (): Figure => {
			refuseLosses(counted, `${RELAYSCOPE_STRINGS.id}.getppid`);
			return {
				name: "guest instructions added to a call that has no string, with strings",
				unit: "instructions",
				workload: "getppid, median of 20 bursts, 1 CPU, clock counts instructions",
				ours: instructions(RELAYSCOPE_STRINGS, "getppid"),
				peer: { name: RELAYSCOPE_ALL.label, values: instructions(RELAYSCOPE_ALL, "getppid") },
				target: { of: "ratio", atMost: 1.2 },
			};
		};
		return [opening, () => openingCounted(LTTNG), () => openingCounted(RELAYSCOPE_ALL), without];
	},
};
