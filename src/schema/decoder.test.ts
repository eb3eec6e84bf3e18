import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryEventAndValues } from "../../test/arbitrary-event.js";
import { encodePayload } from "../../test/encode-event.js";
import { present } from "../base/assert.js";
import { compileDecoder, type DecodedValues } from "./decoder.js";
import type { EventSchema } from "./event-schema.js";
import { tailsOf } from "./layout.js";
import { parseProto } from "./parse-proto.js";

/** Decodes as it happens in a session: somewhere inside a larger array, among other records. */
function decodeAmid(schema: EventSchema, payload: Uint8Array): DecodedValues | undefined {
	const before = 20;
	const bytes = new Uint8Array(before + payload.length + 64).fill(0xa5);
	bytes.set(payload, before);
	const view = new DataView(bytes.buffer);
	return compileDecoder(schema).decode(view, bytes, before, payload.length);
}

function declare(fields: string): EventSchema {
	const text = `syntax = "proto3"; message sample { option (event_id) = 1000; ${fields} }`;
	return present(parseProto([{ path: "sample.proto", text }])[0], "sample");
}

describe("compileDecoder", () => {
	it("gives back every value of every event", () => {
		fc.assert(
			fc.property(arbitraryEventAndValues(), ({ schema, values }) => {
				expect(decodeAmid(schema, encodePayload(schema, values))).toEqual(values);
			}),
			{ numRuns: 400 },
		);
	});

	it("refuses every cut that takes more than the end of the last variable field", () => {
		fc.assert(
			fc.property(arbitraryEventAndValues(), ({ schema, values }) => {
				const payload = encodePayload(schema, values);
				const last = tailsOf(schema.fields).at(-1);
				const rest = last === undefined ? 0 : lengthOf(values[schema.fields.indexOf(last)]);
				for (let cut = 0; cut < payload.length; cut++) {
					const decoded = decodeAmid(schema, payload.subarray(0, cut));
					const torn = last?.type === "u64[]" && (payload.length - cut) % 8 !== 0;
					if (cut < payload.length - rest || torn) expect(decoded).toBeUndefined();
					else expect(decoded).toHaveLength(values.length);
				}
			}),
			{ numRuns: 100 },
		);
	});

	it("never throws on bytes that are no record", () => {
		fc.assert(
			fc.property(
				arbitraryEventAndValues(),
				fc.uint8Array({ maxLength: 200 }),
				({ schema }, garbage) => {
					const decoded = decodeAmid(schema, garbage);
					if (garbage.length < schema.fixedLength) expect(decoded).toBeUndefined();
				},
			),
			{ numRuns: 400 },
		);
	});

	it("refuses a place outside the memory it is given", () => {
		const decoder = compileDecoder(declare("fixed32 a = 1; string rest = 2;"));
		const bytes = new Uint8Array(8);
		const view = new DataView(bytes.buffer);
		expect(decoder.decode(view, bytes, 0, 8)).toEqual([0, ""]);
		expect(decoder.decode(view, bytes, 4, 8)).toBeUndefined();
		expect(decoder.decode(view, bytes, -4, 8)).toBeUndefined();
	});

	it("ends text at its first NUL and replaces what is not UTF-8", () => {
		const schema = declare("string comm = 1 [(size) = 6]; string rest = 2;");
		const payload = Buffer.from("ab\0zz\0cd\xff\0stale", "latin1");
		expect(decodeAmid(schema, payload)).toEqual(["ab", "cd\ufffd"]);
	});

	it("copies bytes out of memory that is reused", () => {
		const schema = declare("bytes rest = 1;");
		const bytes = Uint8Array.from([1, 2, 3]);
		const view = new DataView(bytes.buffer);
		const decoded = compileDecoder(schema).decode(view, bytes, 0, 3);
		bytes.fill(9);
		expect(decoded).toEqual([Buffer.from([1, 2, 3])]);
	});

	it("reads a payload that has grown since its schema was written", () => {
		const schema = declare("fixed32 a = 1;");
		expect(decodeAmid(schema, Uint8Array.from([7, 0, 0, 0, 1, 2, 3]))).toEqual([7]);
	});
});

function lengthOf(value: unknown): number {
	if (typeof value === "string") return Buffer.byteLength(value);
	if (Buffer.isBuffer(value)) return value.length;
	return Array.isArray(value) ? value.length * 8 : 0;
}
