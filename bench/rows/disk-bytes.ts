/** Bytes on disk an event, everything that has to be kept counted. */
import { type Captures, getppidCaptures, mixedCaptures } from "../captures.js";
import { type Result, type Row, resultOf } from "../row.js";

export const diskBytes: Row = {
	name: "bytes per record on disk",
	async measure(bench) {
		return [
			...figures("getppid loop", await getppidCaptures(bench), 24),
			...figures("build and search", await mixedCaptures(bench), undefined),
		];
	},
};

function figures(workload: string, captures: Captures, limit: number | undefined): Result[] {
	const { relayscope, lttng, traceCmd, perf } = captures;
	const each = (capture: { bytes: number; events: number }): number[] => [
		capture.bytes / capture.events,
	];
	const common = { unit: "bytes", ours: each(relayscope) };
	return [
		resultOf({
			...common,
			name: `bytes per record, ${workload}`,
			workload: `${relayscope.events} records, ${lttng.events} of LTTng's`,
			peer: { name: "LTTng", values: each(lttng) },
			// LTTng packs a getppid record into 10 bytes; on mixed events it has to be matched.
			target: limit === undefined ? { of: "ratio", atMost: 1 } : { of: "value", atMost: limit },
		}),
		...(
			[
				["trace-cmd, uncompressed", traceCmd],
				["perf record", perf],
			] as const
		).map(([name, capture]) =>
			resultOf({
				...common,
				name: `bytes per record, ${workload}`,
				workload: `${capture.events} of the peer's, ${capture.lost} lost`,
				peer: { name, values: each(capture) },
			}),
		),
	];
}
