import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Asking, askDatabase } from "../../src/analyze/query/asking.js";
import { type ReportRequest, runReport } from "../../src/analyze/reports/run-report.js";
import { reportText } from "../../src/cli/output/report-text.js";
import { buildDatabase } from "../../src/pipeline.js";
import { BUILTIN_EVENTS } from "../../src/schema/generated/builtin-events.js";
import { schemaToJson } from "../../src/schema/schema-json.js";
import { openSession } from "../../src/session/session-reader.js";
import { SessionBuilder } from "../session-builder.js";

const PAYLOAD = new Uint8Array(100);
const MS = 1_000_000;

let directory: string;
beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-snapshot-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Ten sub-buffers of ten records on each CPU, one every millisecond. */
async function flightRecording(
	name: string,
	overwritten: readonly number[],
	snapshot?: { readonly reason: "signal"; readonly keep: bigint },
): Promise<Asking> {
	const path = join(directory, name);
	const builder = new SessionBuilder(path, {
		cpuIds: overwritten.length,
		schemaJson: schemaToJson(BUILTIN_EVENTS),
		metadata: { snapshot },
	}).channel("kernel", { overwrite: true });
	for (const [cpu, subbufs] of overwritten.entries()) {
		for (let record = 0; record < 100; record++) {
			builder.record(cpu, record * MS, 30_000, 1, PAYLOAD);
			if (record % 10 === 9) builder.seal(cpu);
		}
		builder.overwrite(cpu, subbufs);
	}
	builder.finish();
	const session = openSession(path);
	return askDatabase(session, await buildDatabase(session));
}

function text(asking: Asking, name: string, request: ReportRequest = {}): string {
	return [...reportText(runReport(name, asking, request), undefined)].join("");
}

test("a snapshot balances, and says from when on it is whole", async () => {
	const asking = await flightRecording("s", [0, 4, 7], { reason: "signal", keep: 0n });
	const losses = text(asking, "losses");
	expect(losses).toMatch(/kernel +1 +100 +60 +0 +40 +0 +0 +0 +yes/);
	expect(losses).toMatch(/kernel +2 +100 +30 +0 +70 +0 +0 +0 +yes/);
	expect(losses).toMatch(/whole on every CPU from \+70\.0 ms on; 110 records from before/);
	// Nothing that anyone has to worry about in a range that is whole.
	expect(text(asking, "losses", { since: "70ms" })).not.toMatch(/whole on every CPU/);
	const faults = asking.database.rows(
		"SELECT name FROM stats WHERE name LIKE 'fault_bad%' AND value > 0",
	);
	expect([...faults]).toEqual([]);
	asking.database.close();
});

/** The builder stops a microsecond after the last record. */
test("shares of time are those of the time in which every CPU is whole", async () => {
	const asking = await flightRecording("w", [0, 7], { reason: "signal", keep: 0n });
	expect(runReport("sched", asking, {}).json).toMatchObject({ rangeNs: BigInt(29 * MS + 1000) });
	expect(runReport("sched", asking, { since: "0s" }).json).toMatchObject({
		rangeNs: BigInt(99 * MS + 1000),
	});
	asking.database.close();
});

test("what was overwritten is an interval without a count", async () => {
	const asking = await flightRecording("h", [3], { reason: "signal", keep: 0n });
	const rows = asking.database.rows(
		"SELECT ts_end - (SELECT value FROM session WHERE key = 'start_ts'), lost FROM losses",
	);
	expect([...rows]).toEqual([[BigInt(30 * MS), null]]);
	asking.database.close();
});

test("a flight recorder's own session says where its records are", async () => {
	const asking = await flightRecording("r", [10]);
	expect(text(asking, "losses")).toMatch(/records are in the snapshots/);
	asking.database.close();
});
