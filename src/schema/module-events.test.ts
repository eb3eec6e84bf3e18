import { describe, expect, it } from "vitest";
import { BUILTIN_EVENTS } from "./generated/builtin-events.js";
import { moduleEvents } from "./module-events.js";
import { parseProto } from "./parse-proto.js";
import { schemaToJson } from "./schema-json.js";

const TEXT = `syntax = "proto3";
message my_event { fixed64 size = 1; string owner = 2; }
message other_event { fixed32 number = 1; }`;
const EVENTS = parseProto([{ path: "mine.proto", text: TEXT }], BUILTIN_EVENTS);
const JSON_TEXT = schemaToJson(EVENTS);
const KLOG = BUILTIN_EVENTS.filter(({ name }) => name.startsWith("klog"));

const merge = (json: string, source = "mine", firstEventId: number = 2000) =>
	moduleEvents([{ source, firstEventId, json }], BUILTIN_EVENTS);

describe("moduleEvents", () => {
	it("adds a module's events under the numbers they are recorded with", () => {
		const events = merge(JSON_TEXT);
		expect(events.slice(0, BUILTIN_EVENTS.length)).toEqual(BUILTIN_EVENTS);
		expect(events.slice(BUILTIN_EVENTS.length)).toEqual(
			EVENTS.map((event, index) => ({ ...event, id: 2000 + index })),
		);
	});

	it("knows our own events again when a module brings them", () => {
		expect(merge(schemaToJson(KLOG), "klog", 60)).toEqual(BUILTIN_EVENTS);
	});

	it("takes two sources with different events", () => {
		const [first] = EVENTS;
		const again = schemaToJson([
			{ ...(first as (typeof EVENTS)[0]), name: "third", view: "third" },
		]);
		const modules = [
			{ source: "mine", firstEventId: 1000, json: JSON_TEXT },
			{ source: "yours", firstEventId: 1002, json: again },
		];
		expect(
			moduleEvents(modules, BUILTIN_EVENTS)
				.slice(-3)
				.map(({ id, name }) => [id, name]),
		).toEqual([
			[1000, "my_event"],
			[1001, "other_event"],
			[1002, "third"],
		]);
	});
});

describe("a module that is not to be believed", () => {
	it.each([
		["is no JSON", "{", /cannot be understood/],
		["is no list", "{}", /it is not a list/],
		["lists what is no event", "[1]", /it is not an object/],
		[
			"claims a view of ours",
			JSON_TEXT.replace('view":"my_event', 'view":"losses'),
			/claims the view losses/,
		],
		[
			"has the name of a view of ours",
			JSON_TEXT.replaceAll('"my_event"', '"losses"'),
			/built-in view/,
		],
		[
			"has the name of an event of ours",
			JSON_TEXT.replaceAll('"my_event"', '"sched_process_exit"'),
			/not the same as Relayscope's own/,
		],
		[
			"has another idea of an event of ours",
			schemaToJson(KLOG).replaceAll('"text"', '"line"'),
			/klog_printk is not the same as Relayscope's own/,
			"klog",
			60,
		],
		[
			"lies about a place",
			JSON_TEXT.replace('"offset":4', '"offset":4000'),
			/outside the fixed part/,
		],
		[
			"is laid out as a message",
			JSON_TEXT.replace('"headerLength":12', '"headerLength":24'),
			/not laid out as a record/,
		],
		["runs out of numbers", JSON_TEXT, /`id` is not 1 to 65535/, "mine", 65_535],
	] as const)("%s", (_what, json, problem, source?: string, first?: number) => {
		expect(() => merge(json, source, first)).toThrow(
			expect.objectContaining({
				code: "BAD_SCHEMA",
				message: expect.stringMatching(problem),
				hint: expect.stringMatching(/relayscope gen --c/),
			}),
		);
	});
});
