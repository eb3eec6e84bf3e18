/**
 * What is measured in instructions. The machine's clock counts them, one a nanosecond, on one CPU:
 * neither the host's load nor its processor shows, and neither does what cache misses cost.
 */
import type { Bench } from "./bench.js";
import type { GuestWork } from "./guest-work.js";
import {
	LTTNG,
	PERF,
	RELAYSCOPE_ALL,
	RELAYSCOPE_COMMAND,
	TRACE_CMD,
	type Tracer,
} from "./peers/tracers.js";

export const IDLE_RUNS = 5;

/** Tracers whose recorder is a process of its own beside the traced one. */
export const RECORDERS = [RELAYSCOPE_ALL, LTTNG, TRACE_CMD] as const;

/** A burst differs from the next by interrupts only. */
const LOOP = "loop 20000 1000 20000 1000";
const IDLE_LOOP = "loop 20000 1000 2000 1000";

/** More than a recorder's own collections of garbage, which fall into some of them. */
export const CARRIED_LOOPS = 3;

/** Calls in a loop around which a recorder's CPU time is read. */
export function carriedCalls(bench: Bench): number {
	return bench.quick ? 50_000 : 100_000;
}

export function countedWork(bench: Bench): GuestWork {
	const idle = (state: string): string =>
		`for run in $(seq ${IDLE_RUNS}); do LOOP_OUTPUT=$OUT/${state}.$run ${IDLE_LOOP}; done`;
	const looped = ({ id }: Tracer): string =>
		`export LOOP_OUTPUT=$OUT/${id}.loop; attempt trace_${id} "$OUT/${id}" ${LOOP}`;
	const lines = [
		idle("before"),
		// The first recording loads the modules; they stay when it has ended.
		looped(RELAYSCOPE_COMMAND),
		"grep -q ^relayscope_syscalls /proc/modules",
		idle("loaded"),
		`export LOOP_OUTPUT=$OUT/bare.loop; ${LOOP}`,
		...(bench.quick ? [] : [looped(PERF)]),
		...RECORDERS.map(
			({ id }) =>
				`attempt trace_${id} "$OUT/${id}" carry ${id}; rm -rf "$OUT/${id}" "$OUT/${id}".cpu*`,
		),
	];
	return {
		name: "counted",
		clock: "instructions",
		limitSeconds: 900,
		script: `
export DISCARD=1
# While a tracer records: its cost to a call, then what its recorder spends on many calls.
carry() {
	local before after bytes lost processes
	LOOP_OUTPUT=$data.loop ${LOOP}
	processes=$(recorder_$1)
	# Asking LTTng takes seconds: not around each loop.
	lost=$(lost_$1)
	for _ in $(seq ${CARRIED_LOOPS}); do
		bytes=$(recorded_bytes)
		before=$(settle $processes)
		LOOP_OUTPUT=/dev/null loop ${carriedCalls(bench)} 10000 20000
		after=$(settle $processes)
		echo $((after - before)) $(($(recorded_bytes) - bytes))
	done >"$data.costs"
	echo $(($(lost_$1) - lost)) >"$data.uncarried"
}
${lines.join("\n")}`,
	};
}
