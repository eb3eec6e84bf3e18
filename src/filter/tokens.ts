/** The words of a filter's language. */
import { badFilter, type Span } from "./filter-error.js";

export type ComparisonSign = "==" | "!=" | "<" | "<=" | ">" | ">=" | "&" | "~" | "!~";

export type Token = Span &
	(
		| { readonly kind: "name"; readonly text: string }
		| { readonly kind: "number"; readonly value: bigint }
		| { readonly kind: "text"; readonly bytes: Uint8Array }
		| { readonly kind: "device"; readonly value: bigint }
		| { readonly kind: "sign"; readonly sign: ComparisonSign }
		| { readonly kind: "mark"; readonly mark: "(" | ")" | "," | "-" }
		| { readonly kind: "and" | "or" | "not" | "in" }
		| { readonly kind: "end" }
	);

const WORDS: Readonly<Record<string, "and" | "or" | "not" | "in">> = {
	and: "and",
	or: "or",
	not: "not",
	in: "in",
	"&&": "and",
	"||": "or",
	"!": "not",
};

/** Bytes and times, as the other options write them. */
const UNITS: Readonly<Record<string, bigint>> = {
	K: 1n << 10n,
	M: 1n << 20n,
	G: 1n << 30n,
	T: 1n << 40n,
	ns: 1n,
	us: 1_000n,
	ms: 1_000_000n,
	s: 1_000_000_000n,
};

const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, "0": 0 };

const BLANK = /\s*/y;
const NAME = /[A-Za-z_][A-Za-z0-9_.]*/y;
const DEVICE = /(\d+):(\d+)(?![\w:])/y;
const NUMBER = /(0[xX][0-9a-fA-F]+|\d+)([A-Za-z]*)/y;
const SIGN = /==|!=|<=|>=|<|>|!~|~|&&|\|\||&|!|\(|\)|,|-/y;

/** How the kernel keeps a device's number: 12 bits and 20. */
const MINOR_BITS = 20n;

/** @throws RelayscopeError BAD_FILTER */
export function tokensOf(text: string): readonly Token[] {
	const tokens: Token[] = [];
	let at = 0;
	const take = (pattern: RegExp): RegExpExecArray | undefined => {
		pattern.lastIndex = at;
		const match = pattern.exec(text);
		if (match === null) return undefined;
		at = pattern.lastIndex;
		return match;
	};
	for (;;) {
		take(BLANK);
		const start = at;
		if (at === text.length) {
			tokens.push({ kind: "end", start, end: start + 1 });
			return tokens;
		}
		const quote = text.charAt(at);
		if (quote === '"' || quote === "'") {
			const { bytes, end } = quoted(text, at);
			at = end;
			tokens.push({ kind: "text", bytes, start, end });
			continue;
		}
		const device = take(DEVICE);
		if (device !== undefined) {
			const [, major = "", minor = ""] = device;
			const value = (BigInt(major) << MINOR_BITS) | BigInt(minor);
			tokens.push({ kind: "device", value, start, end: at });
			continue;
		}
		const number = take(NUMBER);
		if (number !== undefined) {
			tokens.push({ kind: "number", value: numberOf(text, number, start), start, end: at });
			continue;
		}
		const [word] = take(NAME) ?? take(SIGN) ?? [];
		if (word === undefined) {
			throw badFilter(
				text,
				{ start, end: start + 1 },
				`${JSON.stringify(quote)} means nothing here`,
				"See docs/filters.md: comparisons such as ret < 0, joined by and, or, not.",
			);
		}
		tokens.push(wordToken(word, { start, end: at }));
	}
}

function wordToken(word: string, span: Span): Token {
	const kind = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
	if (kind !== undefined) return { kind, ...span };
	switch (word) {
		case "(":
		case ")":
		case ",":
		case "-":
			return { kind: "mark", mark: word, ...span };
		case "==":
		case "!=":
		case "<":
		case "<=":
		case ">":
		case ">=":
		case "&":
		case "~":
		case "!~":
			return { kind: "sign", sign: word, ...span };
		default:
			return { kind: "name", text: word, ...span };
	}
}

function numberOf(text: string, [, digits = "", unit = ""]: RegExpExecArray, start: number) {
	const factor = unit === "" ? 1n : Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
	const end = start + digits.length + unit.length;
	if (factor === undefined) {
		const known = Object.keys(UNITS).join(", ");
		throw badFilter(
			text,
			{ start: start + digits.length, end },
			`${unit} is no unit`,
			`A number may end in ${known}; a text stands in quotes.`,
		);
	}
	const value = BigInt(digits) * factor;
	if (value < 1n << 64n) return value;
	throw badFilter(text, { start, end }, "this number is beyond 64 bits", "No field is as large.");
}

/** A text from its quote on: backslash and quote with a backslash before them, \n, \t, \0 and \xHH. */
function quoted(text: string, start: number): { readonly bytes: Uint8Array; readonly end: number } {
	const quote = text.charAt(start);
	const parts: Uint8Array[] = [];
	let at = start + 1;
	while (at < text.length && text.charAt(at) !== quote) {
		if (text.charAt(at) !== "\\") {
			const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
			parts.push(Buffer.from(character));
			at += character.length;
			continue;
		}
		const next = text.charAt(at + 1);
		const hex = /^x[0-9a-fA-F]{2}/.exec(text.slice(at + 1, at + 4));
		const code = Object.hasOwn(ESCAPES, next) ? ESCAPES[next] : undefined;
		if (hex !== null) {
			parts.push(Uint8Array.of(Number.parseInt(hex[0].slice(1), 16)));
			at += 4;
		} else if (code !== undefined) {
			parts.push(Uint8Array.of(code));
			at += 2;
		} else if (next === "\\" || next === quote) {
			parts.push(Buffer.from(next));
			at += 2;
		} else {
			// Of a pattern, which has backslashes of its own.
			parts.push(Buffer.from("\\"));
			at++;
		}
	}
	if (at >= text.length) {
		throw badFilter(
			text,
			{ start, end: text.length },
			"this text has no end",
			`Close it with ${quote}; in a shell, put the whole filter in the other quotes.`,
		);
	}
	return { bytes: Buffer.concat(parts), end: at + 1 };
}
