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

/**
 * Fits every tracer's buffers, whose readers catch up in the pauses, and takes a few milliseconds: some
 * bursts then fall between two disturbances, by the host or by the guest's timer.
 */
export const BURST = 1000;
const PAUSE_US = 4000;
const WARM_UP = 5000;
/** In a recording that is not kept. */
const CALLS = 100_000;

/** Rounds of all tracers: starting them takes most of the time. */
const ROUNDS = 3;

/** No target names these: a quick run leaves them out, a whole one runs them once. */
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

/** Rounds in which a tracer takes part. */
export function roundsOf(bench: Bench, tracer: Tracer): number {
	if (FOR_INFORMATION.includes(tracer)) return bench.quick ? 0 : 1;
	return roundsOfAll(bench);
}

function roundsOfAll(bench: Bench): number {
	return bench.quick ? 1 : ROUNDS;
}

export function getppidLoops(bench: Bench): GuestWork {
	const lines: string[] = [];
	for (let round = 0; round < roundsOfAll(bench); round++) {
		lines.push(`attempt run bare ${round} loop ${CALLS} ${BURST} ${PAUSE_US} ${WARM_UP}`);
		for (const tracer of RECORDING.filter((each) => round < roundsOf(bench, each))) {
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
