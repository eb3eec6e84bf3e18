/**
 * Just enough of SQLite's lexer to know words from text: where a statement ends, what its first
 * word is and where a word stands. SQLite itself stays the judge of everything else.
 */
export interface SqlToken {
	readonly kind: "word" | "quoted" | "text" | "semicolon" | "other";
	readonly start: number;
	readonly end: number;
	/** False for a text, quoted name or block comment that the input ends inside of. */
	readonly closed: boolean;
}

const WORD_START = /[A-Za-z_\u0080-\uffff]/;
const WORD = /[A-Za-z0-9_$\u0080-\uffff]/;
const CLOSING: Readonly<Record<string, string>> = { "'": "'", '"': '"', "`": "`", "[": "]" };

/** Tokens in order; white space and comments are passed over, but an unclosed comment is a token. */
export function* scanSql(sql: string): Generator<SqlToken> {
	let at = 0;
	while (at < sql.length) {
		const blank = blankEnd(sql, at);
		if (blank !== undefined) {
			at = blank;
			continue;
		}
		const token = tokenAt(sql, at);
		yield token;
		at = token.end;
	}
}

/** Where the white space or comment that starts here ends; undefined when none does. */
function blankEnd(sql: string, at: number): number | undefined {
	if (/\s/.test(sql.charAt(at))) return at + 1;
	if (sql.startsWith("--", at)) {
		const newline = sql.indexOf("\n", at);
		return newline < 0 ? sql.length : newline + 1;
	}
	if (!sql.startsWith("/*", at)) return undefined;
	const close = sql.indexOf("*/", at + 2);
	return close < 0 ? undefined : close + 2;
}

function tokenAt(sql: string, start: number): SqlToken {
	const char = sql.charAt(start);
	const closing = CLOSING[char];
	if (closing !== undefined) {
		const end = closingQuote(sql, start, closing);
		const kind = char === "'" ? "text" : "quoted";
		return { kind, start, end: end ?? sql.length, closed: end !== undefined };
	}
	if (sql.startsWith("/*", start)) return { kind: "other", start, end: sql.length, closed: false };
	if (WORD_START.test(char)) {
		return { kind: "word", start, end: endOf(sql, start, WORD), closed: true };
	}
	if (/[0-9]/.test(char)) {
		return { kind: "other", start, end: endOf(sql, start, /[0-9A-Za-z_.]/), closed: true };
	}
	return { kind: char === ";" ? "semicolon" : "other", start, end: start + 1, closed: true };
}

/** End of a run of such characters. */
function endOf(sql: string, start: number, character: RegExp): number {
	let end = start;
	while (end < sql.length && character.test(sql.charAt(end))) end++;
	return end;
}

function closingQuote(sql: string, open: number, quote: string): number | undefined {
	for (let at = open + 1; at < sql.length; at++) {
		if (sql.charAt(at) !== quote) continue;
		// A doubled quote is one quote inside the text; brackets have no such form.
		if (quote !== "]" && sql.charAt(at + 1) === quote) at++;
		else return at + 1;
	}
	return undefined;
}

/** The statement's first word in capitals; undefined when it has none. */
export function firstKeyword(sql: string): string | undefined {
	for (const token of scanSql(sql)) {
		if (token.kind === "semicolon") continue;
		return token.kind === "word" ? sql.slice(token.start, token.end).toUpperCase() : undefined;
	}
	return undefined;
}

/** Whether what was typed so far ends a statement, as sqlite3_complete() has it. */
export function isCompleteStatement(sql: string): boolean {
	let last: SqlToken | undefined;
	for (const token of scanSql(sql)) last = token;
	return last?.kind === "semicolon";
}

/** Whether there is anything but white space, comments and semicolons. */
export function isBlankSql(sql: string): boolean {
	for (const token of scanSql(sql)) if (token.kind !== "semicolon") return false;
	return true;
}

export interface SqlPosition {
	readonly line: number;
	readonly column: number;
}

/** Line and column, both from 1, of an offset. */
export function positionAt(sql: string, offset: number): SqlPosition {
	const before = sql.slice(0, offset);
	const newline = before.lastIndexOf("\n");
	return { line: before.split("\n").length, column: offset - newline };
}
