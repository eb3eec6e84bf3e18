import { readFileSync } from "node:fs";

/** `none`, `integrity` or `confidentiality`; see kernel_lockdown(7). */
export function lockdownMode(): string {
	try {
		const text = readFileSync("/sys/kernel/security/lockdown", "utf8");
		return /\[(\w+)\]/.exec(text)?.[1] ?? "none";
	} catch {
		// A kernel without lockdown, or securityfs is not mounted: nothing is known to be forbidden.
		return "none";
	}
}
