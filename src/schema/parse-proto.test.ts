import { describe, expect, it } from "vitest";
import { present } from "../base/assert.js";
import { RelayscopeError } from "../base/error.js";
import type { EventSchema } from "./event-schema.js";
import { BUILTIN_EVENTS } from "./generated/builtin-events.js";
import { parseProto, parseProtoFiles } from "./parse-proto.js";

function parse(body: string, builtin?: readonly EventSchema[]): readonly EventSchema[] {
	return parseProto([{ path: "mine.proto", text: `syntax = "proto3";\n${body}` }], builtin);
}

function event(body: string): EventSchema {
	const events = parse(`message my_event { option (event_id) = 1000; ${body} }`);
	return present(events[0], "my_event");
}

function refusal(run: () => unknown): RelayscopeError {
	try {
		run();
	} catch (error) {
		if (error instanceof RelayscopeError) return error;
		throw error;
	}
	throw new Error("it was accepted");
}

function places(schema: EventSchema): Record<string, number | undefined> {
	return Object.fromEntries(
		schema.fields.map((field) => [
			field.name,
			field.kind === "tail" ? field.lengthOffset : field.offset,
		]),
	);
}

describe("layout", () => {
	it("aligns to the record's start, so an array begins 4 bytes into a sub-buffer's payload", () => {
		const schema = event(
			"fixed32 nr = 1 [(bits) = 16]; fixed32 abi = 2 [(bits) = 8]; repeated fixed64 args = 3;",
		);
		expect(schema).toMatchObject({ headerLength: 12, fixedLength: 4 });
		expect(places(schema)).toEqual({ nr: 0, abi: 2, args: undefined });
	});

	it("aligns to the message's start in a bufflink", () => {
		const schema = event(
			"option (bufflink) = true; fixed32 a = 1 [(bits) = 8]; fixed64 b = 2; sfixed32 c = 3;",
		);
		expect(schema).toMatchObject({ headerLength: 24, fixedLength: 20 });
		expect(places(schema)).toEqual({ a: 0, b: 8, c: 16 });
	});

	it("pads before a 64-bit field for the 12 bytes of a record header", () => {
		expect(places(event("fixed64 a = 1;"))).toEqual({ a: 4 });
	});

	it("keeps the length of a variable field where the field is declared", () => {
		const schema = event(
			"fixed32 a = 1 [(bits) = 8]; string b = 2; fixed32 c = 3 [(bits) = 8]; bytes d = 4;",
		);
		expect(places(schema)).toEqual({ a: 0, b: 2, c: 4, d: undefined });
		expect(schema.fixedLength).toBe(5);
	});

	it("starts bytes right behind the last field, and an array aligned although other tails follow", () => {
		expect(event("fixed32 a = 1 [(bits) = 8]; bytes b = 2;").fixedLength).toBe(1);
		const schema = event("repeated fixed64 a = 1; fixed32 b = 2 [(bits) = 8]; bytes c = 3;");
		expect(places(schema)).toEqual({ a: 0, b: 2, c: undefined });
		expect(schema.fixedLength).toBe(4);
	});

	it("allows an event without fields", () => {
		expect(event("")).toMatchObject({ fields: [], fixedLength: 0, view: "my_event" });
	});
});

describe("documentation", () => {
	it("is the comment above, unwrapped, with its paragraphs", () => {
		const [file] = parseProtoFiles([
			{
				path: "mine.proto",
				text: `// Of the
// file.
syntax = "proto3";

// First line
// goes on.
//
// Second paragraph.
message my_event {
  option (event_id) = 1000;

  // Of the
  // field.
  fixed32 a = 1 [(unit) = "bytes"];
  fixed32 b = 2;
}`,
			},
		]);
		expect(file?.doc).toBe("Of the file.");
		expect(file?.events[0]?.doc).toBe("First line goes on.\n\nSecond paragraph.");
		expect(file?.events[0]?.fields[0]).toMatchObject({ doc: "Of the field.", unit: "bytes" });
		expect(file?.events[0]?.fields[1]).toMatchObject({ doc: "", unit: undefined });
	});
});

describe("a mistake in a field", () => {
	it.each([
		["int32 a = 1;", "type int32 is not supported"],
		["float a = 1;", "type float is not supported"],
		["my_event a = 1;", "type my_event is not supported"],
		["map<string, fixed32> a = 1;", "map field"],
		["repeated fixed32 a = 1;", "repeated field of fixed32"],
		["repeated string a = 1;", "repeated field of string"],
		["optional fixed32 a = 1;", "optional or oneof"],
		["oneof choice { fixed32 a = 1; }", "optional or oneof"],
		["fixed32 a = 1 [(bits) = 0];", "(bits) is 0"],
		["fixed32 a = 1 [(bits) = 12];", "(bits) is 12"],
		["fixed64 a = 1 [(bits) = 32];", "(bits) says nothing about a fixed64"],
		["fixed32 a = 1 [(size) = 4];", "(size) says nothing about a fixed32"],
		["string a = 1 [(size) = 0];", "(size) is 0"],
		["string a = 1 [(size) = 5000];", "(size) is 5000"],
		['string a = 1 [(size) = "4"];', '(size) is "4"'],
		["fixed32 a = 1 [(unit) = 4];", "(unit) is 4"],
		["fixed32 a = 1 [(units) = 4];", "option (units) has no meaning"],
		["fixed32 a = 1 [deprecated = true];", "option deprecated has no meaning"],
		["fixed32 CamelCase = 1;", "not snake_case"],
		["fixed32 toString = 1;", "not snake_case"],
		["fixed32 a__b = 1;", "not snake_case"],
		[`fixed32 ${"a".repeat(49)} = 1;`, "longer than"],
		["fixed32 ts = 1;", "every event has"],
		["fixed32 cpu = 1;", "every event has"],
		["fixed32 pid = 1;", "every event has"],
		["fixed32 tid = 1;", "every event has"],
		["fixed32 rowid = 1;", "row key"],
		["fixed32 order = 1;", "SQL keyword"],
		["fixed32 register = 1;", "in C or C++"],
		["fixed32 current = 1;", "in C or C++"],
		["fixed32 header = 1;", "generated C struct"],
		["fixed32 pad0 = 1;", "generated C struct"],
		["string a = 1; bytes b = 2; fixed32 a_length = 3;", "length of a"],
		["string a = 1; repeated fixed64 b = 2;", "not the first variable field"],
		["repeated fixed64 a = 1; repeated fixed64 b = 2;", "not the first variable field"],
	])("%s", (body, problem) => {
		const error = refusal(() => event(body));
		expect(error.code).toBe("BAD_SCHEMA");
		expect(error.message).toMatch(/^mine\.proto:\d+: event my_event, field \w+: /);
		expect(error.message).toContain(problem);
		expect(error.hint).toMatch(/\.$/);
	});
});

describe("a mistake in an event", () => {
	const big = Array.from({ length: 3 }, (_, i) => `bytes f${i} = ${i + 1} [(size) = 2000];`);
	it.each([
		["message my_event { fixed32 a = 1; }", "no event id"],
		["message my_event { option (event_id) = 0; }", "event id 0 is not 1 to 65535"],
		["message my_event { option (event_id) = 65536; }", "event id 65536 is not"],
		["message my_event { option (event_id) = 1.5; }", "event id 1.5 is not"],
		['message my_event { option (event_id) = "1000"; }', '(event_id) is "1000"'],
		["message my_event { option (event_id) = 1000; option (bufflink) = 1; }", "(bufflink) is 1"],
		["message my_event { option (event_id) = 1000; option (veiw) = 1; }", "option (veiw)"],
		["message MyEvent { option (event_id) = 1000; }", "not snake_case"],
		["message syscalls { option (event_id) = 1000; }", "built-in view"],
		["message losses { option (event_id) = 1000; }", "built-in view"],
		["message event_x { option (event_id) = 1000; }", "internal tables"],
		["message sqlite_x { option (event_id) = 1000; }", "internal tables"],
		["message x_fixed { option (event_id) = 1000; }", "C header"],
		["message table { option (event_id) = 1000; }", "SQL keyword"],
		['message my_event { option (event_id) = 1000; option (view) = "no_such"; }', "no_such"],
		["message my_event { option (event_id) = 1000; enum e { A = 0; } }", "inside the event"],
		["message my_event { option (event_id) = 1000; message m { } }", "inside the event"],
		[`message my_event { option (event_id) = 1000; ${big.join("")} }`, "6012 bytes of a record"],
		[
			"message a { option (event_id) = 1000; } message b { option (event_id) = 1000; }",
			"id 1000 is taken by mine.proto:2: event a",
		],
	])("%s", (body, problem) => {
		const error = refusal(() => parse(body));
		expect(error.code).toBe("BAD_SCHEMA");
		expect(error.message).toMatch(/^mine\.proto:\d+: event \w+: /);
		expect(error.message).toContain(problem);
		expect(error.hint).toMatch(/\.$/);
	});

	it.each([
		["message {", "not a valid .proto file"],
		["message a { fixed32 b = 1; fixed32 b = 2; }", "duplicate name 'b'"],
		["message a { ", "illegal end of input"],
		["enum e { A = 0; }", "e is no message"],
		["service s { }", "s is no message"],
		["message a { fixed32 __proto__ = 1; }", "__proto__ is no name"],
	])("or in a file: %s", (body, problem) => {
		const error = refusal(() => parse(body));
		expect(error.code).toBe("BAD_SCHEMA");
		expect(error.message).toMatch(/^mine\.proto:(\d+:)? /);
		expect(error.message).toContain(problem);
	});
});

describe("a user's events beside Relayscope's own", () => {
	const mine = (name: string, id: number, more = ""): string =>
		`message ${name} { option (event_id) = ${id}; ${more} }`;

	it("are accepted from id 1000", () => {
		expect(parse(mine("my_event", 1000), BUILTIN_EVENTS)).toHaveLength(1);
	});

	it.each([
		[mine("my_event", 999), "below 1000"],
		[mine("task_exec", 1000), "taken by Relayscope"],
		[mine("my_event", 1000, 'option (view) = "syscalls";'), "the view syscalls cannot hold it"],
	])("are refused: %s", (body, problem) => {
		expect(refusal(() => parse(body, BUILTIN_EVENTS)).message).toContain(problem);
	});

	it("may name the options as another package must", () => {
		const body = "package mine; message my_event { option (relayscope.event_id) = 1000; }";
		expect(parse(body, BUILTIN_EVENTS)[0]?.name).toBe("my_event");
	});
});

describe("a user's declarations", () => {
	const refuse = (text: string): RelayscopeError =>
		refusal(() => parseProto([{ path: "mine.proto", text }], BUILTIN_EVENTS));

	it("need no event ids", () => {
		const events = parse("message a {} message b {}", BUILTIN_EVENTS);
		expect(events.map(({ id, name }) => [id, name])).toEqual([
			[1000, "a"],
			[1001, "b"],
		]);
	});

	it.each([
		[
			"a built-in view's name",
			"message losses {\n}",
			"mine.proto:3: event losses: the name is a built",
		],
		[
			"an id of ours",
			"message a {\n  option (event_id) = 999;\n}",
			"mine.proto:3: event a: event ids below",
		],
		[
			"an id twice",
			"message a { option (event_id) = 1000; }\n\nmessage b { option (event_id) = 1000; }",
			"mine.proto:5: event b: id 1000 is taken by mine.proto:3: event a",
		],
		["an event of ours", "message printk {}", "mine.proto:3: event printk: name printk is taken"],
		["a view of ours", 'message a { option (view) = "logs"; }', "mine.proto:3: event a"],
		[
			"a message for the bufflink",
			"message a { option (bufflink) = true; }",
			"mine.proto:3: event a: (bufflink)",
		],
		[
			"a bad field",
			"message a {\n  // message a { fixed32 b = 1; }\n  fixed32 c = 1;\n  int32 b = 2;\n}",
			"mine.proto:6: event a, field b: the type",
		],
		[
			"a fixed part too large for a stack",
			"message a { bytes b = 1 [(size) = 600]; }",
			"mine.proto:3: event a: its fixed part takes 612",
		],
		[
			"too many variable fields",
			`message a { ${Array.from({ length: 17 }, (_, i) => `string f${i} = ${i + 1};`).join(" ")} }`,
			"mine.proto:3: event a: it has 17",
		],
		["no syntax", "message a {\n  fixed32\n}", "mine.proto:5: not a valid .proto file"],
	])("are refused with the line: %s", (_what, body, start) => {
		const error = refuse(`syntax = "proto3";\n\n${body}`);
		expect(error.code).toBe("BAD_SCHEMA");
		expect(error.message.startsWith(start), error.message).toBe(true);
	});
});
