import { describe, expect, test } from "vitest";
import type { TakenSnapshot } from "../../record/snapshots.js";
import type { ChannelMetadata, CpuCounters } from "../../session/metadata.js";
import { recordingStatus, recordingSummary } from "./recording-text.js";
import { reachText, snapshotText } from "./snapshot-text.js";

const cpu = { cpu: 0, bytes: 2048n, subbufs: 1n, records: 100n, lost: 1n, faults: 0n };
const READER = { ...cpu, waiting: 2, timeFloor: 0n, error: undefined, fill: 0.25 };
const FLIGHT = { written: 5000n, held: 1200n, lost: 0n, snapshots: 2 };

function counters(channelId: number, written: bigint, lost: bigint): CpuCounters {
	return {
		...{ channelId, cpu: 0, seen: written + lost, filtered: 0n, written, lost: [lost] },
		...{ sealed: 1n, consumed: 1n, unread: 0n, overwritten: 0n, torn: 0n, trimmed: 0n, reset: 0n },
	};
}

function channel(id: number, overwrite: boolean): ChannelMetadata {
	return {
		...{ id, overwrite, global: false, name: `c${id}`, epoch: 1, subbufSize: 4096, subbufCount: 2 },
		...{ flushIntervalMs: 0, sources: [] },
	};
}

describe("the status line", () => {
	test("of what goes to disk", () => {
		expect(recordingStatus({ readers: [READER, READER], flight: undefined }, 2000)).toBe(
			"recording 2.0 s  200 records (100/s)  4.00 KiB  buffers 25 % full  lost 2",
		);
	});

	test("of a flight recorder", () => {
		expect(recordingStatus({ readers: [], flight: FLIGHT }, 1000)).toBe(
			"recording 1.0 s  5,000 records (5,000/s)  flight recorder holds 1,200  lost 0  snapshots 2",
		);
	});
});

test("the end: what was recorded, and what flight recorders saw", () => {
	const channels = [channel(1, false), channel(2, true)];
	const end = (snapshots: number): string =>
		recordingSummary("dir", channels, {
			...{
				counters: [counters(1, 10n, 3n), counters(2, 7n, 0n)],
				lastSnapshot: undefined,
				snapshots,
			},
		});
	expect(end(0)).toBe(
		"relayscope: recorded 10 records, 3 LOST, in dir\n" +
			"relayscope: the flight recorder saw 7 records; no snapshot was taken (--snapshot-at-end takes one)\n",
	);
	expect(end(2)).toMatch(/saw 7 records, 2 snapshots in dir\n$/);
});

describe("a snapshot", () => {
	const taken: TakenSnapshot = {
		...{ directory: "dir/snapshot-1", reason: "signal", records: 12n, torn: 3n },
		...{ reachNs: 2_000_000_000n, keepNs: 0n },
	};

	test("says why, what, where and how far back", () => {
		expect(snapshotText(taken)).toBe(
			"relayscope: snapshot (SIGUSR2) of 12 records, 3 records torn in dir/snapshot-1: it reaches back 2.00 s on every CPU\n",
		);
	});

	test("says when it holds less than was asked for", () => {
		expect(reachText({ reachNs: 2_000_000_000n, keepNs: 10_000_000_000n })).toBe(
			"it reaches back 2.00 s on every CPU, not 10.0 s: the buffers are too small (--subbuf-size, --subbufs)",
		);
		expect(reachText({ reachNs: undefined, keepNs: 10_000_000_000n })).toMatch(/to the start/);
	});
});
