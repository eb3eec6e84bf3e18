/** What the loaded modules cost a system call while nobody records: static keys, so nothing. */
import { inGuest, readLoop } from "../bench.js";
import { type Row, resultOf } from "../row.js";
import { quantile } from "../statistics.js";

const LOOP = "100000 1000 2000 5000";

export const idleCost: Row = {
	name: "cost loaded and not recording",
	async measure(bench) {
		const rounds = 10;
		// The first recording loads the modules; they stay when it has ended.
		const script = `
for round in $(seq ${rounds}); do LOOP_OUTPUT=$OUT/before.$round loop ${LOOP}; done
relayscope record -q --sources syscalls,sched -o "$OUT/session" -- true
grep -q ^relayscope_syscalls /proc/modules
for round in $(seq ${rounds}); do LOOP_OUTPUT=$OUT/loaded.$round loop ${LOOP}; done`;
		const directory = await inGuest(bench, "idle-cost", script, {
			timeoutSeconds: 300,
			instructionClock: true,
			cpus: 1,
		});
		const costs = (state: string): number[] =>
			Array.from({ length: rounds }, (_, round) =>
				quantile(readLoop(directory, `${state}.${round + 1}`).bursts, 0.5),
			);
		return [
			resultOf({
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
