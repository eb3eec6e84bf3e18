import type { Expression } from "../filter/syntax.js";
import type { MessageTemplate } from "./message-template.js";
import type { Place } from "./rule-error.js";
import type { Severity } from "./severity.js";

/** A condition as it was written, with where, so that what is wrong with it can be shown. */
export interface WrittenCondition {
	readonly text: string;
	readonly place: Place;
	readonly expression: Expression;
}

/** An SQL expression over a view's columns, for what the language of conditions cannot say. */
export interface WrittenSql {
	readonly text: string;
	readonly place: Place;
}

/** `column == step.column`: what a row must have in common with one of an earlier step. */
export interface Link {
	readonly column: string;
	readonly step: string;
	readonly stepColumn: string;
	readonly place: Place;
}

/** Rows of one view that a rule looks for. A rule without a sequence has one step. */
export interface Step {
	/** How messages and links call it. */
	readonly name: string;
	readonly view: string;
	readonly viewPlace: Place;
	/** All must hold. */
	readonly when: readonly WrittenCondition[];
	/** None may hold. */
	readonly unless: readonly WrittenCondition[];
	readonly sql: WrittenSql | undefined;
	/** To earlier steps. */
	readonly links: readonly Link[];
}

export interface Rule {
	readonly id: string;
	readonly about: string;
	readonly pack: string;
	readonly place: Place;
	readonly severity: Severity;
	readonly tags: readonly string[];
	readonly sources: readonly string[];
	readonly steps: readonly [Step, ...Step[]];
	/** ns from the first step's row to the last one's; undefined: however long. */
	readonly within: bigint | undefined;
	/** Rows of the last step that are alike in these columns make one alert. */
	readonly oncePer: readonly { readonly column: string; readonly place: Place }[];
	readonly message: MessageTemplate;
	readonly messagePlace: Place;
	/** Named conditions of the pack, of which the rule's may be made. */
	readonly definitions: ReadonlyMap<Expression, WrittenCondition>;
}

/** A step of a rule, looked for in its view. */
export interface StepTest {
	readonly rule: Rule;
	readonly index: number;
}

export interface Pack {
	readonly name: string;
	readonly about: string;
	readonly file: string;
	readonly sources: readonly string[];
	readonly rules: readonly Rule[];
}
