import { RelayscopeError } from "../base/error.js";
import type { EventSchema, FieldSchema, TailField } from "./event-schema.js";
import {
	FIXED_PART_MAX,
	fixedSlots,
	MESSAGE_HEADER_LENGTH,
	RECORD_HEADER_LENGTH,
	tailsOf,
} from "./layout.js";
import { BUILTIN_VIEWS, columnProblem, eventNameProblem } from "./names.js";

/** What a session keeps, so that it can be decoded without the declarations it was made from. */
export function schemaToJson(events: readonly EventSchema[]): string {
	return JSON.stringify(events);
}

/**
 * Reads what schemaToJson wrote, by whatever version, or a file that is no session at all. Offsets
 * are taken as they are, not computed anew: the layout rules may have changed since.
 */
export function schemaFromJson(json: string): readonly EventSchema[] {
	let parsed: unknown;
	try {
		parsed = JSON.parse(json);
	} catch (cause) {
		throw new RelayscopeError("NOT_A_SESSION", "the session's event schema is not JSON.", {
			hint: "The metadata file is damaged or of another program; nothing was changed.",
			cause,
		});
	}
	if (!Array.isArray(parsed)) throw bad("the event schema", "it is not a list");
	const events = parsed.map((event: unknown, index) => readEvent(event, index));
	checkUnique(
		events.map((event) => String(event.id)),
		"event id",
	);
	checkUnique(
		events.map((event) => event.name),
		"event name",
	);
	return events;
}

function readEvent(value: unknown, index: number): EventSchema {
	const where = `event number ${index}`;
	const node = record(value, where);
	const name = text(node, "name", where);
	const place = `event ${JSON.stringify(name.slice(0, 60))}`;
	const view = text(node, "view", place);
	const problem = eventNameProblem(name, view);
	if (problem !== undefined) throw bad(place, `the name ${problem}`);
	if (view !== name && !BUILTIN_VIEWS.includes(view)) throw bad(place, "its view does not exist");
	const headerLength = integer(
		node,
		"headerLength",
		place,
		RECORD_HEADER_LENGTH,
		MESSAGE_HEADER_LENGTH,
	);
	if (headerLength !== RECORD_HEADER_LENGTH && headerLength !== MESSAGE_HEADER_LENGTH) {
		throw bad(place, "its headerLength is that of no header");
	}
	const { fields: list } = node;
	if (!Array.isArray(list)) throw bad(place, "its fields are not a list");
	const event: EventSchema = {
		name,
		id: integer(node, "id", place, 1, 65_535),
		doc: text(node, "doc", place),
		fields: list.map((field: unknown) => readField(field, place)),
		fixedLength: integer(node, "fixedLength", place, 0, FIXED_PART_MAX - headerLength),
		headerLength,
		view,
	};
	checkUnique(
		event.fields.map((field) => field.name),
		`${place}: field`,
	);
	checkPlaces(event, place);
	return event;
}

function readField(value: unknown, event: string): FieldSchema {
	const node = record(value, `${event}: a field`);
	const name = text(node, "name", `${event}: a field`);
	const place = `${event}, field ${JSON.stringify(name.slice(0, 60))}`;
	const problem = columnProblem(name);
	if (problem !== undefined) throw bad(place, `the name ${problem}`);
	const optional = (key: string): string | undefined =>
		node[key] === undefined ? undefined : text(node, key, place);
	const base = { name, doc: text(node, "doc", place), unit: optional("unit") };
	const offset = (key: string): number => integer(node, key, place, 0, FIXED_PART_MAX);
	const kind = oneOf(node, "kind", place, ["fixed", "chars", "tail"]);
	if (kind === "fixed") {
		const types = ["u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64"] as const;
		return { kind, type: oneOf(node, "type", place, types), offset: offset("offset"), ...base };
	}
	if (kind === "chars") {
		const { text: isText } = node;
		if (typeof isText !== "boolean") throw bad(place, "`text` is not true or false");
		const size = integer(node, "size", place, 1, FIXED_PART_MAX);
		return { kind, text: isText, offset: offset("offset"), size, ...base };
	}
	const type = oneOf(node, "type", place, ["string", "bytes", "u64[]"]);
	const { lengthOffset: has } = node;
	const lengthOffset = has === undefined ? undefined : offset("lengthOffset");
	return { kind, type, lengthOffset, ...base };
}

/** What the decoder relies on: it reads the fixed part without further checks. */
function checkPlaces(event: EventSchema, place: string): void {
	for (const slot of fixedSlots(event.fields)) {
		if (slot.offset + slot.size > event.fixedLength) {
			throw bad(place, `${slot.name} lies outside the fixed part`);
		}
	}
	tailsOf(event.fields).forEach((tail: TailField, index, tails) => {
		const last = index === tails.length - 1;
		if ((tail.lengthOffset === undefined) !== last) {
			throw bad(place, `${tail.name}: every variable field but the last has a length`);
		}
		if (tail.type === "u64[]" && index > 0) throw bad(place, `${tail.name} is not the first tail`);
	});
}

function checkUnique(names: readonly string[], what: string): void {
	const seen = new Set<string>();
	for (const name of names) {
		if (seen.has(name)) throw bad(what, `${name} is there twice`);
		seen.add(name);
	}
}

type Node = Readonly<Record<string, unknown>>;

function record(value: unknown, place: string): Node {
	if (typeof value !== "object" || value === null) throw bad(place, "it is not an object");
	// Own properties only: a foreign file has no say in what an object inherits.
	return Object.assign(Object.create(null), value) as Node;
}

function text(node: Node, key: string, place: string): string {
	const value = node[key];
	if (typeof value !== "string") throw bad(place, `\`${key}\` is not text`);
	return value;
}

function integer(node: Node, key: string, place: string, least: number, most: number): number {
	const value = node[key];
	if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
		throw bad(place, `\`${key}\` is not ${least} to ${most}`);
	}
	return value;
}

function oneOf<T extends string>(node: Node, key: string, place: string, all: readonly T[]): T {
	const value = all.find((candidate) => candidate === node[key]);
	if (value === undefined) throw bad(place, `\`${key}\` is not one of ${all.join(", ")}`);
	return value;
}

function bad(place: string, problem: string): RelayscopeError {
	return new RelayscopeError("BAD_SCHEMA", `${place}: ${problem}.`, {
		hint: "The session's metadata is damaged, or of a newer Relayscope: update, or record again.",
	});
}
