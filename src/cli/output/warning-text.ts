import type { Warning } from "../../analyze/reports/warnings.js";
import { assertUnreachable } from "../../base/assert.js";
import { formatOffset } from "../../base/time.js";
import { formatCounted } from "./quantity.js";
import { printable } from "./terminal-text.js";

/** A warning as sentences: what is missing, and what that does to the answer. */
export function warningText(warning: Warning): string {
	switch (warning.kind) {
		case "lost":
			return lostText(warning);
		case "ended-abnormally":
			return "The recording ended abnormally: its last records and the count of those lost are missing.";
		case "ended-by-error":
			return `The recording was cut short: ${printable(warning.message)}`;
		case "faults":
			return `${formatCounted(warning.faults, "fault")} in the raw files: that many pieces could not be read and are not in this answer.`;
		case "unread":
			return `${formatCounted(warning.unread, "record")} stayed in the kernel's buffers, unread, and are not in this answer.`;
		case "in-snapshots":
			return "A flight recorder: its records are in the snapshots taken of it, the sessions snapshot-… in this directory.";
		case "overwritten":
			return `A flight recorder's snapshot: whole on every CPU from ${formatOffset(warning.wholeFrom)} on; ${formatCounted(warning.overwritten, "record")} from before were overwritten or left out.`;
		default:
			return assertUnreachable(warning);
	}
}

function lostText(warning: Extract<Warning, { kind: "lost" }>): string {
	const { lost, intervals, from, to, cpus, channels } = warning;
	const were = lost === 1n ? "was" : "were";
	const between =
		to === undefined
			? `from ${formatOffset(from)} on`
			: `between ${formatOffset(from)} and ${formatOffset(to)}`;
	const times = intervals === 1 ? "" : `, in ${intervals} intervals`;
	const cpu = cpus.length === 0 ? "" : ` on CPU${cpus.length === 1 ? "" : "s"} ${cpus.join(", ")}`;
	const channel = channels.map(printable).join(", ");
	return `${formatCounted(lost, "record")} ${were} lost ${between}${times}${cpu} (${channel}): counts and times there are too low.`;
}
