/**
 * What is measured in instructions. The machine's clock counts them, one a nanosecond, on one CPU:
 * neither the host's load nor its processor shows, and neither does what cache misses cost.
 */
import type { Bench } from "./bench.js";
import type { GuestWork } from "./guest-work.js";
import { LTTNG, PERF, RELAYSCOPE_ALL, RELAYSCOPE_COMMAND, TRACE_CMD } from "./peers/tracers.js";

export const IDLE_RUNS = 5;

/** Tracers whose recorder is a process of its own beside the traced one. */
export const RECORDERS = [RELAYSCOPE_ALL, LTTNG, TRACE_CMD] as const;

/** A burst differs from the next by interrupts only. */
const LOOP = "loop 20000 1000 20000 1000";
const IDLE_LOOP = "loop 20000 1000 2000 1000";

/** Calls in the loop around which a recorder's CPU time is read. */
export function carriedCalls(bench: Bench): number {
	return bench.quick ? 200_000 : 1_000_000;
}

export function countedWork(bench: Bench): GuestWork {
	const idle = (state: string): string =>
		`for run in $(seq ${IDLE_RUNS}); do LOOP_OUTPUT=$OUT/${state}.$run ${IDLE_LOOP}; done`;
	const lines = [
		idle("before"),
		// The first recording loads the modules; they stay when it has ended.
		`relayscope record -q --sources syscalls,sched -o "$OUT/session" -- true`,
		"grep -q ^relayscope_syscalls /proc/modules",
		idle("loaded"),
		`export LOOP_OUTPUT=$OUT/bare.loop; ${LOOP}`,
	];
	for (const { id } of [RELAYSCOPE_COMMAND, PERF]) {
		lines.push(`export LOOP_OUTPUT=$OUT/${id}.loop; attempt trace_${id} "$OUT/${id}" ${LOOP}`);
	}
	for (let round = 0; round < bench.rounds; round++) {
		for (const { id } of RECORDERS) {
			const data = `$OUT/${id}.${round}`;
			lines.push(
				`attempt trace_${id} "${data}" carry ${id} ${carriedCalls(bench)}; rm -rf "${data}"`,
			);
		}
	}
	return {
		name: "counted",
		clock: "instructions",
		limitSeconds: 900,
		script: `
# While a tracer records: its cost to a call, then what its recorder spends on many calls.
carry() {
	local cpu bytes
	LOOP_OUTPUT=$data.loop ${LOOP}
	sleep 1
	cpu=$(recorder_cpu $1) bytes=$(recorded_bytes)
	LOOP_OUTPUT=/dev/null loop $2 10000 20000
	sleep 1
	echo $(($(recorder_cpu $1) - cpu)) $(($(recorded_bytes) - bytes)) >"$data.cost"
}
${lines.join("\n")}`,
	};
}
