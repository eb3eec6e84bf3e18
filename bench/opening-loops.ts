/** Loops under tracers that record strings: opening and closing a file, and a call that has none. */
import type { Bench } from "./bench.js";
import type { GuestWork } from "./guest-work.js";
import { LTTNG, RELAYSCOPE_ALL, RELAYSCOPE_STRINGS, type Tracer } from "./peers/tracers.js";

/** Fits every tracer's buffers, whose readers catch up in the pauses; see getppid-loops.ts. */
export const OPENING_BURST = 500;
const PAUSE_US = 4000;
const WARM_UP = 2000;
const ROUNDS = 3;
/** On the guest's own memory: what the file system costs is in none of the figures. */
const FILE = "/run/relayscope-bench-file";

export function openingRounds(bench: Bench): readonly number[] {
	return Array.from({ length: bench.quick ? 1 : ROUNDS }, (_, round) => round);
}

function calls(bench: Bench): number {
	return bench.quick ? 30_000 : 60_000;
}

/** Of `open` and `getppid` each tracer and none have ID.KIND.ROUND.loop. */
export function openingLoops(bench: Bench): GuestWork {
	const loops = {
		open: `loop ${calls(bench)} ${OPENING_BURST} ${PAUSE_US} ${WARM_UP} ${FILE}`,
		getppid: `loop ${calls(bench)} ${OPENING_BURST} ${PAUSE_US} ${WARM_UP}`,
	};
	const run = (tracer: Tracer | { readonly id: "bare" }, kinds: readonly (keyof typeof loops)[]) =>
		openingRounds(bench).map((round) => ({
			round,
			lines: kinds.map((kind) => `attempt run ${tracer.id} ${kind}.${round} ${loops[kind]}`),
		}));
	const lines = [
		run({ id: "bare" }, ["open", "getppid"]),
		run(RELAYSCOPE_STRINGS, ["open", "getppid"]),
		run(RELAYSCOPE_ALL, ["open", "getppid"]),
		run(LTTNG, ["open"]),
	]
		.flat()
		.sort((a, b) => a.round - b.round)
		.flatMap((each) => each.lines);
	return {
		name: "opening-loops",
		clock: "time",
		limitSeconds: 400,
		script: `
export DISCARD=1
echo text >${FILE}
run() {
	local id=$1 what=$2; shift 2
	export LOOP_OUTPUT=$OUT/$id.$what.loop
	trace_$id "$OUT/$id.$what" "$@"
	rm -rf "$OUT/$id.$what"
}
${lines.join("\n")}`,
	};
}
