/**
 * Decodes protobuf messages by their descriptor. On a wire reader of its own: loading protobufjs
 * takes longer than everything else that a question needs of the session. 64-bit values are bigint.
 */
import { assertUnreachable } from "../base/assert.js";
import {
	DELIMITED,
	type Descriptors,
	type FieldDescriptor,
	type FieldType,
	isScalar,
	messageOf,
	wireTypeOf,
} from "./protobuf-descriptor.js";
import { WireReader } from "./wire-reader.js";

/**
 * Every field of the message present: scalars at their default, lists empty; an absent message is
 * undefined. Unknown fields are skipped. @throws on bytes that are not protobuf.
 */
export function decodeMessage(types: Descriptors, name: string, bytes: Uint8Array): object {
	return readFields(types, name, new WireReader(bytes), bytes.length);
}

function readFields(types: Descriptors, name: string, reader: WireReader, end: number): object {
	const { fields } = messageOf(types, name);
	const values: Record<string, unknown> = {};
	const byId = new Map<number, [string, FieldDescriptor]>();
	for (const [key, field] of Object.entries(fields)) {
		byId.set(field.id, [key, field]);
		values[key] = field.rule === "repeated" ? [] : defaultOf(field.type);
	}
	while (reader.position < end) {
		const tag = reader.varint32();
		const [key, field] = byId.get(tag >>> 3) ?? [];
		if (key === undefined || field === undefined) {
			reader.skip(tag & 7);
			continue;
		}
		const found = readField(types, field, tag & 7, reader);
		const list = values[key];
		if (field.rule === "repeated" && Array.isArray(list)) list.push(...found);
		else values[key] = found[0];
	}
	if (reader.position !== end) throw new RangeError("a field runs past the end of its message");
	return values;
}

/** The values that one tag brings: several when packed. */
function readField(
	types: Descriptors,
	{ type }: FieldDescriptor,
	wire: number,
	reader: WireReader,
): unknown[] {
	if (isScalar(type) && wire === wireTypeOf(type)) return [readScalar(type, reader)];
	if (wire !== DELIMITED) throw new RangeError(`wire type ${wire} of a ${type}`);
	const end = reader.varint32() + reader.position;
	if (!isScalar(type)) return [readFields(types, type, reader, end)];
	const values: unknown[] = [];
	while (reader.position < end) values.push(readScalar(type, reader));
	return values;
}

function readScalar(type: FieldType, reader: WireReader): unknown {
	switch (type) {
		case "uint32":
			return reader.varint32();
		case "bool":
			return reader.varint32() !== 0;
		case "string":
			return reader.text();
		case "bytes":
			return reader.bytes();
		case "fixed64":
			return reader.fixed64();
		default:
			return assertUnreachable(type);
	}
}

function defaultOf(type: string): unknown {
	if (!isScalar(type)) return undefined;
	switch (type) {
		case "uint32":
			return 0;
		case "bool":
			return false;
		case "string":
			return "";
		case "bytes":
			return new Uint8Array();
		case "fixed64":
			return 0n;
		default:
			return assertUnreachable(type);
	}
}
