/**
 * A getppid loop under every tracer in turn, round by round. The first round's recordings are kept:
 * rows about bytes, imports and databases read them.
 */
import type { Bench } from "./bench.js";
import type { GuestWork } from "./guest-work.js";
import {
	BPFTRACE,
	LTTNG,
	PERF,
	RELAYSCOPE_ALL,
	RELAYSCOPE_COMMAND,
	STRACE,
	TRACE_CMD,
	type Tracer,
} from "./peers/tracers.js";

/** Fits every tracer's buffers; in the pauses their readers catch up. */
export const BURST = 5000;
const PAUSE_US = 20_000;
const WARM_UP = 5000;
/** In a recording that is not kept. */
const CALLS = 100_000;

/** No target names these: a quick run leaves them out. */
const FOR_INFORMATION: readonly Tracer[] = [STRACE, BPFTRACE];

const RECORDING: readonly Tracer[] = [
	RELAYSCOPE_ALL,
	RELAYSCOPE_COMMAND,
	LTTNG,
	TRACE_CMD,
	PERF,
	...FOR_INFORMATION,
];

/** Whose recordings are kept. */
const KEPT: readonly Tracer[] = [RELAYSCOPE_ALL, LTTNG, TRACE_CMD, PERF];

/** In a kept recording. */
export function getppidCalls(bench: Bench): number {
	return bench.quick ? 100_000 : 1_000_000;
}

export function isMeasured(bench: Bench, tracer: Tracer): boolean {
	return !(bench.quick && FOR_INFORMATION.includes(tracer));
}

export function getppidLoops(bench: Bench): GuestWork {
	const lines: string[] = [];
	for (let round = 0; round < bench.rounds; round++) {
		lines.push(`attempt run bare ${round} loop ${CALLS} ${BURST} ${PAUSE_US} ${WARM_UP}`);
		for (const tracer of RECORDING.filter((tracer) => isMeasured(bench, tracer))) {
			const kept = round === 0 && KEPT.includes(tracer);
			const calls = kept ? getppidCalls(bench) : CALLS;
			const loop =
				tracer === STRACE ? "loop 300 50 1000 10" : `loop ${calls} ${BURST} ${PAUSE_US} ${WARM_UP}`;
			lines.push(`attempt run ${tracer.id} ${round} ${loop}`);
		}
	}
	return {
		name: "getppid-loops",
		clock: "time",
		limitSeconds: 600,
		script: `
run() {
	local id=$1 round=$2; shift 2
	export LOOP_OUTPUT=$OUT/$id.$round.loop
	[ $round = 0 ] || export DISCARD=1
	trace_$id "$OUT/$id.$round" "$@"
	# perf tells on the host what it lost.
	[ $round = 0 ] || [ $id = perf ] || rm -rf "$OUT/$id.$round" "$OUT/$id.$round".cpu*
}
${lines.join("\n")}`,
	};
}
