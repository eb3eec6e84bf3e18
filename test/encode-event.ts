import { assertUnreachable, present } from "../src/base/assert.js";
import type {
	EventSchema,
	FieldSchema,
	FixedField,
	TailField,
} from "../src/schema/event-schema.js";
import type { DecodedValue } from "../src/schema/values.js";

/**
 * The payload a probe would have written for these values, in the order of the schema's fields.
 * Written without the decoder's code, so that the two hold each other to the schema.
 */
export function encodePayload(schema: EventSchema, values: readonly DecodedValue[]): Uint8Array {
	const tails = schema.fields.flatMap((field, index) =>
		field.kind === "tail" ? [{ field, bytes: tailBytes(field, valueAt(values, index)) }] : [],
	);
	const fixed = Buffer.alloc(schema.fixedLength);
	for (const [index, field] of schema.fields.entries()) {
		writeFixed(fixed, field, valueAt(values, index));
	}
	for (const { field, bytes } of tails) {
		if (field.lengthOffset !== undefined) fixed.writeUInt16LE(bytes.length, field.lengthOffset);
	}
	return Buffer.concat([fixed, ...tails.map((tail) => tail.bytes)]);
}

function valueAt(values: readonly DecodedValue[], index: number): DecodedValue {
	return present(values[index], `value ${index}`);
}

function writeFixed(into: Buffer, field: FieldSchema, value: DecodedValue): void {
	switch (field.kind) {
		case "fixed":
			if (typeof value !== "number" && typeof value !== "bigint") throw wrong(field);
			writeInteger(into, field, value);
			break;
		case "chars": {
			const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
			if (!Buffer.isBuffer(bytes) || bytes.length > field.size) throw wrong(field);
			bytes.copy(into, field.offset);
			break;
		}
		case "tail":
			break;
		default:
			assertUnreachable(field);
	}
}

function writeInteger(into: Buffer, field: FixedField, value: number | bigint): void {
	const { offset, type } = field;
	switch (type) {
		case "u8":
			into.writeUInt8(Number(value), offset);
			break;
		case "s8":
			into.writeInt8(Number(value), offset);
			break;
		case "u16":
			into.writeUInt16LE(Number(value), offset);
			break;
		case "s16":
			into.writeInt16LE(Number(value), offset);
			break;
		case "u32":
			into.writeUInt32LE(Number(value), offset);
			break;
		case "s32":
			into.writeInt32LE(Number(value), offset);
			break;
		case "u64":
			into.writeBigUInt64LE(BigInt(value), offset);
			break;
		case "s64":
			into.writeBigInt64LE(BigInt(value), offset);
			break;
		default:
			assertUnreachable(type);
	}
}

function tailBytes(field: TailField, value: DecodedValue): Buffer {
	if (field.type === "string" && typeof value === "string") return Buffer.from(value, "utf8");
	if (field.type === "bytes" && Buffer.isBuffer(value)) return value;
	if (field.type !== "u64[]" || typeof value !== "object" || Buffer.isBuffer(value)) {
		throw wrong(field);
	}
	const bytes = Buffer.alloc(value.length * 8);
	for (const [index, element] of value.entries())
		bytes.writeBigUInt64LE(BigInt(element), index * 8);
	return bytes;
}

function wrong(field: FieldSchema): TypeError {
	return new TypeError(`not a value of ${field.name}`);
}
