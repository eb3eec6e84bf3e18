import type { Expression } from "../filter/syntax.js";
import type { SqlText } from "./condition-sql.js";
import type { StepTest } from "./rule.js";

/**
 * Names that any matching row of a view has: one look at a row's name then spares it every other
 * condition, and most calls of a session are none that a rule is about. Undefined: some test takes
 * any name.
 */
export function narrowingSql(tests: readonly StepTest[]): SqlText | undefined {
	const all = new Set<string>();
	for (const { rule, index } of tests) {
		const step = rule.steps[index];
		const sets = (step?.when ?? []).map(({ expression }) => namesOf(expression));
		const names = sets.find((set) => set !== undefined);
		if (names === undefined) return undefined;
		for (const name of names) all.add(name);
	}
	const values = [...all];
	return { sql: `v.name IN (${values.map(() => "?").join(", ")})`, values };
}

/** Names outside which the expression cannot hold; undefined: it may hold with any. */
function namesOf(expression: Expression): ReadonlySet<string> | undefined {
	switch (expression.kind) {
		case "not":
			return undefined;
		case "and": {
			const sets = expression.parts.map(namesOf).filter((set) => set !== undefined);
			return sets.sort((a, b) => a.size - b.size)[0];
		}
		case "or": {
			const all = new Set<string>();
			for (const part of expression.parts) {
				const names = namesOf(part);
				if (names === undefined) return undefined;
				for (const name of names) all.add(name);
			}
			return all;
		}
		case "comparison": {
			const { field, sign, values } = expression;
			if (field.name !== "name" || (sign !== "==" && sign !== "in")) return undefined;
			const names = values.map((value) => {
				if (value.kind === "name") return value.name;
				return value.kind === "text" ? Buffer.from(value.bytes).toString() : undefined;
			});
			return names.every((name) => name !== undefined) ? new Set(names) : undefined;
		}
		default:
			return undefined;
	}
}
