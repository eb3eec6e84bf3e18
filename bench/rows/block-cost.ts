/** What recording adds to a block request, from queue to completion. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { blockCostWork, blockRounds, nsPerRequest } from "../block-work.js";
import { atFullSize, type Figure, type Row } from "../row.js";

export const blockCost: Row = {
	name: "cost added per block request",
	work: (bench) => [blockCostWork(bench)],
	async measure(bench, guest) {
		const directory = await guest.directoryOf(blockCostWork(bench));
		const rounds = Array.from({ length: blockRounds(bench) }, (_, round) => round);
		const added = (tracer: string): number[] =>
			rounds.map(
				(round) =>
					nsPerRequest(directory, `${tracer}.${round}`) - nsPerRequest(directory, `bare.${round}`),
			);
		const dropped = rounds.reduce(
			(sum, round) => sum + Number(readFileSync(join(directory, `dropped.${round}`), "utf8")),
			0,
		);
		return [
			(): Figure => ({
				name: "cost added per block request, source block",
				unit: "ns",
				workload: `fio on null_blk, 4 KiB reads one after the other; blktrace dropped ${dropped}`,
				ours: added("ours"),
				peer: { name: "blktrace", values: added("blktrace") },
				...atFullSize(bench, { of: "ratio", atMost: 0.8 }),
			}),
		];
	},
};
