/** What the loaded modules cost a system call while nobody records: static keys, so nothing. */
import { countedWork, IDLE_RUNS } from "../counted-work.js";
import { readLoop } from "../guest-work.js";
import type { Row } from "../row.js";
import { quantile } from "../statistics.js";

export const idleCost: Row = {
	name: "cost loaded and not recording",
	work: (bench) => [countedWork(bench)],
	async measure(bench, guest) {
		const directory = await guest.directoryOf(countedWork(bench));
		const costs = (state: string): number[] =>
			Array.from({ length: IDLE_RUNS }, (_, run) =>
				quantile(readLoop(directory, `${state}.${run + 1}`).bursts, 0.5),
			);
		return [
			() => ({
				name: "system call with modules loaded, not recording",
				unit: "instructions",
				workload: "getppid after a recording has ended, clock counts instructions, 1 CPU",
				ours: costs("loaded"),
				peer: { name: "nothing loaded", values: costs("before") },
				target: { of: "ratio", atMost: 1.01 },
			}),
		];
	},
};
