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

/** Small, so that holding a rate means carrying it and not storing it. */
export const PACED_BUFFERS = { subbufKiB: 64, subbufs: 16 } as const;

export const STEP = 1.15;
/** Calls a second, of all CPUs together. One less than a power of two: each search is as long. */
const RATES = Array.from({ length: 31 }, (_, step) => Math.round(10_000 * STEP ** step));

/** A confirmation that loses is tried once more, as a hiccup of the host loses too; then slower. */
const CONFIRMATIONS = 5;

export function confirmedSeconds(bench: Bench): number {
	return bench.quick ? 4 : 30;
}

export function pacedWork(bench: Bench): GuestWork {
	return {
		name: "paced-rate",
		clock: "time",
		limitSeconds: 1200,
		...PACED_BUFFERS,
		script: `
rates=(${RATES.join(" ")})
# trial ID RATE SECONDS, while it records: sets reached and lost
trial() {
	local before
	before=$(lost_$1)
	LOOP_OUTPUT=$data.loop paced $2 $3
	reached=$(sed -n 's/^rate //p' "$data.loop")
	# The last sub-buffers come within the flush interval.
	sleep 0.5
	lost=$(($(lost_$1) - before))
	echo "$2 calls/s for $3 s: reached $reached, lost $lost" >>"$data.trials"
}
search() {
	local low=-1 high=\${#rates[@]} step rate cpu bytes try
	while [ $((high - low)) -gt 1 ]; do
		step=$(((low + high) / 2))
		trial $1 \${rates[step]} ${bench.quick ? 1 : 3}
		if [ $lost = 0 ]; then low=$step; else high=$step; fi
	done
	[ $low -ge 0 ] || { echo "$1 lost records at the lowest rate"; return 1; }
	rate=\${rates[low]}
	for try in $(seq ${CONFIRMATIONS}); do
		cpu=$(recorder_cpu $1) bytes=$(recorded_bytes)
		trial $1 $rate ${confirmedSeconds(bench)}
		if [ $lost = 0 ]; then
			echo $reached $(($(recorder_cpu $1) - cpu)) $(($(recorded_bytes) - bytes)) >"$data.held"
			return
		fi
		# Where the CPUs are the limit, asking for less than was asked changes nothing.
		if [ $((try % 2)) = 0 ]; then rate=$(((reached < rate ? reached : rate) * 85 / 100)); fi
	done
	echo "$1 lost records in every long trial"
}
${RECORDERS.map(({ id }) => `attempt trace_${id} "$OUT/${id}" search ${id}; rm -rf "$OUT/${id}"`).join("\n")}`,
	};
}
