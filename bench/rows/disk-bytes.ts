/** Bytes on disk an event, everything that has to be kept counted. */
import {
	type Capture,
	type Captures,
	getppidCaptures,
	mixedCaptures,
	mixedWork,
} from "../captures.js";
import { getppidLoops } from "../getppid-loops.js";
import type { Figure, Row } from "../row.js";

export const diskBytes: Row = {
	name: "bytes per record on disk",
	work: (bench) => [getppidLoops(bench), mixedWork(bench)],
	async measure(bench, guest) {
		return [
			...figures("getppid loop", await getppidCaptures(bench, guest), 24),
			...figures("build and search", await mixedCaptures(bench, guest), undefined),
		];
	},
};

function figures(
	workload: string,
	captures: Captures,
	limit: number | undefined,
): (() => Figure)[] {
	const { relayscope, lttng, traceCmd, perf } = captures;
	const each = (capture: Capture): number[] => [capture.bytes / capture.events];
	const figure = (name: string, capture: Capture): Figure => ({
		name: `bytes per record, ${workload}`,
		unit: "bytes",
		workload: `${relayscope.events} records, the peer's ${capture.events}, ${capture.lost} lost`,
		ours: each(relayscope),
		peer: { name, values: each(capture) },
	});
	return [
		() => ({
			...figure("LTTng", lttng),
			// LTTng packs a getppid record into 10 bytes; on mixed events it has to be matched.
			target: limit === undefined ? { of: "ratio", atMost: 1 } : { of: "value", atMost: limit },
		}),
		() => figure("trace-cmd, uncompressed", traceCmd),
		() => figure("perf record", perf),
	];
}
