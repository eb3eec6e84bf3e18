import type { SessionFacts } from "../../analyze/query/session-facts.js";
import { formatCounted } from "./quantity.js";

/** One line to go with answers that carry no warning of their own; undefined: all is there. */
export function lossNote(facts: SessionFacts, path: string): string | undefined {
	const lost = facts.lost > 0n ? `lost ${formatCounted(facts.lost, "record")}` : undefined;
	const ended = facts.endedProperly ? undefined : "ended abnormally";
	const what = [lost, ended].filter((part) => part !== undefined).join(" and ");
	if (what === "") return undefined;
	return `relayscope: note: this recording ${what}; when and where: relayscope report ${path} losses\n`;
}
