import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parse } from "yaml";
import { loadPack } from "../src/audit/load-pack.js";
import { shippedPacks } from "../src/audit/packs.js";

export interface AuditCase {
	readonly rule: string;
	readonly is: "positive" | "near-miss" | "evasion";
	readonly by: string;
	readonly run: string;
}

export interface PackWithCases {
	readonly name: string;
	readonly rules: readonly string[];
	readonly cases: readonly AuditCase[];
}

/** Shipped packs with the cases beside them (rules/cases). */
export function packsWithCases(): readonly PackWithCases[] {
	return shippedPacks().map((file) => {
		const { name, rules } = loadPack(file);
		const casesFile = join(dirname(file), "cases", basename(file));
		const written: Record<string, Omit<AuditCase, "rule">[]> = existsSync(casesFile)
			? parse(readFileSync(casesFile, "utf8"))
			: {};
		const cases = Object.entries(written).flatMap(([rule, own]) =>
			own.map((each) => ({ rule, ...each })),
		);
		return { name, rules: rules.map(({ id }) => id), cases };
	});
}
