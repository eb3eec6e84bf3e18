/** Many calls, recorded by us and by LTTng, for what depends on size. */
import { join } from "node:path";
import type { Bench } from "./bench.js";
import { getppidCalls } from "./getppid-loops.js";
import { type Guest, type GuestWork, readLost } from "./guest-work.js";
import { LTTNG, RELAYSCOPE_ALL } from "./peers/tracers.js";

export interface LargeSession {
	/** The session directory. */
	readonly path: string;
	readonly lttngPath: string;
	/** In words, for a workload: what the recordings lost; empty when nothing. */
	readonly losses: string;
}

export function largeCalls(bench: Bench): number {
	return 10 * getppidCalls(bench);
}

export function largeWork(bench: Bench): GuestWork {
	const loop = `loop ${largeCalls(bench)} 20000 40000`;
	return {
		name: "large-session",
		clock: "time",
		limitSeconds: 600,
		script: [RELAYSCOPE_ALL, LTTNG]
			.map(({ id }) => `attempt trace_${id} "$OUT/${id}" ${loop}`)
			.join("\n"),
	};
}

export async function largeSession(bench: Bench, guest: Guest): Promise<LargeSession> {
	const directory = await guest.directoryOf(largeWork(bench));
	const losses = [RELAYSCOPE_ALL, LTTNG].flatMap(({ id, label }) => {
		const lost = readLost(directory, id);
		return lost === 0 ? [] : [`; ${label} lost ${lost} records`];
	});
	return {
		path: join(directory, RELAYSCOPE_ALL.id),
		lttngPath: join(directory, LTTNG.id),
		losses: losses.join(""),
	};
}
