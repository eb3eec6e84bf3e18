import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
	BLKTRACE_FORMATS,
	type BlktraceEvent,
	type BlktraceFormat,
	encodeBlktrace,
	kernelDevice,
	remapData,
	timestampData,
} from "../../../test/blktrace-bytes.js";
import {
	BLKTRACE_ACTION,
	BLKTRACE_CATEGORY,
	BLKTRACE_NOTE,
} from "../../collector/blktrace/layout.js";
import { buildDatabase } from "../../pipeline.js";
import { openSession } from "../../session/session-reader.js";
import { importFiles } from "../formats.js";

const BASE = 9_100_000_000_000_000_123n;
const { read, write, sync, queue, issue, complete, notify, fua } = BLKTRACE_CATEGORY;
const LITTLE: BlktraceFormat = { version: 7, littleEndian: true };

let directory = "";
beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-import-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function save(name: string, events: readonly BlktraceEvent[], format = LITTLE): string {
	return saveBytes(name, Buffer.concat(events.map((event) => encodeBlktrace(event, format))));
}

function saveBytes(name: string, bytes: Uint8Array): string {
	const path = join(directory, name);
	writeFileSync(path, bytes);
	return path;
}

let sessions = 0;

/** Answers of the imported session's database, and what import had to say. */
async function imported(
	paths: readonly string[],
): Promise<{ notes: readonly string[]; ask: (sql: string) => unknown[] }> {
	const session = join(directory, `session${sessions++}`);
	const notes = importFiles(paths, session);
	const path = await buildDatabase(openSession(session), { writerThread: false });
	const ask = (sql: string): unknown[] => {
		const database = new Database(path, { readonly: true });
		try {
			return database.prepare(sql).safeIntegers().raw().all();
		} finally {
			database.close();
		}
	};
	return { notes, ask };
}

/** One write of 8 sectors, from queue on CPU 0 to completion on CPU 1. */
function oneWrite(format: BlktraceFormat = LITTLE): readonly [cpu0: string, cpu1: string] {
	const { littleEndian } = format;
	const at = { sector: 2 ** 33 + 8, bytes: 4096, pid: 42, device: kernelDevice(259, 3) };
	const what = write | sync | fua;
	const comm = Buffer.from("writer\0\0\0\0\0\0\0\0\0\0");
	const zero = save(
		"nvme0n1.blktrace.0",
		[
			{
				time: BASE,
				action: BLKTRACE_NOTE.timestamp,
				category: notify,
				data: timestampData(1_700_000_000, 5, littleEndian),
			},
			{ time: BASE + 1n, action: BLKTRACE_NOTE.process, category: notify, pid: 42, data: comm },
			{
				time: BASE + 10n,
				action: BLKTRACE_ACTION.queue,
				category: queue | what,
				sequence: 1,
				...at,
			},
			{
				...{ time: BASE + 20n, action: BLKTRACE_ACTION.getRequest, category: queue | what },
				...{ sequence: 2, cgroup: 4711n, ...at },
			},
			{
				time: BASE + 30n,
				action: BLKTRACE_ACTION.insert,
				category: queue | what,
				sequence: 3,
				...at,
			},
			{
				time: BASE + 50n,
				action: BLKTRACE_ACTION.issue,
				category: issue | what,
				sequence: 4,
				...at,
			},
			{
				...{ time: BASE + 60n, action: BLKTRACE_NOTE.message, category: notify, pid: 42 },
				...{ cgroup: 4711n, data: Buffer.from("bfq says so\n") },
			},
		],
		format,
	);
	const one = save(
		"nvme0n1.blktrace.1",
		[
			{
				...{ time: BASE + 1050n, action: BLKTRACE_ACTION.complete, category: complete | what },
				...{ sequence: 1, ...at, pid: 0, cpu: 1, error: 0xffff - 4 },
			},
		],
		format,
	);
	return [zero, one];
}

describe("a capture becomes a session", () => {
	test.each(BLKTRACE_FORMATS)(
		"of version $version, little-endian $littleEndian",
		async (format) => {
			const { notes, ask } = await imported(oneWrite(format));
			expect(notes).toEqual([]);
			const row = [BASE + 10n, "259:3", 2n ** 33n + 8n, 4096n, "write", "WFS", 42n, "writer"];
			const times = [20n, 20n, 1000n, 1040n];
			expect(
				ask(
					"SELECT ts, dev, sector, bytes, op, rwbs, pid, comm, q2i, i2d, d2c, q2c, error FROM block_requests",
				),
			).toEqual([[...row, ...times, "EIO"]]);
			expect(
				ask("SELECT ts, dev, sector, bytes, op, pid, comm, q2i, i2d, d2c, q2c FROM block_ios"),
			).toEqual([[...row.filter((value) => value !== "WFS"), ...times]]);
			expect(ask("SELECT count(*) FROM block_ios JOIN block_requests USING (request)")).toEqual([
				[1n],
			]);
			expect(ask("SELECT ts, cpu, comm, text, source FROM logs")).toEqual([
				[BASE + 60n, 0n, "writer", "bfq says so", "blktrace"],
			]);
			expect(ask("SELECT dev, name FROM block_devices")).toEqual([["259:3", "nvme0n1"]]);
			expect(
				ask(
					"SELECT key, value FROM session WHERE key IN ('start_ts', 'start_wall_clock') ORDER BY 1",
				),
			).toEqual([
				["start_ts", BASE],
				["start_wall_clock", 1_700_000_000_000_000_005n],
			]);
			expect(
				ask(
					"SELECT cpu, name, value FROM stats WHERE name IN ('produced', 'stored') ORDER BY 1, 2",
				),
			).toEqual([
				[0n, "produced", 4n],
				[0n, "stored", 4n],
				[1n, "produced", 1n],
				[1n, "stored", 1n],
			]);
		},
	);

	test("several devices, of which one is above the other", async () => {
		const upper = kernelDevice(253, 0);
		const lower = kernelDevice(8, 0);
		const what = queue | read;
		const at = { bytes: 4096, pid: 7 };
		const files = [
			save("dm-0.blktrace.0", [
				{
					...{ time: BASE, action: BLKTRACE_ACTION.queue, category: what, sequence: 1 },
					...{ ...at, sector: 16, device: upper },
				},
				{
					...{ time: BASE + 90n, action: BLKTRACE_ACTION.complete, category: complete | read },
					...{ sequence: 2, ...at, sector: 16, device: upper },
				},
			]),
			save("sda.blktrace.0", [
				{
					...{ time: BASE + 10n, action: BLKTRACE_ACTION.remap, category: what, sequence: 1 },
					...{ ...at, sector: 2064, device: lower, data: remapData(upper, 16) },
				},
				...[
					[20n, BLKTRACE_ACTION.queue, what],
					[30n, BLKTRACE_ACTION.getRequest, what],
					[40n, BLKTRACE_ACTION.issue, issue | read],
					[80n, BLKTRACE_ACTION.complete, complete | read],
				].map(([after, action, category], index) => ({
					...{ time: BASE + BigInt(after ?? 0), action: Number(action) },
					...{
						category: Number(category),
						sequence: index + 2,
						...at,
						sector: 2064,
						device: lower,
					},
				})),
			]),
		];
		const { ask } = await imported(files);
		expect(
			ask(`SELECT below.dev, below.q2c, above.dev, above.q2c FROM block_ios below
				JOIN block_ios above ON above.io = below.parent`),
		).toEqual([["8:0", 60n, "253:0", 90n]]);
	});

	test("a file that is empty is a CPU without events; one that is missing is told", async () => {
		const [zero, one] = oneWrite();
		const three = save("nvme0n1.blktrace.3", []);
		const { notes, ask } = await imported([three, one, zero]);
		expect(notes).toEqual([expect.stringContaining("no file of CPU 2 of nvme0n1")]);
		expect(ask("SELECT cpu, lost FROM losses")).toEqual([[2n, null]]);
		expect(ask("SELECT count(*) FROM block_requests")).toEqual([[1n]]);
	});

	test("events that are missing among others are losses; damaged ones are faults", async () => {
		const events = Array.from({ length: 20 }, (_, index) => ({
			...{ time: BASE + BigInt(index) * 100n, action: BLKTRACE_ACTION.plug, category: queue },
			sequence: index < 10 ? index + 1 : index + 6,
		}));
		const bytes = Buffer.concat(events.map((event) => encodeBlktrace(event)));
		bytes.fill(0, 3 * 48, 5 * 48);
		const { ask } = await imported([saveBytes("sda.blktrace.0", bytes.subarray(0, -7))]);
		expect(ask("SELECT ts_begin, ts_end, cpu, lost FROM losses")).toEqual([
			[BASE + 900n, BASE + 1000n, 0n, 5n],
		]);
		const stats = new Map(
			(ask("SELECT name, value FROM stats WHERE cpu = 0") as [string, bigint][]).map(
				([name, value]) => [name, Number(value)],
			),
		);
		expect(stats).toEqual(
			new Map([
				["produced", 24],
				["stored", 17],
				["lost", 5],
				["faults", 2],
				["fault_bad_magic", 1],
				["fault_truncated", 1],
			]),
		);
	});

	test("whatever is damaged, it is imported, and its books balance", async () => {
		const [zero, one] = oneWrite();
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.tuple(fc.nat(10_000), fc.integer({ min: 0, max: 255 })), { maxLength: 30 }),
				async (changes) => {
					const events = Array.from({ length: 60 }, (_, index) => ({
						...{ time: BASE + BigInt(index) * 100n, sequence: index + 1, bytes: 4096 },
						...{ action: 1 + (index % 15), category: queue | write, sector: 8 * (index % 7) },
						data: Buffer.alloc(index % 3 === 0 ? 16 : 0),
					}));
					const bytes = Buffer.concat(events.map((event) => encodeBlktrace(event)));
					for (const [at, value] of changes) bytes[48 + (at % (bytes.length - 48))] = value;
					const { ask } = await imported([saveBytes("sda.blktrace.0", bytes), zero, one]);
					const [[produced, found] = [0n, 0n]] = ask(
						`SELECT sum(value) FILTER (WHERE name = 'produced'),
							sum(value) FILTER (WHERE name IN ('stored', 'lost', 'faults')) FROM stats`,
					) as [bigint, bigint][];
					expect(produced).toBe(found);
				},
			),
			// Two neighbours whose numbers are damaged.
			{
				numRuns: 40,
				examples: [
					[
						[
							[3972, 0],
							[3856, 0],
						],
					],
				],
			},
		);
	});
});

describe("what cannot be imported is said", () => {
	const refused = (paths: readonly string[]): string => {
		try {
			importFiles(paths, join(directory, "out"));
		} catch (error) {
			return `${(error as { code?: string }).code}: ${(error as Error).message}`;
		}
		return "imported";
	};

	test.each([
		["-", "BAD_ARGUMENT: a trace cannot be imported from standard input"],
		["nowhere.blktrace.0", "cannot be read: ENOENT"],
		[".", "is not a file"],
		["notes.txt", "BAD_TRACE: notes.txt is of no format that can be imported"],
		["text.blktrace.0", "BAD_TRACE: text.blktrace.0 holds no event of blktrace's"],
		["six.blktrace.0", "BAD_TRACE: six.blktrace.0 is of blktrace's version 6"],
		["empty.blktrace.0", "BAD_TRACE: the files hold no events"],
	])("%s", (name, message) => {
		saveBytes("notes.txt", Buffer.from("8,0 1 1 0.0 Q WS\n"));
		saveBytes("text.blktrace.0", Buffer.from("8,0 1 1 0.0 Q WS\n"));
		saveBytes("six.blktrace.0", Buffer.from("06746165", "hex"));
		saveBytes("empty.blktrace.0", Buffer.alloc(0));
		const path = name === "-" ? name : join(directory, name);
		expect(refused([path]).replaceAll(`${directory}/`, "")).toContain(message);
	});

	test("two traces of the same name, or two files of one CPU", () => {
		const event = { time: BASE, action: BLKTRACE_ACTION.plug, category: queue };
		mkdirSync(join(directory, "a"));
		const one = save("sda.blktrace.0", [event]);
		const other = save("a/sda.blktrace.1", [event]);
		const same = save("sda.blktrace.00", [event]);
		expect(refused([one, other])).toContain("BAD_ARGUMENT: there are traces of sda in");
		expect(refused([one, same])).toContain("are both of CPU 0");
	});
});
