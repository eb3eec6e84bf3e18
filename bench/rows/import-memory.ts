/** Memory and time of an import when the session is ten times as large. */
import { getppidCaptures } from "../captures.js";
import { getppidLoops } from "../getppid-loops.js";
import { relayscopeCommand, runMeasured } from "../host-run.js";
import { largeCalls, largeSession, largeWork } from "../large-session.js";
import { RELAYSCOPE_ALL } from "../peers/tracers.js";
import { atFullSize, type Row } from "../row.js";

export const importMemory: Row = {
	name: "memory while importing",
	work: (bench) => [getppidLoops(bench), largeWork(bench)],
	async measure(bench, guest) {
		const { path } = (await getppidCaptures(bench, guest))(RELAYSCOPE_ALL);
		const large = await largeSession(bench, guest);
		const small = runMeasured(bench, relayscopeCommand("import", "--force", path));
		const big = runMeasured(bench, relayscopeCommand("import", "--force", large.path));
		const common = {
			workload: `getppid, ${largeCalls(bench)} calls; the other session a tenth of them${large.losses}`,
		};
		return [
			() => ({
				...common,
				name: "peak memory of import",
				unit: "MiB",
				ours: [big.peakMiB],
				...atFullSize(bench, { of: "value", atMost: 256 }),
			}),
			() => ({
				...common,
				name: "peak memory of import, 10 x the events",
				unit: "MiB",
				ours: [big.peakMiB],
				peer: { name: "itself, 1 x", values: [small.peakMiB] },
				...atFullSize(bench, { of: "ratio", atMost: 1.2 }),
			}),
			() => ({
				...common,
				name: "time of import, 10 x the events",
				unit: "s",
				ours: [big.seconds],
				peer: { name: "itself, 1 x", values: [small.seconds] },
				...atFullSize(bench, { of: "ratio", atMost: 11 }),
			}),
		];
	},
};
