import { assertUnreachable } from "../base/assert.js";
import { RelayscopeError } from "../base/error.js";
import type { EventSchema, FieldSchema, TailField } from "./event-schema.js";
import { tailsOf } from "./layout.js";
import { readBytes, readS64, readText, readU64 } from "./values.js";

/*
 * Single fields of a payload, for code that looks at every record and needs two values of it. Each
 * reader is made once per event and called where only that one is called, so it is inlined.
 * All but the tail readers trust that the payload has at least the schema's fixedLength bytes.
 */

export type FieldReader = (view: DataView, payload: number) => number;
export type Field64Reader = (view: DataView, payload: number) => number | bigint;
/** A string or bytes field; undefined when it runs past the end of the payload. */
export type TextReader = (
	view: DataView,
	bytes: Uint8Array,
	payload: number,
	length: number,
) => string | undefined;
export type BytesReader = (
	view: DataView,
	bytes: Uint8Array,
	payload: number,
	length: number,
) => Buffer | undefined;

/** Where a variable field lies in a payload of `length` bytes. */
export interface TailReader {
	/** Its first byte's offset, of the same origin as `payload`. */
	start(view: DataView, payload: number, length: number): number;
	/** Its bytes; -1 when it runs past the end of the payload. */
	tailLength(view: DataView, payload: number, length: number): number;
}

export function hasField(schema: EventSchema, name: string): boolean {
	return schema.fields.some((field) => field.name === name);
}

/** Reads an integer of up to 32 bits. */
export function fieldReader(schema: EventSchema, name: string): FieldReader {
	const field = fieldNamed(schema, name);
	if (field.kind === "fixed") {
		const { offset, type } = field;
		switch (type) {
			case "u8":
				return (view, payload) => view.getUint8(payload + offset);
			case "s8":
				return (view, payload) => view.getInt8(payload + offset);
			case "u16":
				return (view, payload) => view.getUint16(payload + offset, true);
			case "s16":
				return (view, payload) => view.getInt16(payload + offset, true);
			case "u32":
				return (view, payload) => view.getUint32(payload + offset, true);
			case "s32":
				return (view, payload) => view.getInt32(payload + offset, true);
			case "u64":
			case "s64":
				break;
			default:
				assertUnreachable(type);
		}
	}
	throw wrongField(schema, name, "an integer of up to 32 bits");
}

/** Reads an integer of 64 bits: a number when that is exact, else a bigint. */
export function field64Reader(schema: EventSchema, name: string): Field64Reader {
	const field = fieldNamed(schema, name);
	if (field.kind === "fixed") {
		const { offset } = field;
		if (field.type === "u64") return (view, payload) => readU64(view, payload + offset);
		if (field.type === "s64") return (view, payload) => readS64(view, payload + offset);
	}
	throw wrongField(schema, name, "an integer of 64 bits");
}

/** Reads a string field, of fixed size or variable. */
export function textReader(schema: EventSchema, name: string): TextReader {
	const field = fieldNamed(schema, name);
	if (field.kind === "chars" && field.text) {
		const { offset, size } = field;
		return (_view, bytes, payload) => readText(bytes, payload + offset, payload + offset + size);
	}
	if (field.kind === "tail" && field.type === "string") {
		const tail = tailReader(schema, name);
		return (view, bytes, payload, length) => {
			const size = tail.tailLength(view, payload, length);
			if (size < 0) return undefined;
			const start = tail.start(view, payload, length);
			return readText(bytes, start, start + size);
		};
	}
	throw wrongField(schema, name, "a string");
}

/** Reads a bytes field, of fixed size or variable, into a copy. */
export function bytesReader(schema: EventSchema, name: string): BytesReader {
	const field = fieldNamed(schema, name);
	if (field.kind === "chars" && !field.text) {
		const { offset, size } = field;
		return (_view, bytes, payload) => readBytes(bytes, payload + offset, payload + offset + size);
	}
	if (field.kind === "tail" && field.type === "bytes") {
		const tail = tailReader(schema, name);
		return (view, bytes, payload, length) => {
			const size = tail.tailLength(view, payload, length);
			if (size < 0) return undefined;
			const start = tail.start(view, payload, length);
			return readBytes(bytes, start, start + size);
		};
	}
	throw wrongField(schema, name, "bytes");
}

/** Finds a variable field: an array's values are then read with `readU64`, 8 bytes apart. */
export function tailReader(schema: EventSchema, name: string): TailReader {
	const tails = tailsOf(schema.fields);
	const index = tails.findIndex((tail) => tail.name === name);
	const tail = tails[index];
	if (tail === undefined) throw wrongField(schema, name, "of variable length");
	const { fixedLength } = schema;
	const startOf = startReader(tails.slice(0, index), fixedLength);
	return {
		start: startOf,
		tailLength: lengthReader(tail, fixedLength, startOf),
	};
}

function startReader(before: readonly TailField[], fixedLength: number): TailReader["start"] {
	if (before.length === 0) return (_view, payload) => payload + fixedLength;
	const offsets = before.flatMap((tail) => tail.lengthOffset ?? []);
	return (view, payload) => {
		let start = payload + fixedLength;
		for (const offset of offsets) start += view.getUint16(payload + offset, true);
		return start;
	};
}

function lengthReader(
	tail: TailField,
	fixedLength: number,
	startOf: TailReader["start"],
): TailReader["tailLength"] {
	const { lengthOffset } = tail;
	// Whole elements, and no mask for what has none.
	const mask = tail.type === "u64[]" ? 7 : 0;
	return (view, payload, length) => {
		if (length < fixedLength) return -1;
		const room = payload + length - startOf(view, payload, length);
		const size = lengthOffset === undefined ? room : view.getUint16(payload + lengthOffset, true);
		return size > room || size < 0 || (size & mask) !== 0 ? -1 : size;
	};
}

function fieldNamed(schema: EventSchema, name: string): FieldSchema {
	const field = schema.fields.find((candidate) => candidate.name === name);
	if (field === undefined) throw wrongField(schema, name, "there");
	return field;
}

function wrongField(schema: EventSchema, name: string, wanted: string): RelayscopeError {
	return new RelayscopeError(
		"BAD_SCHEMA",
		`event ${schema.name}: field ${name} is not ${wanted}.`,
		{
			hint: "The session was made by another version of Relayscope: open it with that one.",
		},
	);
}
