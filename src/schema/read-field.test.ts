import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryEventAndValues } from "../../test/arbitrary-event.js";
import { encodePayload } from "../../test/encode-event.js";
import { compileDecoder } from "./decoder.js";
import type { EventSchema, FieldSchema } from "./event-schema.js";
import {
	bytesReader,
	field64Reader,
	fieldReader,
	hasField,
	tailReader,
	textReader,
} from "./read-field.js";
import { type DecodedValue, readU64Array } from "./values.js";

interface Payload {
	readonly bytes: Uint8Array;
	readonly view: DataView;
	readonly at: number;
	readonly length: number;
}

function placed(payload: Uint8Array): Payload {
	const at = 12;
	const bytes = new Uint8Array(at + payload.length + 8).fill(0xa5);
	bytes.set(payload, at);
	return { bytes, view: new DataView(bytes.buffer), at, length: payload.length };
}

function readAlone(
	schema: EventSchema,
	field: FieldSchema,
	{ view, bytes, at, length }: Payload,
): DecodedValue | undefined {
	if (field.kind === "fixed") {
		const wide = field.type.endsWith("64");
		return (wide ? field64Reader : fieldReader)(schema, field.name)(view, at);
	}
	if (field.kind === "chars" ? field.text : field.type === "string") {
		return textReader(schema, field.name)(view, bytes, at, length);
	}
	if (field.kind === "chars" || field.type === "bytes") {
		return bytesReader(schema, field.name)(view, bytes, at, length);
	}
	const tail = tailReader(schema, field.name);
	const size = tail.tailLength(view, at, length);
	if (size < 0) return undefined;
	const start = tail.start(view, at, length);
	return readU64Array(view, start, start + size);
}

describe("field readers", () => {
	it("read what the decoder reads", () => {
		fc.assert(
			fc.property(arbitraryEventAndValues(), ({ schema, values }) => {
				const payload = placed(encodePayload(schema, values));
				const alone = schema.fields.map((field) => readAlone(schema, field, payload));
				expect(alone).toEqual(values);
			}),
		);
	});

	it("find a variable field out of bounds exactly when the decoder refuses the payload", () => {
		fc.assert(
			fc.property(arbitraryEventAndValues(), fc.nat(), ({ schema, values }, nat) => {
				const whole = encodePayload(schema, values);
				const cut = placed(whole.subarray(0, nat % (whole.length + 1)));
				const tails = schema.fields.filter((field) => field.kind === "tail");
				if (tails.length === 0) return;
				const bad = tails.some(
					(tail) => tailReader(schema, tail.name).tailLength(cut.view, cut.at, cut.length) < 0,
				);
				const decoded = compileDecoder(schema).decode(cut.view, cut.bytes, cut.at, cut.length);
				expect(bad).toBe(decoded === undefined);
			}),
		);
	});

	it("refuse a field that this session's schema has not or has otherwise", () => {
		const schema: EventSchema = {
			name: "sample",
			id: 1000,
			doc: "",
			fields: [{ kind: "fixed", type: "u64", name: "wide", doc: "", unit: undefined, offset: 4 }],
			fixedLength: 12,
			headerLength: 12,
			view: "sample",
		};
		expect(hasField(schema, "wide")).toBe(true);
		expect(hasField(schema, "narrow")).toBe(false);
		const unusable = { code: "BAD_SCHEMA", message: expect.stringContaining("event sample") };
		for (const make of [fieldReader, textReader, bytesReader, tailReader]) {
			expect(() => make(schema, "wide")).toThrow(expect.objectContaining(unusable));
		}
		expect(() => field64Reader(schema, "narrow")).toThrow(expect.objectContaining(unusable));
	});
});
