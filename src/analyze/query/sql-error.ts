import { nearestName } from "../../base/nearest-name.js";
import { positionAt, type SqlToken, scanSql } from "./sql-scan.js";

/** What a question may be asked of. */
export interface ViewInfo {
	readonly name: string;
	readonly columns: readonly string[];
}

export interface SqlErrorText {
	readonly message: string;
	readonly hint: string | undefined;
}

/** Compiles SQL and gives SQLite's complaint, if it has one. */
export type Complaint = (sql: string) => string | undefined;

/**
 * SQLite's own words, with where in the SQL they apply and what would have been right. SQLite's
 * error offset does not reach JavaScript, so the place is found from the message.
 */
export function describeSqlError(
	sql: string,
	sqliteMessage: string,
	views: readonly ViewInfo[],
	complaint: Complaint,
): SqlErrorText {
	if (/more than one statement/.test(sqliteMessage)) {
		return {
			message: "SQL error: there is more than one statement",
			hint: "Ask one statement at a time; join several with WITH or UNION ALL.",
		};
	}
	if (/parameter/.test(sqliteMessage)) {
		return {
			message: "SQL error: the statement has parameters (?, :name), which nothing gives values to",
			hint: "Write the values into the SQL.",
		};
	}
	const offset = offsetOfError(sql, sqliteMessage, complaint);
	return {
		message: `SQL error: ${sqliteMessage}${offset === undefined ? "" : placeOf(sql, offset)}`,
		hint: hintFor(sql, sqliteMessage, views),
	};
}

function placeOf(sql: string, offset: number): string {
	const { line, column } = positionAt(sql, offset);
	const place = sql.trim().includes("\n") ? `line ${line}, column ${column}` : `column ${column}`;
	const text = sql.split("\n")[line - 1] ?? "";
	const excerptStart = Math.max(0, column - 1 - 40);
	const excerpt = text.slice(excerptStart, excerptStart + 72).replace(/\t/g, " ");
	return ` (at ${place})\n  ${excerpt}\n  ${" ".repeat(column - 1 - excerptStart)}^`;
}

function offsetOfError(sql: string, message: string, complaint: Complaint): number | undefined {
	const near = /^near "([\s\S]*)": syntax error$/.exec(message)?.[1];
	if (near !== undefined) return offsetOfNear(sql, near, message, complaint);
	const unrecognized = /^unrecognized token: "([\s\S]*)"$/.exec(message)?.[1];
	if (unrecognized !== undefined) return found(sql.indexOf(unrecognized));
	if (message === "incomplete input") return sql.trimEnd().length;
	const name = missingName(message);
	if (name === undefined) return undefined;
	const wanted = name.toLowerCase();
	const last = wanted.slice(wanted.lastIndexOf(".") + 1);
	const tokens = [...scanSql(sql)];
	const token = tokens.find((candidate) => unquoted(sql, candidate).toLowerCase() === last);
	return token?.start;
}

/**
 * The token may stand in several places. SQLite reads left to right, so the first prefix ending in
 * it that draws the same complaint ends in the guilty one; shorter prefixes are merely incomplete.
 */
function offsetOfNear(
	sql: string,
	near: string,
	message: string,
	complaint: Complaint,
): number | undefined {
	const places: number[] = [];
	for (let at = sql.indexOf(near); at >= 0; at = sql.indexOf(near, at + 1)) {
		if (!insideWord(sql, at, at + near.length)) places.push(at);
	}
	if (places.length > 200) return undefined;
	// The blank ends the token, as what follows it does in the whole text.
	return places.find((at) => complaint(`${sql.slice(0, at + near.length)} `) === message);
}

/** Whether the place is only a part of a longer word. */
function insideWord(sql: string, start: number, end: number): boolean {
	const wordBefore = /\w$/.test(sql.slice(0, start)) && /^\w/.test(sql.slice(start));
	const wordAfter = /\w$/.test(sql.slice(0, end)) && /^\w/.test(sql.slice(end));
	return wordBefore || wordAfter;
}

function found(index: number): number | undefined {
	return index < 0 ? undefined : index;
}

function unquoted(sql: string, token: SqlToken): string {
	const text = sql.slice(token.start, token.end);
	return token.kind === "quoted" ? text.slice(1, -1) : token.kind === "word" ? text : "";
}

function missingName(message: string): string | undefined {
	return /^no such (?:table|column|function): ([^\s]+)/.exec(message)?.[1];
}

function hintFor(sql: string, message: string, views: readonly ViewInfo[]): string | undefined {
	const name = missingName(message);
	if (name === undefined) return undefined;
	const last = name.slice(name.lastIndexOf(".") + 1);
	if (message.startsWith("no such table")) {
		const names = views.map((view) => view.name);
		return `${didYouMean(nearestName(last, names))}Views: ${names.join(", ")}.`;
	}
	if (message.startsWith("no such column")) {
		const words = new Set<string>();
		for (const token of scanSql(sql)) words.add(unquoted(sql, token).toLowerCase());
		const used = views.filter((view) => words.has(view.name.toLowerCase()));
		const shown = used.length > 0 ? used : views;
		const nearest = nearestName(last, new Set(shown.flatMap((view) => view.columns)));
		if (used.length === 0)
			return `${didYouMean(nearest)}Views: ${views.map((view) => view.name).join(", ")}.`;
		const lists = used.map((view) => `Columns of ${view.name}: ${view.columns.join(", ")}.`);
		return didYouMean(nearest) + lists.join(" ");
	}
	return "Functions: https://sqlite.org/lang_corefunc.html";
}

function didYouMean(name: string | undefined): string {
	return name === undefined ? "" : `Did you mean ${name}? `;
}
