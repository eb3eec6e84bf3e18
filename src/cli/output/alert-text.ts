import type { SessionFacts } from "../../analyze/query/session-facts.js";
import type { Alert } from "../../audit/alert.js";
import type { ExplainedRow } from "../../audit/explain.js";
import type { AuditResult } from "../../audit/run-audit.js";
import { SEVERITIES } from "../../audit/severity.js";
import { formatOffset } from "../../base/time.js";
import { hex, jsonValue } from "../../export/json.js";
import { formatCount, formatCounted } from "./quantity.js";
import { printable } from "./terminal-text.js";

const SEVERITY_WIDTH = 8;
const RULE_WIDTH = 30;

export type Explain = (alert: Alert) => readonly ExplainedRow[];

/** Alerts as lines, and how many of what. */
export function* alertsText(
	{ alerts, rules }: AuditResult,
	facts: SessionFacts,
	explain: Explain | undefined,
): Generator<string> {
	for (const alert of alerts) {
		yield alertLine(alert, facts.start);
		for (const row of explain?.(alert) ?? []) yield* rowLines(row);
	}
	if (alerts.length > 0) yield "\n";
	yield `${summary(alerts)}; ${formatCounted(rules.length, "rule")} run\n`;
}

function alertLine({ rule, ts, message, repeats }: Alert, start: bigint): string {
	const more = repeats === 0 ? "" : ` (and ${formatCount(repeats)} more)`;
	const parts = [
		rule.severity.padEnd(SEVERITY_WIDTH),
		formatOffset(ts - start).padStart(9),
		rule.id.padEnd(RULE_WIDTH),
		printable(message) + more,
	];
	return `${parts.join("  ")}\n`;
}

/** Columns that say nothing are left out. */
function* rowLines({ step, view, columns, values }: ExplainedRow): Generator<string> {
	yield `    ${step === undefined ? "" : `${step}: `}${view}\n`;
	for (const [index, column] of columns.entries()) {
		const value = values[index] ?? null;
		if (value === null) continue;
		const text = value instanceof Uint8Array ? hex(value) : printable(String(value));
		yield `      ${column.padEnd(14)} ${text}\n`;
	}
}

function summary(alerts: readonly Alert[]): string {
	if (alerts.length === 0) return "no alerts";
	const counts = SEVERITIES.toReversed().flatMap((severity) => {
		const count = alerts.filter(({ rule }) => rule.severity === severity).length;
		return count === 0 ? [] : [`${formatCount(count)} ${severity}`];
	});
	return `${formatCounted(alerts.length, "alert")} (${counts.join(", ")})`;
}

/** Alerts as one JSON array; times in ns, every digit. */
export function* alertsJson(
	{ alerts }: AuditResult,
	explain: Explain | undefined,
): Generator<string> {
	let before = "[\n";
	for (const alert of alerts) {
		yield before + alertJson(alert, explain?.(alert));
		before = ",\n";
	}
	yield alerts.length === 0 ? "[]\n" : "\n]\n";
}

function alertJson(alert: Alert, rows: readonly ExplainedRow[] | undefined): string {
	const { rule, ts, pid, comm, message, sourceView, sourceId, repeats } = alert;
	const members = [
		`"ts":${ts}`,
		`"rule":${jsonValue(rule.id)}`,
		`"severity":${jsonValue(rule.severity)}`,
		`"pid":${jsonValue(pid)}`,
		`"comm":${jsonValue(comm)}`,
		`"message":${jsonValue(message)}`,
		`"source_view":${jsonValue(sourceView)}`,
		`"source_id":${jsonValue(sourceId)}`,
		`"pack":${jsonValue(rule.pack)}`,
		`"repeats":${repeats}`,
		`"tags":${JSON.stringify(rule.tags)}`,
		`"sources":${JSON.stringify(rule.sources)}`,
	];
	if (rows !== undefined) members.push(`"rows":[${rows.map(rowJson).join(",")}]`);
	return `{${members.join(",")}}`;
}

function rowJson({ step, view, columns, values }: ExplainedRow): string {
	const own = columns.map(
		(name, index) => `${JSON.stringify(name)}:${jsonValue(values[index] ?? null)}`,
	);
	const named = step === undefined ? "" : `"step":${JSON.stringify(step)},`;
	return `{${named}"view":${JSON.stringify(view)},"row":{${own.join(",")}}}`;
}
