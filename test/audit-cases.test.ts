import { describe, expect, it } from "vitest";
import { packsWithCases } from "./audit-cases.js";

describe.each(packsWithCases())("pack $name", ({ rules, cases }) => {
	it.each(rules)("%s has a positive, a near-miss and an evasion case", (rule) => {
		const kinds = new Set(cases.filter((each) => each.rule === rule).map(({ is }) => is));
		expect([...kinds].sort()).toEqual(["evasion", "near-miss", "positive"]);
	});

	it("has no cases of rules that are not there", () => {
		expect(cases.filter(({ rule }) => !rules.includes(rule))).toEqual([]);
	});
});
