import { assertUnreachable } from "../base/assert.js";
import type { EventSchema, FieldSchema } from "./event-schema.js";
import { EVENT_BASE_COLUMNS, EVENT_KEY_COLUMN } from "./names.js";
import type { DecodedValue } from "./values.js";

/** A column of an event's table and view, with what `report` and docs say about it. */
export interface EventColumn {
	readonly name: string;
	readonly type: "INTEGER" | "TEXT" | "BLOB";
	readonly notNull: boolean;
	readonly doc: string;
	readonly unit: string | undefined;
}

const BASE_COLUMNS: readonly EventColumn[] = EVENT_BASE_COLUMNS.map((name) => {
	const docs = {
		ts: "When it happened, CLOCK_MONOTONIC.",
		cpu: "CPU it was recorded on.",
		pid: "Process of the thread; NULL when it is not known.",
		tid: "Thread that was running.",
	};
	const unit = name === "ts" ? "ns" : undefined;
	return { name, type: "INTEGER", notNull: name !== "pid", doc: docs[name], unit };
});

/** Columns of the event's view, in the order of an inserted row: ts, cpu, pid, tid, its fields. */
export function eventColumns(event: EventSchema): readonly EventColumn[] {
	return [
		...BASE_COLUMNS,
		...event.fields.map((field) => ({
			name: field.name,
			type: columnType(field),
			notNull: true,
			doc: field.doc,
			unit: field.unit,
		})),
	];
}

/** Row table of an event that no tracker has a better table for. */
export function eventTableName(event: EventSchema): string {
	return `event_${event.name}`;
}

/** SQL that makes the event's row table and the view over it; works in any SQLite. */
export function eventTableDdl(event: EventSchema): string {
	const columns = eventColumns(event);
	const definitions = [
		`${quoted(EVENT_KEY_COLUMN)} INTEGER PRIMARY KEY`,
		...columns.map(
			({ name, type, notNull }) => `${quoted(name)} ${type}${notNull ? " NOT NULL" : ""}`,
		),
	];
	const table = quoted(eventTableName(event));
	return [
		`CREATE TABLE ${table} (\n\t${definitions.join(",\n\t")}\n);`,
		`CREATE VIEW ${quoted(event.view)} AS\n\tSELECT ${names(columns)}\n\tFROM ${table};\n`,
	].join("\n");
}

/** Statement that inserts one row: a parameter for each of eventColumns. */
export function eventInsert(event: EventSchema): string {
	const columns = eventColumns(event);
	const parameters = columns.map(() => "?").join(", ");
	return `INSERT INTO ${quoted(eventTableName(event))} (${names(columns)}) VALUES (${parameters})`;
}

/** What SQLite can hold: its integers are signed, and it has no arrays. */
export type SqlValue = number | bigint | string | Buffer;

/**
 * An integer as SQLite keeps it. Unsigned values from 2^63 wrap to the negative number of the same
 * 64 bits, so that an address or a flag word stays exact; `printf('%x', column)` shows it unsigned.
 */
export function toSqlInteger(value: number | bigint): number | bigint {
	return typeof value === "bigint" ? BigInt.asIntN(64, value) : value;
}

/** A decoded value as a column holds it; an array becomes JSON text of its toSqlInteger values. */
export function toSqlValue(value: DecodedValue): SqlValue {
	if (typeof value === "string" || Buffer.isBuffer(value)) return value;
	if (typeof value === "number" || typeof value === "bigint") return toSqlInteger(value);
	return `[${value.map(toSqlInteger).join(",")}]`;
}

function columnType(field: FieldSchema): EventColumn["type"] {
	switch (field.kind) {
		case "fixed":
			return "INTEGER";
		case "chars":
			return field.text ? "TEXT" : "BLOB";
		case "tail":
			return field.type === "bytes" ? "BLOB" : "TEXT";
		default:
			return assertUnreachable(field);
	}
}

function names(columns: readonly EventColumn[]): string {
	return columns.map((column) => quoted(column.name)).join(", ");
}

/** A session's own schema may use a word that became a keyword since. */
function quoted(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}
