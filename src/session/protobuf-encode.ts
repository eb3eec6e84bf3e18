/**
 * Encodes protobuf messages by their descriptor, on protobufjs' wire writer. protobufjs' own
 * messages compile an encoder for each type when first used, which costs a recording that starts
 * more than everything else; ours are few and written thrice. 64-bit values are bigint.
 */
import protobuf from "protobufjs/minimal.js";
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

/** `value` must be of the message's shape: its fields by name, absent ones undefined. */
export function encodeMessage(types: Descriptors, name: string, value: object): Uint8Array {
	const writer = protobuf.Writer.create();
	writeFields(types, name, value, writer);
	return writer.finish();
}

function writeFields(
	types: Descriptors,
	name: string,
	value: object,
	writer: protobuf.Writer,
): void {
	const values = new Map<string, unknown>(Object.entries(value));
	for (const [key, field] of Object.entries(messageOf(types, name).fields)) {
		const item = values.get(key);
		if (item === undefined) continue;
		const { id, type } = field;
		if (!Array.isArray(item)) writeOne(types, field, item, writer);
		else if (!isScalar(type) || wireTypeOf(type) === DELIMITED) {
			for (const one of item) writeOne(types, field, one, writer);
		} else if (item.length > 0) {
			writer.uint32((id << 3) | DELIMITED).fork();
			for (const one of item) writeScalar(type, one, writer);
			writer.ldelim();
		}
	}
}

function writeOne(
	types: Descriptors,
	{ id, type }: FieldDescriptor,
	value: unknown,
	writer: protobuf.Writer,
): void {
	writer.uint32((id << 3) | wireTypeOf(type));
	if (isScalar(type)) {
		writeScalar(type, value, writer);
		return;
	}
	writer.fork();
	writeFields(types, type, value as object, writer);
	writer.ldelim();
}

function writeScalar(type: FieldType, value: unknown, writer: protobuf.Writer): void {
	switch (type) {
		case "uint32":
			writer.uint32(value as number);
			break;
		case "bool":
			writer.bool(value as boolean);
			break;
		case "string":
			writer.string(value as string);
			break;
		case "bytes":
			writer.bytes(value as Uint8Array);
			break;
		case "fixed64": {
			// Two halves: the writer takes a 64-bit value as a double or as its own Long.
			const bits = value as bigint;
			writer.fixed32(Number(bits & 0xffffffffn)).fixed32(Number(bits >> 32n));
			break;
		}
		default:
			assertUnreachable(type);
	}
}
