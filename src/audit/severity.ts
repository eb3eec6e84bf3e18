/** From the least to the most. */
export const SEVERITIES = ["info", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

export function isSeverity(text: string): text is Severity {
	return (SEVERITIES as readonly string[]).includes(text);
}
