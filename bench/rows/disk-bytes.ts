/** Bytes on disk an event, everything that has to be kept counted. */
import {
	type Captures,
	getppidCaptures,
	mixedCaptures,
	mixedPeers,
	mixedWork,
} from "../captures.js";
import { getppidLoops } from "../getppid-loops.js";
import { LTTNG, PERF, RELAYSCOPE_ALL, TRACE_CMD, type Tracer } from "../peers/tracers.js";
import type { Figure, Row, Target } from "../row.js";

export const diskBytes: Row = {
	name: "bytes per record on disk",
	work: (bench) => [getppidLoops(bench), mixedWork(bench)],
	async measure(bench, guest) {
		const [getppid, mixed] = [
			await getppidCaptures(bench, guest),
			await mixedCaptures(bench, guest),
		];
		return [
			...[LTTNG, TRACE_CMD, PERF].map(
				(peer) => () => figure("getppid loop", getppid, peer, { of: "value", atMost: 24 }),
			),
			...mixedPeers(bench).map(
				(peer) => () => figure("build and search", mixed, peer, { of: "ratio", atMost: 1 }),
			),
		];
	},
};

/** LTTng packs a getppid record into 10 bytes; on mixed events it has to be matched. */
function figure(workload: string, captures: Captures, peer: Tracer, target: Target): Figure {
	const [ours, theirs] = [captures(RELAYSCOPE_ALL), captures(peer)];
	return {
		name: `bytes per record, ${workload}`,
		unit: "bytes",
		workload: `${ours.events} records, the peer's ${theirs.events}, ${theirs.lost} lost`,
		ours: [ours.bytes / ours.events],
		peer: {
			name: peer === TRACE_CMD ? "trace-cmd, uncompressed" : peer.label,
			values: [theirs.bytes / theirs.events],
		},
		...(peer === LTTNG ? { target } : {}),
	};
}
