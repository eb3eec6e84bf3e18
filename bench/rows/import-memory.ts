/** Memory and time of an import when the session is ten times as large. */
import { getppidCaptures } from "../captures.js";
import { relayscopeCommand, runMeasured } from "../host-run.js";
import { largeCalls, largeSession } from "../large-session.js";
import { atFullSize, type Row, resultOf } from "../row.js";

export const importMemory: Row = {
	name: "memory while importing",
	async measure(bench) {
		const { path } = (await getppidCaptures(bench)).relayscope;
		const large = await largeSession(bench);
		const small = runMeasured(bench, relayscopeCommand("import", "--force", path));
		const big = runMeasured(bench, relayscopeCommand("import", "--force", large));
		const workload = `getppid, ${largeCalls(bench)} calls; the other session a tenth of them`;
		return [
			resultOf({
				name: "peak memory of import",
				unit: "MiB",
				workload,
				ours: [big.peakMiB],
				...atFullSize(bench, { of: "value", atMost: 256 }),
			}),
			resultOf({
				name: "peak memory of import, 10 x the events",
				unit: "MiB",
				workload,
				ours: [big.peakMiB],
				peer: { name: "itself, 1 x", values: [small.peakMiB] },
				...atFullSize(bench, { of: "ratio", atMost: 1.2 }),
			}),
			resultOf({
				name: "time of import, 10 x the events",
				unit: "s",
				workload,
				ours: [big.seconds],
				peer: { name: "itself, 1 x", values: [small.seconds] },
				...atFullSize(bench, { of: "ratio", atMost: 11 }),
			}),
		];
	},
};
