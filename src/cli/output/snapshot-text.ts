/** What is said of a flight recorder's snapshot. */
import { formatDuration } from "../../base/time.js";
import type { TakenSnapshot } from "../../record/snapshots.js";
import { formatCounted } from "./quantity.js";

/** How far back it reaches, and what to do when that is less than was asked for. */
export function reachText({ reachNs, keepNs }: Pick<TakenSnapshot, "reachNs" | "keepNs">): string {
	if (reachNs === undefined) return "it reaches back to the start of the recording";
	const reach = `it reaches back ${formatDuration(reachNs)} on every CPU`;
	if (reachNs >= keepNs) return reach;
	return `${reach}, not ${formatDuration(keepNs)}: the buffers are too small (--subbuf-size, --subbufs)`;
}

const WHY: Readonly<Record<TakenSnapshot["reason"], string>> = {
	request: "asked for",
	signal: "SIGUSR2",
	"command-failed": "the command failed",
	end: "the end",
	trigger: "triggered",
};

/** One line: why, how many records, where and how far back. */
export function snapshotText(taken: TakenSnapshot): string {
	const torn = taken.torn > 0n ? `, ${formatCounted(taken.torn, "record")} torn` : "";
	const records = `${formatCounted(taken.records, "record")}${torn}`;
	return `relayscope: snapshot (${WHY[taken.reason]}) of ${records} in ${taken.directory}: ${reachText(taken)}\n`;
}
