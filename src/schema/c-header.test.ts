import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arbitraryEvent } from "../../test/arbitrary-event.js";
import { cHeader } from "./c-header.js";
import type { EventSchema } from "./event-schema.js";
import { BUILTIN_EVENTS } from "./generated/builtin-events.js";
import { fixedSlots, tailsOf } from "./layout.js";
import { parseProto } from "./parse-proto.js";

const INCLUDE = resolve(import.meta.dirname, "../../include");
const WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];
const OPTIONS = { uapi: "<uapi/relayscope.h>", guard: "_ANY_EVENTS_H" };

/** What gcc makes of a struct: `<event> <member> <offset>` lines, printed by a compiled program. */
function expectedPlaces(events: readonly EventSchema[]): readonly string[] {
	return events.flatMap((event) => {
		const place = (member: string, at: number): string => `${event.name} ${member} ${at}`;
		const tails = tailsOf(event.fields);
		const flexible = tails.length > 1 && tails[0]?.type !== "u64[]" ? "tails" : tails[0]?.name;
		return [
			place("FIXED", event.headerLength + event.fixedLength),
			...fixedSlots(event.fields).map((slot) => place(slot.name, event.headerLength + slot.offset)),
			...(flexible === undefined ? [] : [place(flexible, event.headerLength + event.fixedLength)]),
		];
	});
}

function program(events: readonly EventSchema[]): string {
	const prints = expectedPlaces(events).map((line) => {
		const [event = "", member = ""] = line.split(" ");
		const value =
			member === "FIXED"
				? `RELAYSCOPE_EVENT_${event.toUpperCase()}_FIXED`
				: `__builtin_offsetof(struct relayscope_event_${event}, ${member})`;
		return `\tprintf("${event} ${member} %d\\n", (int)(${value}));`;
	});
	return `#include "events.h"\n#include <stdio.h>\nint main(void)\n{\n${prints.join("\n")}\n\treturn 0;\n}\n`;
}

describe("cHeader", () => {
	let directory: string;

	beforeAll(() => {
		directory = mkdtempSync(join(tmpdir(), "relayscope-c-header-"));
	});
	afterAll(() => {
		rmSync(directory, { recursive: true });
	});

	function compile(
		events: readonly EventSchema[],
		compiler: string,
		args: readonly string[],
	): string {
		const source = join(directory, compiler === "gcc" ? "offsets.c" : "offsets.cc");
		const binary = join(directory, `offsets-${compiler}`);
		writeFileSync(join(directory, "events.h"), cHeader(events, OPTIONS));
		writeFileSync(source, program(events));
		execFileSync(compiler, [...args, ...WARNINGS, "-I", INCLUDE, "-o", binary, source]);
		return execFileSync(binary, { encoding: "utf8" });
	}

	const generated = fc
		.sample(fc.tuple(...Array.from({ length: 60 }, (_, i) => arbitraryEvent(1000 + i))), {
			numRuns: 1,
			seed: 20,
		})
		.flat();

	it.each([
		["gcc", ["-std=gnu11"]],
		["g++", ["-std=c++20"]],
	])("has the schema's offsets in %s", (compiler, args) => {
		for (const events of [BUILTIN_EVENTS, generated]) {
			const printed = compile(events, compiler, args).trim().split("\n");
			expect(printed).toEqual(expectedPlaces(events));
		}
	});

	it("does not compile when a struct is not as the schema has it", () => {
		const header = cHeader(BUILTIN_EVENTS, OPTIONS).replace("__u8 abi;", "__u16 abi;");
		writeFileSync(join(directory, "events.h"), header);
		const source = join(directory, "wrong.c");
		writeFileSync(source, '#include "events.h"\n');
		const args = ["-std=gnu11", "-I", INCLUDE, "-fsyntax-only", source];
		expect(() => execFileSync("gcc", args, { stdio: "pipe" })).toThrow(/static assertion failed/);
	});

	it("survives a comment that would end a comment", () => {
		const text = `syntax = "proto3";
// Ends */ int early; /* and begins.
message sample { option (event_id) = 1000; }`;
		const events = parseProto([{ path: "sample.proto", text }]);
		expect(compile(events, "gcc", ["-std=gnu11"])).toBe("sample FIXED 12\n");
	});
});
