import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryEvent } from "../../test/arbitrary-event.js";
import { RelayscopeError } from "../base/error.js";
import { compileDecoder } from "./decoder.js";
import { BUILTIN_EVENTS } from "./generated/builtin-events.js";
import { schemaFromJson, schemaToJson } from "./schema-json.js";
import { eventTableDdl } from "./table-ddl.js";

function codeOf(json: string): string {
	try {
		schemaFromJson(json);
	} catch (error) {
		if (error instanceof RelayscopeError) return error.code;
		throw error;
	}
	return "accepted";
}

const EXEC = BUILTIN_EVENTS.filter((event) => event.name === "task_exec");

describe("schemaFromJson", () => {
	it("gives back what was written", () => {
		expect(schemaFromJson(schemaToJson(BUILTIN_EVENTS))).toEqual(BUILTIN_EVENTS);
		fc.assert(
			fc.property(arbitraryEvent(), (event) => {
				expect(schemaFromJson(schemaToJson([event]))).toEqual([event]);
			}),
		);
	});

	it("takes no file for a session that is not JSON", () => {
		expect(codeOf("")).toBe("NOT_A_SESSION");
		expect(codeOf("[{")).toBe("NOT_A_SESSION");
	});

	it.each([
		["no list", (): unknown => ({})],
		["an event that is none", (): unknown => [null]],
		["an id out of range", (e: object): unknown => [{ ...e, id: 70000 }]],
		["one id twice", (e: object): unknown => [e, { ...e, name: "other", view: "other" }]],
		["one name twice", (e: object): unknown => [e, { ...e, id: 1 }]],
		["a name with SQL in it", (e: object): unknown => [{ ...e, name: 'x"; DROP TABLE y;--' }]],
		["a view that is not there", (e: object): unknown => [{ ...e, view: "sqlite_master" }]],
		["a built-in view's name", (e: object): unknown => [{ ...e, name: "losses", view: "losses" }]],
		["a header of no transport", (e: object): unknown => [{ ...e, headerLength: 16 }]],
		["a fixed part shorter than its fields", (e: object): unknown => [{ ...e, fixedLength: 40 }]],
		["a fixed part of any size", (e: object): unknown => [{ ...e, fixedLength: 1e9 }]],
		["fields that are no list", (e: object): unknown => [{ ...e, fields: { length: 1 } }]],
	])("refuses %s", (_what, change) => {
		expect(codeOf(JSON.stringify(change({ ...EXEC[0] })))).toBe("BAD_SCHEMA");
	});

	it.each([
		[{ name: "ts" }],
		[{ name: "__proto__" }],
		[{ name: 1 }],
		[{ name: "old_tid" }],
		[{ kind: "float" }],
		[{ type: "f64" }],
		[{ offset: -1 }],
		[{ offset: 1.5 }],
		[{ offset: "0); process.exit(1); (0" }],
		[{ offset: 4000 }],
		[{ doc: undefined }],
		[{ unit: 5 }],
		[{ kind: "chars", text: 1, size: 4 }],
		[{ kind: "chars", text: true, size: 0 }],
		[{ kind: "tail", type: "u32[]" }],
		[{ kind: "tail", type: "u64[]" }],
	])("refuses a field with %j", (change) => {
		const [event] = EXEC;
		const fields = event?.fields.map((field, index) =>
			index === 0 ? { ...field, ...change } : field,
		);
		expect(codeOf(JSON.stringify([{ ...event, fields }]))).toBe("BAD_SCHEMA");
	});

	it("never crashes on foreign JSON, and what it accepts can be used", () => {
		const whole = JSON.parse(schemaToJson(EXEC)) as unknown;
		fc.assert(
			fc.property(fc.json(), fc.nat(), (json, where) => {
				const events = accepted(replacedAt(whole, where, JSON.parse(json) as unknown));
				for (const event of events) {
					eventTableDdl(event);
					const bytes = new Uint8Array(event.fixedLength);
					compileDecoder(event).decode(new DataView(bytes.buffer), bytes, 0, bytes.length);
				}
			}),
			{ numRuns: 2000 },
		);
	});
});

function accepted(value: unknown): ReturnType<typeof schemaFromJson> {
	try {
		return schemaFromJson(JSON.stringify(value));
	} catch (error) {
		if (error instanceof RelayscopeError) return [];
		throw error;
	}
}

/** The JSON value with its n-th node, counted over and over, put in another's place. */
function replacedAt(root: unknown, n: number, other: unknown): unknown {
	let left = n % countNodes(root);
	const walk = (node: unknown): unknown => {
		if (left-- === 0) return other;
		if (Array.isArray(node)) return node.map(walk);
		if (typeof node !== "object" || node === null) return node;
		return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value)]));
	};
	return walk(root);
}

function countNodes(node: unknown): number {
	if (typeof node !== "object" || node === null) return 1;
	return Object.values(node).reduce((sum: number, value) => sum + countNodes(value), 1);
}
