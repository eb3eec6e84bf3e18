import { badFilter, type Span } from "./filter-error.js";
import type { Comparison, Expression, ParsedFilter, Value } from "./syntax.js";
import { type Token, tokensOf } from "./tokens.js";

/** Deeper nesting is nobody's filter, and must not exhaust the stack. */
const DEPTH_MAX = 100;

const EXAMPLE = 'A filter compares fields: ret < 0, comm ~ "ssh*", name in (openat, read).';

/** Conditions with a name: the name stands for one where a comparison could. */
export type Definitions = ReadonlyMap<string, Expression>;

const NO_DEFINITIONS: Definitions = new Map();

/** @throws RelayscopeError BAD_FILTER with the place of the mistake. */
export function parseFilter(text: string, definitions = NO_DEFINITIONS): ParsedFilter {
	return { text, expression: new Parser(text, definitions).parse() };
}

class Parser {
	readonly #text: string;
	readonly #definitions: Definitions;
	readonly #tokens: readonly Token[];
	#at = 0;
	#depth = 0;

	constructor(text: string, definitions: Definitions) {
		this.#text = text;
		this.#definitions = definitions;
		this.#tokens = tokensOf(text);
	}

	parse(): Expression {
		const expression = this.#or();
		if (this.#next.kind !== "end") {
			throw this.#wrong("the filter could end before this", "Join comparisons with and, or.");
		}
		return expression;
	}

	get #next(): Token {
		const token = this.#tokens[this.#at] ?? this.#tokens.at(-1);
		if (token === undefined) throw new Error("a text has an end");
		return token;
	}

	#take(): Token {
		const token = this.#next;
		this.#at++;
		return token;
	}

	#wrong(problem: string, hint = EXAMPLE, span: Span = this.#next): Error {
		return badFilter(this.#text, span, problem, hint);
	}

	#or(): Expression {
		return this.#joined("or", () => this.#joined("and", () => this.#term()));
	}

	#joined(kind: "and" | "or", part: () => Expression): Expression {
		const first = part();
		if (this.#next.kind !== kind) return first;
		const parts = [first];
		while (this.#next.kind === kind) {
			this.#take();
			parts.push(part());
		}
		return { kind, parts };
	}

	#term(): Expression {
		if (++this.#depth > DEPTH_MAX) throw this.#wrong("this is nested too deep", "Say it flatter.");
		try {
			const { kind } = this.#next;
			if (kind === "not") {
				this.#take();
				return { kind: "not", part: this.#term() };
			}
			if (!this.#isMark("(")) return this.#comparison();
			this.#take();
			const inner = this.#or();
			this.#expectMark(")", "a parenthesis is not closed");
			return inner;
		} finally {
			this.#depth--;
		}
	}

	#comparison(): Expression {
		const field = this.#take();
		if (field.kind !== "name") {
			this.#at--;
			throw this.#wrong(field.kind === "end" ? "a comparison is missing" : "a field is due here");
		}
		const definition = this.#definitions.get(field.text);
		if (definition !== undefined && !this.#isComparing()) return definition;
		const name = { name: field.text, start: field.start, end: field.end };
		const negated = this.#next.kind === "not" && this.#tokens[this.#at + 1]?.kind === "in";
		if (negated) this.#take();
		const sign = this.#take();
		let comparison: Comparison;
		if (sign.kind === "in") {
			const values = this.#list();
			comparison = { kind: "comparison", field: name, sign: "in", values, ...this.#from(field) };
		} else if (sign.kind === "sign") {
			const values = [this.#value()];
			const from = this.#from(field);
			comparison = { kind: "comparison", field: name, sign: sign.sign, values, ...from };
		} else {
			this.#at--;
			throw this.#wrong(
				"a comparison is due here",
				`After a field: ==, !=, <, <=, >, >=, & (any of these bits), ~, !~ (pattern) or in (...).`,
			);
		}
		return negated ? { kind: "not", part: comparison } : comparison;
	}

	/** Whether what comes next compares the name before it. */
	#isComparing(): boolean {
		const { kind } = this.#next;
		return (
			kind === "sign" ||
			kind === "in" ||
			(kind === "not" && this.#tokens[this.#at + 1]?.kind === "in")
		);
	}

	#from({ start }: Span): Span {
		return { start, end: this.#tokens[this.#at - 1]?.end ?? start };
	}

	#list(): readonly Value[] {
		this.#expectMark("(", "the values of in stand in parentheses");
		const values = [this.#value()];
		while (this.#isMark(",")) {
			this.#take();
			values.push(this.#value());
		}
		this.#expectMark(")", "a comma or a closing parenthesis is due here");
		return values;
	}

	#value(): Value {
		const token = this.#take();
		const span = { start: token.start, end: token.end };
		switch (token.kind) {
			case "number":
			case "device":
				return { kind: token.kind, value: token.value, ...span };
			case "text":
				return { kind: "text", bytes: token.bytes, ...span };
			case "name":
				return { kind: "name", name: token.text, negative: false, ...span };
			case "mark":
				if (token.mark === "-") return this.#negative(token);
				break;
			case "sign":
			case "and":
			case "or":
			case "not":
			case "in":
			case "end":
				break;
		}
		this.#at--;
		throw this.#wrong(
			"a value is due here",
			"A number (12, 0xff, 64K, 10ms), a text in quotes, or a name such as ENOENT or openat.",
		);
	}

	#negative(minus: Span): Value {
		const token = this.#take();
		const span = { start: minus.start, end: token.end };
		if (token.kind === "number") return { kind: "number", value: -token.value, ...span };
		if (token.kind === "name") return { kind: "name", name: token.text, negative: true, ...span };
		this.#at--;
		throw this.#wrong("a number or an errno is due behind the minus");
	}

	#isMark(mark: "(" | ")" | ","): boolean {
		const next = this.#next;
		return next.kind === "mark" && next.mark === mark;
	}

	#expectMark(mark: "(" | ")", problem: string): void {
		if (!this.#isMark(mark)) throw this.#wrong(problem);
		this.#take();
	}
}
