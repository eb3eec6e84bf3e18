/** Loops under tracers that record strings: opening and closing a file, and a call that has none. */
import type { Bench } from "./bench.js";
import type { GuestWork } from "./guest-work.js";
import { LTTNG, RELAYSCOPE_ALL, RELAYSCOPE_STRINGS } from "./peers/tracers.js";

/** Fits every tracer's buffers, whose readers catch up in the pauses; see getppid-loops.ts. */
export const OPENING_BURST = 500;
const TIMED = `${OPENING_BURST} 4000 2000`;
/** As in counted-work.ts: a burst differs from the next by interrupts only. */
const COUNTED = "20000 1000 20000 1000";
const ROUNDS = 3;
/** In the guest's memory: what a file system costs is in none of the figures. */
const FILE = "/run/relayscope-bench-file";

const FUNCTIONS = `
export DISCARD=1
echo text >${FILE}
run() {
	local id=$1 what=$2; shift 2
	export LOOP_OUTPUT=$OUT/$id.$what.loop
	trace_$id "$OUT/$id.$what" "$@"
	rm -rf "$OUT/$id.$what"
}`;

export function openingRounds(bench: Bench): readonly number[] {
	return Array.from({ length: bench.quick ? 1 : ROUNDS }, (_, round) => round);
}

/** ID.ROUND.loop of each tracer, and of none. */
export function openingLoops(bench: Bench): GuestWork {
	const calls = bench.quick ? 30_000 : 60_000;
	const ids = ["bare", RELAYSCOPE_STRINGS.id, LTTNG.id];
	const lines = openingRounds(bench).flatMap((round) =>
		ids.map((id) => `attempt run ${id} ${round} loop ${calls} ${TIMED} ${FILE}`),
	);
	return {
		name: "opening-loops",
		clock: "time",
		limitSeconds: 400,
		script: `${FUNCTIONS}\n${lines.join("\n")}`,
	};
}

/** ID.getppid.loop and ID.open.loop, in instructions. */
export function countedOpeningLoops(): GuestWork {
	const ids = ["bare", RELAYSCOPE_STRINGS.id, RELAYSCOPE_ALL.id, LTTNG.id];
	const lines = ids.flatMap((id) => [
		`attempt run ${id} getppid loop ${COUNTED}`,
		`attempt run ${id} open loop ${COUNTED} ${FILE}`,
	]);
	return {
		name: "counted-opening-loops",
		clock: "instructions",
		limitSeconds: 600,
		script: `${FUNCTIONS}\n${lines.join("\n")}`,
	};
}
