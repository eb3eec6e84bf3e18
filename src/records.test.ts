import { afterEach, describe, expect, it } from "vitest";
import { TracedSession } from "../test/traced-session.js";
import { readRecords } from "./records.js";
import { BUILTIN_EVENTS } from "./schema/generated/builtin-events.js";
import { parseProto } from "./schema/parse-proto.js";

const TEXT = `syntax = "proto3";
message my_event { fixed64 size = 1; string owner = 2; }
message other_event { fixed32 number = 1; }`;
const EVENTS = parseProto([{ path: "mine.proto", text: TEXT }], BUILTIN_EVENTS);

const sessions: TracedSession[] = [];
afterEach(() => {
	for (const session of sessions.splice(0)) session.remove();
});

function written(): TracedSession {
	const session = new TracedSession({}, [...BUILTIN_EVENTS, ...EVENTS]);
	sessions.push(session);
	session.fork(1, 5, 7, { comm: "a" });
	session.event(1, 30, 7, "my_event", 2n ** 60n, "later");
	session.event(0, 20, 8, "my_event", 512, "earlier");
	session.event(0, 25, 8, "other_event", 3);
	return session;
}

describe("readRecords", () => {
	it("gives every CPU's records and the messages in the order of time", () => {
		const session = written();
		session.finish();
		const records = [...readRecords(session.directory)];
		expect(
			records.map(({ ts, cpu, tid, event }) => [ts - session.timeBase, cpu, tid, event]),
		).toEqual([
			[1n, 0, 5, "task_fork"],
			[20n, 0, 8, "my_event"],
			[25n, 0, 8, "other_event"],
			[30n, 1, 7, "my_event"],
		]);
		expect(records.at(-1)?.fields).toEqual({ size: 2n ** 60n, owner: "later" });
	});

	it("leaves out what is not asked for, and stops when its caller does", () => {
		const session = written();
		session.finish();
		const asked = { events: ["my_event"] };
		expect([...readRecords(session.directory, asked)].map(({ fields }) => fields["owner"])).toEqual(
			["earlier", "later"],
		);
		for (const { fields } of readRecords(session.directory, asked)) {
			expect(fields["size"]).toBe(512);
			break;
		}
	});

	it("tells of records that the session has no declaration for", () => {
		const session = written();
		session.record(0, 40, 4000, 8, new Uint8Array(4));
		session.record(0, 50, EVENTS[0]?.id ?? 0, 8, new Uint8Array(2));
		session.finish();
		const faults: string[] = [];
		const records = [
			...readRecords(session.directory, { onFault: (reason) => faults.push(reason) }),
		];
		expect(records).toHaveLength(4);
		expect(faults).toEqual(["event id 4000", "payload of my_event"]);
	});

	it("refuses a directory that is no session", () => {
		expect(() => [...readRecords("/nonexistent")]).toThrow(
			expect.objectContaining({ code: "NO_SESSION" }),
		);
	});
});
