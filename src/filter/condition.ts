/**
 * A filter with its fields looked up and its negations drawn into the comparisons: a tree of tests
 * that hold or do not. A test of what the event does not have holds neither way.
 */
import type { Span } from "./filter-error.js";
import {
	CALL,
	type CgroupOp,
	type NumberOp,
	type NumberOperand,
	type SetOp,
	type TextOp,
	type TextOperand,
} from "./program.js";

export type Condition =
	| { readonly kind: "and" | "or"; readonly parts: readonly Condition[] }
	| { readonly kind: "always"; readonly holds: boolean }
	| Test;

export type Test = NumberTest | SetTest | TextTest | CgroupTest;

export interface NumberTest {
	readonly kind: "number";
	readonly op: NumberOp;
	readonly operand: NumberOperand;
	/** Signed where the operand is. */
	readonly value: bigint;
	readonly span: Span;
}

export interface SetTest {
	readonly kind: "set";
	readonly op: SetOp;
	readonly operand: NumberOperand;
	readonly members: readonly number[];
	readonly span: Span;
}

export interface TextTest {
	readonly kind: "text";
	readonly op: TextOp;
	readonly operand: TextOperand;
	readonly bytes: Uint8Array;
	readonly span: Span;
}

export interface CgroupTest {
	readonly kind: "cgroup";
	readonly op: CgroupOp;
	readonly id: bigint;
	readonly span: Span;
}

const NEVER: Condition = { kind: "always", holds: false };
const ALWAYS: Condition = { kind: "always", holds: true };

export function allOf(parts: readonly Condition[]): Condition {
	return joined("and", parts);
}

export function anyOf(parts: readonly Condition[]): Condition {
	return joined("or", parts);
}

/** Without parts that decide nothing, and without a join of one. */
function joined(kind: "and" | "or", parts: readonly Condition[]): Condition {
	const neutral = kind === "and";
	const left = parts
		.flatMap((part) => (part.kind === kind ? part.parts : [part]))
		.filter((part) => part.kind !== "always" || part.holds !== neutral);
	if (left.some((part) => part.kind === "always")) return neutral ? NEVER : ALWAYS;
	const [first, ...others] = left;
	if (first === undefined) return neutral ? ALWAYS : NEVER;
	return others.length === 0 ? first : { kind, parts: left };
}

/** Whether a test can be made before there is a record, and for a call when it begins. */
function isEarly(test: Test): boolean {
	switch (test.kind) {
		case "cgroup":
			return true;
		case "text":
			return test.operand.kind === "comm" || test.operand.kind === "call-text";
		case "number":
		case "set":
			return (
				test.operand.kind === "subject" ||
				(test.operand.kind === "call" && test.operand.id < CALL.ret)
			);
	}
}

export function isDecidedEarly(condition: Condition): boolean {
	if ("parts" in condition) return condition.parts.every(isDecidedEarly);
	return condition.kind === "always" || isEarly(condition);
}

/** What must hold early for the whole to hold later; no negation is left that would turn it round. */
export function earlyPart(condition: Condition): Condition {
	if ("parts" in condition) return joined(condition.kind, condition.parts.map(earlyPart));
	return condition.kind === "always" || isEarly(condition) ? condition : ALWAYS;
}
