/** Many calls, for what depends on size. */
import { join } from "node:path";
import type { Bench } from "./bench.js";
import { getppidCalls } from "./getppid-loops.js";
import { type Guest, type GuestWork, readLost } from "./guest-work.js";
import { RELAYSCOPE_ALL } from "./peers/tracers.js";

export interface LargeSession {
	/** The session directory. */
	readonly path: string;
	/** In words, for a workload: what the recording lost; empty when nothing. */
	readonly losses: string;
}

export function largeCalls(bench: Bench): number {
	return 10 * getppidCalls(bench);
}

/** Beside the loop, which makes nearly all calls, another process makes one now and then. */
export const BESIDE = "paced";
const BESIDE_CALLS_A_SECOND = 500;

export function largeWork(bench: Bench): GuestWork {
	return {
		name: "large-session",
		clock: "time",
		limitSeconds: 600,
		script: `
both() {
	local beside
	LOOP_OUTPUT=/dev/null ${BESIDE} ${BESIDE_CALLS_A_SECOND} 600 &
	beside=$!
	LOOP_OUTPUT=$OUT/loop loop ${largeCalls(bench)} 20000 40000
	kill $beside
}
attempt trace_${RELAYSCOPE_ALL.id} "$OUT/${RELAYSCOPE_ALL.id}" both`,
	};
}

export async function largeSession(bench: Bench, guest: Guest): Promise<LargeSession> {
	const directory = await guest.directoryOf(largeWork(bench));
	const { id, label } = RELAYSCOPE_ALL;
	const lost = readLost(directory, id);
	return {
		path: join(directory, id),
		losses: lost === 0 ? "" : `; ${label} lost ${lost} records`,
	};
}
