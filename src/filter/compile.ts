import { assertUnreachable } from "../base/assert.js";
import type { Condition, SetTest, Test } from "./condition.js";
import { badFilter, type Span } from "./filter-error.js";
import {
	FLAG,
	type Instruction,
	type NumberOperand,
	PATTERNS_MAX,
	PROGRAM_MAX,
	PROGRAM_TEXT_MAX,
	type Program,
	SUBJECT,
	type TextOperand,
} from "./program.js";

const BLANK: Omit<Instruction, "op"> = {
	...{ operand: "none", width: 0, flags: 0, eventId: 0, offset: 0, size: 0 },
	...{ ifTrue: 0, ifFalse: 0, value: 0n, textOffset: 0, textLength: 0 },
};

/**
 * The program that accepts what the condition holds for. `text`: the expression it comes from, for
 * the error when it is too long.
 */
export function compileFilter(condition: Condition, text: string): Program {
	const builder = new Builder();
	const refuse = builder.add({ ...BLANK, op: "refuse" }, WHOLE);
	const accept = builder.add({ ...BLANK, op: "accept" }, WHOLE);
	const entry = builder.condition(condition, accept, refuse);
	const program = builder.program(entry);
	const whole = { start: 0, end: text.length };
	if (program.instructions.length > PROGRAM_MAX) {
		const problem = `it takes ${program.instructions.length} steps, and the kernel ${PROGRAM_MAX} at most`;
		throw badFilter(text, whole, problem, "Ask for less at once: a pattern instead of a list.");
	}
	if (program.text.length > PROGRAM_TEXT_MAX) {
		const problem = `its texts take ${program.text.length} bytes, and the kernel ${PROGRAM_TEXT_MAX} at most`;
		throw badFilter(text, whole, problem, "Shorten them, or use a pattern instead of a list.");
	}
	const patterns = program.instructions
		.filter(({ op }) => op === "matches" || op === "matchesNot")
		.reduce((sum, { textLength }) => sum + textLength, 0);
	if (patterns > PATTERNS_MAX) {
		const problem = `its patterns take ${patterns} bytes, and the kernel ${PATTERNS_MAX} at most`;
		throw badFilter(text, whole, problem, "Shorten them, or compare whole texts with ==.");
	}
	return program;
}

/** Of what comes from no part of the expression alone. */
const WHOLE: Span = { start: 0, end: 0 };

/**
 * Built from its end, so that whatever an instruction leads to is there already: an address counts
 * from the end.
 */
class Builder {
	readonly #reversed: { readonly instruction: Instruction; readonly span: Span }[] = [];
	readonly #texts = new Map<string, number>();
	readonly #textParts: Uint8Array[] = [];
	#textLength = 0;

	/** Its address. */
	add(instruction: Instruction, span: Span): number {
		return this.#reversed.push({ instruction, span }) - 1;
	}

	/** Where to begin for the condition; it leads on to either of the two. */
	condition(condition: Condition, ifTrue: number, ifFalse: number): number {
		switch (condition.kind) {
			case "always":
				return condition.holds ? ifTrue : ifFalse;
			case "and":
				return condition.parts.reduceRight((to, part) => this.condition(part, to, ifFalse), ifTrue);
			case "or":
				return condition.parts.reduceRight((to, part) => this.condition(part, ifTrue, to), ifFalse);
			default:
				return this.#test(condition, ifTrue, ifFalse);
		}
	}

	program(entry: number): Program {
		const forward = this.#reversed.slice(0, entry + 1).reverse();
		return {
			instructions: forward.map(({ instruction }) => instruction),
			spans: forward.map(({ span }) => span),
			text: Buffer.concat(this.#textParts),
		};
	}

	#test(test: Test, ifTrue: number, ifFalse: number): number {
		const at = this.#reversed.length;
		const jumps = { ifTrue: at - 1 - ifTrue, ifFalse: at - 1 - ifFalse };
		const { span } = test;
		const base = { ...BLANK, op: test.op, ...jumps };
		switch (test.kind) {
			case "number":
				return this.add({ ...base, ...numberPart(test.operand), value: test.value }, span);
			case "set":
				return this.add({ ...base, ...numberPart(test.operand), ...this.#text(setOf(test)) }, span);
			case "cgroup":
				return this.add(
					{ ...base, operand: "subject", offset: SUBJECT.cgroup, value: test.id },
					span,
				);
			case "text": {
				const { operand, bytes } = test;
				const address = this.add({ ...base, ...textPart(operand), ...this.#text(bytes) }, span);
				return operand.kind === "tail" ? this.#skips(operand, span, address) : address;
			}
			default:
				return assertUnreachable(test);
		}
	}

	#skips(
		{ skips, eventId }: Extract<TextOperand, { kind: "tail" }>,
		span: Span,
		test: number,
	): number {
		let address = test;
		for (const offset of [...skips].reverse()) {
			address = this.add({ ...BLANK, op: "skip", operand: "tail", eventId, offset }, span);
		}
		return address;
	}

	/** The same text once. */
	#text(bytes: Uint8Array): Pick<Instruction, "textOffset" | "textLength"> {
		const key = Buffer.from(bytes).toString("latin1");
		let textOffset = this.#texts.get(key);
		if (textOffset === undefined) {
			textOffset = this.#textLength;
			this.#texts.set(key, textOffset);
			this.#textParts.push(bytes);
			this.#textLength += bytes.length;
		}
		return { textOffset, textLength: bytes.length };
	}
}

function setOf({ members }: SetTest): Uint8Array {
	const set = new Uint8Array((Math.max(...members) >> 3) + 1);
	for (const member of members) set[member >> 3] = (set[member >> 3] ?? 0) | (1 << (member & 7));
	return set;
}

type OperandPart = Pick<Instruction, "operand" | "width" | "flags" | "eventId" | "offset" | "size">;

function numberPart(operand: NumberOperand): OperandPart {
	const none = { width: 0, flags: 0, eventId: 0, size: 0 };
	switch (operand.kind) {
		case "field": {
			const { eventId, offset, width } = operand;
			const flags = operand.signed ? FLAG.signed : 0;
			return { ...none, operand: "field", width, flags, eventId, offset };
		}
		case "subject":
			return { ...none, operand: "subject", offset: SUBJECT[operand.id] };
		case "call": {
			const flags = operand.signed ? FLAG.signed : 0;
			return { ...none, operand: "call", flags, offset: operand.id };
		}
		default:
			return assertUnreachable(operand);
	}
}

function textPart(operand: TextOperand): OperandPart {
	const none = { width: 0, flags: 0, eventId: 0, size: 0 };
	switch (operand.kind) {
		case "comm":
			return { ...none, operand: "subject", offset: SUBJECT.comm };
		case "call-text":
			return { ...none, operand: "call", offset: operand.id };
		case "chars": {
			const { eventId, offset, size } = operand;
			const flags = operand.whole ? FLAG.whole : 0;
			return { ...none, operand: "chars", flags, eventId, offset, size };
		}
		case "tail": {
			const { eventId, offset, lengthOffset = 0 } = operand;
			const flags = operand.whole ? FLAG.whole : 0;
			return { ...none, operand: "tail", flags, eventId, offset, size: lengthOffset };
		}
		default:
			return assertUnreachable(operand);
	}
}
