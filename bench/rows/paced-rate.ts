/** The highest event rate held without losing a record, every CPU producing. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inGuest } from "../bench.js";
import { LTTNG, RELAYSCOPE_ALL, TRACE_CMD } from "../peers/tracers.js";
import { type Row, resultOf } from "../row.js";

/** Calls a second, from CPUs together; each a quarter above the one before. */
const RATES = Array.from({ length: 16 }, (_, step) => Math.round(20_000 * 1.25 ** step));

/** Small, so that holding a rate means carrying it and not storing it. */
const BUFFERS = { subbufKiB: 64, subbufs: 16 } as const;

const TRACERS = [RELAYSCOPE_ALL, LTTNG, TRACE_CMD];

export const pacedRate: Row = {
	name: "highest paced event rate",
	async measure(bench) {
		const seconds = bench.quick ? 4 : 30;
		const directory = await inGuest(bench, "paced-rate", script(seconds), {
			...BUFFERS,
			timeoutSeconds: 900,
		});
		const held = (id: string): number => {
			const rate = Number(readFileSync(join(directory, `${id}.held`), "utf8"));
			if (!(rate > 0)) throw new Error(`${id} lost records at the lowest rate`);
			return 2 * rate;
		};
		const ours = [held(RELAYSCOPE_ALL.id)];
		return [LTTNG, TRACE_CMD].map((peer) =>
			resultOf({
				name: "highest paced rate without loss",
				unit: "events/s",
				better: "higher",
				workload: `getppid from 2 CPUs for ${seconds} s, buffers ${BUFFERS.subbufs} x ${BUFFERS.subbufKiB} KiB a CPU, steps of 1.25`,
				ours,
				peer: { name: peer.label, values: [held(peer.id)] },
				...(peer === LTTNG ? { target: { of: "ratio", atLeast: 1.5 } as const } : {}),
			}),
		);
	},
};

/** Bisection over the ladder of rates; one that the programs did not reach is not held. */
function script(seconds: number): string {
	const search = ({ id }: { id: string }): string => `
low=-1 high=${RATES.length} held=0
while [ $((high - low)) -gt 1 ]; do
	step=$(((low + high) / 2)) data=$OUT/${id}.$step
	export LOOP_OUTPUT=$data.loop
	trace_${id} "$data" paced "\${rates[step]}" ${seconds}
	reached=$(sed -n 's/^rate //p' "$data.loop") lost=$(cat "$data.lost")
	if [ "$lost" = 0 ] && [ $((reached * 100)) -ge $((rates[step] * 95)) ]; then
		low=$step held=$reached
	else
		high=$step
	fi
	rm -rf "$data"
done
echo $held >"$OUT/${id}.held"`;
	return `rates=(${RATES.join(" ")})\n${TRACERS.map(search).join("\n")}`;
}
