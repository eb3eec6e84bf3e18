/**
 * Every CPU calls getppid at a set rate while a tracer records: which rate does it carry whole?
 * Short trials search it, a long one confirms it.
 *
 * Only a lost record ends a rate. A trial that did not reach its rate says that the CPUs, or a host
 * with other work, were the limit; what counts is the rate that was reached, by the guest's clock.
 */
import type { Bench } from "./bench.js";
import { RECORDERS } from "./counted-work.js";
import type { GuestWork } from "./guest-work.js";
import { LTTNG, RELAYSCOPE_ALL, type Tracer } from "./peers/tracers.js";

/** Small, so that holding a rate means carrying it and not storing it. */
export const PACED_BUFFERS = { subbufKiB: 64, subbufs: 16 } as const;

/** Of the search, between what loses when the CPUs are the limit and a sixteenth of it. */
function trials(bench: Bench): number {
	return bench.quick ? 3 : 5;
}

function trialSeconds(bench: Bench): number {
	return bench.quick ? 0.5 : 1;
}

/** Calls a second that no machine reaches: the CPUs are the limit. */
const UNLIMITED = 4_000_000;

/** Long trials; one that loses is tried once more, as a hiccup of the host loses too; then slower. */
const CONFIRMATIONS = 6;

/** Before a long trial: what loses in these seconds would have lost in the long one, too. */
const CHECK_SECONDS = 4;
/** Down to a twentieth of the rate, should a tracer lose whatever it is given. */
const CHECKS = 20;
/** Of the rate, after a loss. */
const SLOWER_PERCENT = 85;

export function confirmedSeconds(bench: Bench): number {
	return bench.quick ? 2 : 30;
}

export function pacedWork(bench: Bench): GuestWork {
	return {
		name: "paced-rate",
		clock: "time",
		limitSeconds: 1200,
		...PACED_BUFFERS,
		script: `
export DISCARD=1
# trial ID RATE SECONDS, while it records: sets reached and lost
trial() {
	local now
	LOOP_OUTPUT=$data.loop paced $2 $3
	reached=$(sed -n 's/^rate //p' "$data.loop")
	# The last sub-buffers come within the flush interval.
	sleep 0.4
	now=$(lost_$1)
	lost=$((now - lost_before)) lost_before=$now
	echo "$2 calls/s for $3 s: reached $reached, lost $lost" >>"$data.trials"
}
# Where the CPUs are the limit, asking for less than was asked changes nothing.
slower() { rate=$(((reached < rate ? reached : rate) * ${SLOWER_PERCENT} / 100)); }
check() {
	local try
	for try in $(seq ${CHECKS}); do
		trial $1 $rate ${CHECK_SECONDS}
		[ $lost != 0 ] || return 0
		slower
	done
}
search() {
	local low high rate cpu bytes try lost_before=0
	rate=${UNLIMITED}
	trial $1 $rate ${trialSeconds(bench)}
	if [ $lost != 0 ]; then
		high=$reached low=$((reached / 16))
		for try in $(seq ${trials(bench)}); do
			rate=$(awk -v low=$low -v high=$high 'BEGIN { printf "%.0f", sqrt(low * high) }')
			trial $1 $rate ${trialSeconds(bench)}
			if [ $lost = 0 ]; then low=$rate; else high=$rate; fi
		done
		rate=$low
	fi
	for try in $(seq ${CONFIRMATIONS}); do
		${bench.quick ? "" : "check $1"}
		cpu=$(recorder_cpu $1) bytes=$(recorded_bytes)
		trial $1 $rate ${confirmedSeconds(bench)}
		if [ $lost = 0 ]; then
			echo $reached $(($(recorder_cpu $1) - cpu)) $(($(recorded_bytes) - bytes)) >"$data.held"
			return
		fi
		if [ $((try % 2)) = 0 ]; then slower; fi
	done
	echo "$1 lost records in every long trial"
}
${tracers(bench)
	.map(
		({ id }) =>
			`attempt trace_${id} "$OUT/${id}" search ${id}; rm -rf "$OUT/${id}" "$OUT/${id}".cpu*`,
	)
	.join("\n")}`,
	};
}

/** A quick run leaves out what no target names. */
function tracers(bench: Bench): readonly Tracer[] {
	return bench.quick ? [RELAYSCOPE_ALL, LTTNG] : RECORDERS;
}
