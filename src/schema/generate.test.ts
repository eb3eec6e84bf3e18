import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtinSource } from "./builtin-source.js";
import { eventDocs } from "./event-docs.js";
import { generateAll, generateModuleFiles, runGenerate } from "./generate.js";
import { BUILTIN_EVENTS, EVENTS_BY_FILE } from "./generated/builtin-events.js";
import { parseProto, parseProtoFiles } from "./parse-proto.js";
import { eventTableDdl } from "./table-ddl.js";

const ROOT = resolve(import.meta.dirname, "../..");
const GOLDEN = join(ROOT, "test/golden");
const SAMPLE = join(GOLDEN, "sample.proto");

describe("what is derived from a user's declarations", () => {
	const text = readFileSync(SAMPLE, "utf8");
	const events = parseProto([{ path: "sample.proto", text }], BUILTIN_EVENTS);

	it("is the C header of test/golden, and what that includes", async () => {
		const files = generateModuleFiles({ root: ROOT, proto: SAMPLE, builtin: BUILTIN_EVENTS });
		await expect(files.get("sample_events.h")).toMatchFileSnapshot(join(GOLDEN, "sample_events.h"));
		expect([...files.keys()]).toEqual([
			"sample_events.h",
			"relayscope/event.h",
			"relayscope/klog.h",
			"relayscope/klog_events.h",
			"relayscope/options.proto",
			"uapi/relayscope.h",
		]);
	});

	it("is the schema of test/golden", async () => {
		const json = `${JSON.stringify(events, undefined, "\t")}\n`;
		await expect(json).toMatchFileSnapshot(join(GOLDEN, "sample-schema.json"));
	});

	it("are the tables of test/golden", async () => {
		const ddl = events.map(eventTableDdl).join("\n");
		await expect(ddl).toMatchFileSnapshot(join(GOLDEN, "sample.sql"));
	});

	it("are the docs of test/golden", async () => {
		const files = parseProtoFiles([{ path: "sample.proto", text }]);
		await expect(eventDocs(files)).toMatchFileSnapshot(join(GOLDEN, "sample.md"));
	});

	it("does not exist for a file that cannot be read", () => {
		const request = { root: ROOT, proto: "no/such.proto", builtin: [] };
		expect(() => generateModuleFiles(request)).toThrow(
			expect.objectContaining({ code: "BAD_ARGUMENT", message: "cannot read no/such.proto." }),
		);
	});
});

describe("Relayscope's own events", () => {
	it("are generated from proto/ as it is", () => {
		expect(runGenerate({ root: ROOT, check: true })).toEqual({ written: [], stale: [] });
	});

	it("are the same as data and as text", () => {
		expect(builtinSource(BUILTIN_EVENTS, EVENTS_BY_FILE)).toBe(
			generateAll(ROOT).get("src/schema/generated/builtin-events.ts"),
		);
	});
});

describe("runGenerate", () => {
	let root: string;

	beforeAll(() => {
		root = mkdtempSync(join(tmpdir(), "relayscope-generate-"));
		cpSync(join(ROOT, "proto"), join(root, "proto"), { recursive: true });
	});
	afterAll(() => {
		rmSync(root, { recursive: true });
	});

	it("says what is stale, writes that and no more", () => {
		const all = [...generateAll(root).keys()];
		expect(runGenerate({ root, check: true })).toEqual({ written: [], stale: all });
		expect(runGenerate({ root, check: false })).toEqual({ written: all, stale: [] });
		expect(runGenerate({ root, check: true })).toEqual({ written: [], stale: [] });
		writeFileSync(join(root, "docs/events.md"), "edited by hand\n");
		expect(runGenerate({ root, check: true }).stale).toEqual(["docs/events.md"]);
		expect(runGenerate({ root, check: false }).written).toEqual(["docs/events.md"]);
	});

	it("refuses one id in two files", () => {
		writeFileSync(
			join(root, "proto/again.proto"),
			'syntax = "proto3"; message again { option (event_id) = 1; }',
		);
		expect(() => runGenerate({ root, check: true })).toThrow(
			expect.objectContaining({
				code: "BAD_SCHEMA",
				message: expect.stringMatching(
					/syscalls\.proto:\d+: event syscall_enter: id 1 is taken by proto\/again\.proto:1/,
				),
			}),
		);
	});
});
