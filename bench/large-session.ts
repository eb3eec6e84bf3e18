/** A recording of many calls, for what depends on size. */
import { join } from "node:path";
import { type Bench, inGuest, readLost } from "./bench.js";
import { getppidCalls } from "./captures.js";
import { RELAYSCOPE_ALL } from "./peers/tracers.js";

let made: Promise<string> | undefined;

export function largeCalls(bench: Bench): number {
	return 10 * getppidCalls(bench);
}

/** The session directory; not imported yet. */
export function largeSession(bench: Bench): Promise<string> {
	made ??= make(bench);
	return made;
}

async function make(bench: Bench): Promise<string> {
	const { id } = RELAYSCOPE_ALL;
	const script = `trace_${id} "$OUT/${id}" loop ${largeCalls(bench)} 50000 40000`;
	const directory = await inGuest(bench, "large-session", script, { timeoutSeconds: 900 });
	const lost = readLost(directory, id);
	if (lost > 0) bench.say(`the large session lost ${lost} records; its size is what matters here`);
	return join(directory, id);
}
