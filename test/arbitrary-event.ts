import fc from "fast-check";
import { assertUnreachable, present } from "../src/base/assert.js";
import type { EventSchema, FieldSchema } from "../src/schema/event-schema.js";
import { parseProto } from "../src/schema/parse-proto.js";
import type { DecodedValue } from "../src/schema/values.js";

/** Any event that can be declared, by way of its .proto text. */
export function arbitraryEvent(id = 1000): fc.Arbitrary<EventSchema> {
	return fc
		.record({
			bufflink: fc.boolean(),
			fields: fc.array(arbitraryField, { maxLength: 12 }),
			array: fc.boolean(),
		})
		.map(({ bufflink, fields, array }) => {
			const firstTail = fields.findIndex((field) => /^(?:string|bytes) NAME = N;$/.test(field));
			const at = firstTail < 0 ? fields.length : firstTail;
			const all = array ? fields.toSpliced(at, 0, "repeated fixed64 NAME = N;") : fields;
			const lines = all.map((field, index) =>
				field.replace("NAME", `field_${index}`).replace("N", String(index + 1)),
			);
			const text = `syntax = "proto3";
message any_event_${id} {
	option (event_id) = ${id};
	option (bufflink) = ${bufflink};
	${lines.join("\n\t")}
}`;
			return present(parseProto([{ path: "any.proto", text }])[0], "the event");
		});
}

const arbitraryField: fc.Arbitrary<string> = fc.oneof(
	fc.constantFrom(
		"fixed32 NAME = N;",
		"sfixed32 NAME = N;",
		"fixed32 NAME = N [(bits) = 8];",
		"sfixed32 NAME = N [(bits) = 8];",
		"fixed32 NAME = N [(bits) = 16];",
		"sfixed32 NAME = N [(bits) = 16];",
		"fixed64 NAME = N;",
		'sfixed64 NAME = N [(unit) = "ns"];',
		"string NAME = N;",
		"bytes NAME = N;",
	),
	fc
		.tuple(fc.constantFrom("string", "bytes"), fc.integer({ min: 1, max: 40 }))
		.map(([type, size]) => `${type} NAME = N [(size) = ${size}];`),
);

/** Values that a record of the event can hold, as the decoder gives them. */
export function arbitraryValues(schema: EventSchema): fc.Arbitrary<readonly DecodedValue[]> {
	return fc.tuple(...schema.fields.map(arbitraryValue));
}

export function arbitraryEventAndValues(): fc.Arbitrary<{
	readonly schema: EventSchema;
	readonly values: readonly DecodedValue[];
}> {
	return arbitraryEvent().chain((schema) =>
		arbitraryValues(schema).map((values) => ({ schema, values })),
	);
}

function arbitraryValue(field: FieldSchema): fc.Arbitrary<DecodedValue> {
	switch (field.kind) {
		case "fixed": {
			const bits = Number(field.type.slice(1));
			const signed = field.type.startsWith("s");
			const min = signed ? -(1n << BigInt(bits - 1)) : 0n;
			const max = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
			return integers(min, max);
		}
		case "chars":
			return field.text ? text(field.size) : bytes(field.size, field.size);
		case "tail": {
			const { type } = field;
			switch (type) {
				case "string":
					return text(300);
				case "bytes":
					return bytes(0, 300);
				case "u64[]":
					return fc.array(integers(0n, 2n ** 64n - 1n), { maxLength: 8 });
				default:
					return assertUnreachable(type);
			}
		}
		default:
			return assertUnreachable(field);
	}
}

function integers(min: bigint, max: bigint): fc.Arbitrary<number | bigint> {
	const exact = BigInt(Number.MAX_SAFE_INTEGER);
	const edges = [min, max, -exact - 1n, -exact, exact, exact + 1n, 0n, 2n ** 32n, -(2n ** 32n)];
	return fc
		.oneof(fc.bigInt({ min, max }), fc.constantFrom(...edges.filter((n) => n >= min && n <= max)))
		.map((value) => (value >= -exact && value <= exact ? Number(value) : value));
}

function text(maxBytes: number): fc.Arbitrary<string> {
	return fc
		.string({ unit: "grapheme", maxLength: maxBytes })
		.map((value) => value.replaceAll("\0", ""))
		.filter((value) => Buffer.byteLength(value) <= maxBytes);
}

function bytes(minLength: number, maxLength: number): fc.Arbitrary<Buffer> {
	return fc.uint8Array({ minLength, maxLength }).map((value) => Buffer.from(value));
}
