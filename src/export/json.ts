import type { RowSet, SqlValue } from "../analyze/query/query-database.js";

/**
 * A RowSet as one JSON array of objects, a piece at a time. Integers are JSON integers with every
 * digit (a reader that uses doubles must be told); reals always have a point or an exponent; NULL is
 * null; blobs are lower-case hexadecimal texts. A column name that occurs again gets `:1`, `:2`.
 */
export function* jsonRows(result: RowSet): Generator<string> {
	const keys = uniqueNames(result.columns).map((name) => JSON.stringify(name));
	let before = "[\n";
	for (const row of result.rows) {
		let text = `${before}{`;
		for (let index = 0; index < keys.length; index++) {
			if (index > 0) text += ",";
			text += `${keys[index]}:${jsonValue(row[index] ?? null)}`;
		}
		before = "},\n";
		yield text;
	}
	yield before === "[\n" ? "[]\n" : "}\n]\n";
}

export function jsonValue(value: SqlValue): string {
	switch (typeof value) {
		case "bigint":
			return value.toString();
		case "number":
			return realText(value);
		case "string":
			return JSON.stringify(value);
		default:
			return value === null ? "null" : `"${hex(value)}"`;
	}
}

/** A real that stays one: 3.0, not 3. Infinity is 9e999, which every parser of doubles reads so. */
export function realText(value: number): string {
	if (!Number.isFinite(value)) return value > 0 ? "9e999" : "-9e999";
	const text = String(value);
	return /[.e]/.test(text) ? text : `${text}.0`;
}

export function hex(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

function uniqueNames(names: readonly string[]): string[] {
	const used = new Set<string>();
	return names.map((name) => {
		let unique = name;
		for (let copy = 1; used.has(unique); copy++) unique = `${name}:${copy}`;
		used.add(unique);
		return unique;
	});
}

/**
 * A typed result as indented JSON: bigints with every digit, names as the views have them
 * (`errorCount` is `error_count`), absent values left out.
 */
export function jsonText(value: unknown, indent = ""): string {
	if (value === null || value === undefined) return "null";
	if (typeof value === "bigint") return value.toString();
	if (typeof value !== "object") return JSON.stringify(value);
	const inner = `${indent}  `;
	if (Array.isArray(value)) {
		if (value.length === 0) return "[]";
		const items = value.map((item: unknown) => inner + jsonText(item, inner));
		return `[\n${items.join(",\n")}\n${indent}]`;
	}
	const members: string[] = [];
	for (const [key, member] of Object.entries(value)) {
		if (member === undefined) continue;
		members.push(`${inner}${JSON.stringify(snakeCase(key))}: ${jsonText(member, inner)}`);
	}
	return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
}

function snakeCase(name: string): string {
	return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
