/**
 * A small recording whose every figure is known: the views of the public contract as plain tables,
 * beside real metadata. Values that a double would spoil are there on purpose.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { DATABASE_FILE, METADATA_FILE, METADATA_VERSION } from "../../src/session/layout.js";
import type { SessionMetadata } from "../../src/session/metadata.js";
import { openSession } from "../../src/session/session-reader.js";
import { encodeMetadata } from "../../src/session/write-metadata.js";
import { FINGERPRINT_KEY } from "../../src/store/database-file.js";
import { APPLICATION_ID, STORE_VERSION } from "../../src/store/version.js";

/** Beyond 2^53, so that a double would lose its last digits. */
export const START = 9_107_199_254_740_993n;
export const WALL_START = 1_795_236_407_123_456_789n;
export const POINTER = 0x7fff_dead_beef_0123n;
const LENGTH = 4_000_000_000n;

export interface FixtureOptions {
	readonly lossy?: boolean;
	/** The recorder was killed. */
	readonly killed?: boolean;
}

export function writeFixtureSession(directory: string, options: FixtureOptions = {}): void {
	mkdirSync(directory, { recursive: true });
	const metadata = fixtureMetadata(options);
	writeFileSync(join(directory, METADATA_FILE), encodeMetadata(metadata));
	writeFixtureDatabase(join(directory, DATABASE_FILE), options);
	signDatabase(directory);
}

/** Makes the database pass for one that was built from the raw files (of which there are none). */
function signDatabase(directory: string): void {
	const { databasePath, fingerprint } = openSession(directory);
	const database = new Database(databasePath);
	database.pragma(`application_id = ${APPLICATION_ID}`);
	database.pragma(`user_version = ${STORE_VERSION}`);
	database.prepare("INSERT INTO session VALUES (?, ?)").run(FINGERPRINT_KEY, fingerprint);
	database.close();
}

export function fixtureMetadata({ killed = false }: FixtureOptions): SessionMetadata {
	const clocks = (offset: bigint) => ({
		monotonic: START + offset,
		boottime: START + offset,
		realtime: WALL_START + offset,
	});
	return {
		version: METADATA_VERSION,
		toolVersion: "0.1.0",
		host: {
			hostname: "testbed",
			kernelRelease: "6.1.0-56-amd64",
			kernelVersion: "#1 SMP",
			machine: "x86_64",
			cpuIds: 2,
			littleEndian: true,
			clockTicksPerSecond: 100,
		},
		start: clocks(0n),
		channels: [],
		schemaJson: "[]",
		syscallTable: "",
		processes: [],
		request: {
			command: ["sh", "-c", "cat /etc/hosts"],
			commandPid: 101,
			pids: [],
			sources: ["syscalls", "sched"],
			recorderPid: 99,
		},
		ending: killed
			? undefined
			: {
					stop: clocks(LENGTH),
					counters: [],
					bufflinkRefused: 0n,
					errorCode: "",
					errorMessage: "",
					commandStatus: 0,
					commandEnded: true,
				},
	};
}

const TABLES = `
CREATE TABLE session (key, value);
CREATE TABLE process (upid, pid, ppid, uid, comm, exe, cmdline, start_ts, end_ts);
CREATE TABLE thread (utid, upid, tid, comm);
CREATE TABLE syscalls (ts, dur, cpu, pid, tid, comm, name, arg0, arg1, arg2, arg3, arg4, arg5, ret, errno, path, path2, fd_path);
CREATE TABLE sched_slices (ts, dur, cpu, pid, tid, comm, end_state);
CREATE TABLE losses (ts_begin, ts_end, channel, cpu, lost);
CREATE TABLE stats (channel, cpu, name, value);
CREATE TABLE logs (ts, cpu, pid, comm, text);
`;

type Row = readonly (string | bigint | number | null)[];

export function writeFixtureDatabase(path: string, options: FixtureOptions = {}): void {
	const database = new Database(path);
	database.exec(TABLES);
	const insert = (table: string, rows: readonly Row[]): void => {
		for (const row of rows) {
			const marks = row.map(() => "?").join(", ");
			database.prepare(`INSERT INTO ${table} VALUES (${marks})`).run(...row);
		}
	};
	insert("session", [["end_ts", START + (options.killed === true ? 3_900_000_000n : LENGTH)]]);
	insert("process", PROCESSES);
	insert("thread", [
		[1n, 1n, 1n, "systemd"],
		[2n, 2n, 101n, "sh"],
		[3n, 3n, 102n, "cat"],
		[4n, 3n, 103n, "cat"],
		[5n, 4n, 102n, "late"],
	]);
	insert("syscalls", syscallRows());
	insert("sched_slices", SLICES);
	insert("logs", [[START + 10n, 0n, 102n, "evil\u001b[31m\nname", 'say "hi", twice']]);
	insert("stats", statRows(options));
	if (options.lossy === true) {
		insert("losses", [
			[START + 1_200_000_000n, START + 1_500_000_000n, "kernel", 0n, 12_000n],
			[START + 1_600_000_000n, START + 1_940_000_000n, "kernel", 1n, 345n],
		]);
	}
	if (options.killed === true) insert("losses", [[START + LENGTH, null, "kernel", null, null]]);
	database.close();
}

// Pid 102 is used twice: by cat, and from 3 s on by another process.
const PROCESSES: readonly Row[] = [
	[1n, 1n, 0n, 0n, "systemd", "/usr/lib/systemd/systemd", "/sbin/init", null, null],
	[
		2n,
		101n,
		1n,
		1000n,
		"sh",
		"/usr/bin/dash",
		"sh -c 'cat /etc/hosts'",
		START,
		START + 3_500_000_000n,
	],
	[
		3n,
		102n,
		101n,
		1000n,
		"cat",
		"/usr/bin/cat",
		"cat /etc/hosts",
		START + 1_000_000_000n,
		START + 2_000_000_000n,
	],
	[4n, 102n, 101n, 0n, "late", "/usr/bin/late", "late", START + 3_000_000_000n, null],
];

function syscallRows(): Row[] {
	const rows: Row[] = [];
	const call = (
		offset: bigint,
		dur: bigint | null,
		pid: bigint,
		comm: string,
		name: string,
		ret: bigint | null,
		errno: string | null = null,
		path: string | null = null,
	): void => {
		rows.push([
			START + offset,
			dur,
			pid % 2n,
			pid,
			pid,
			comm,
			name,
			3n,
			POINTER,
			0n,
			0n,
			0n,
			-1n,
			ret,
			errno,
			path,
			null,
			null,
		]);
	};
	// 100 reads of 1,000 to 100,000 ns by cat.
	for (let i = 1n; i <= 100n; i++) {
		call(1_000_000_000n + i * 1_000_000n, i * 1_000n, 102n, "cat", "read", 1n);
	}
	call(1_500_000_000n, 2_500n, 102n, "cat", "openat", -2n, "ENOENT", '/etc/no, "such"');
	call(1_600_000_000n, 3_500n, 102n, "cat", "openat", 3n, null, "/etc/hosts");
	call(1_999_000_000n, null, 102n, "cat", "exit_group", null);
	call(500_000_000n, 3_000_000_000n, 101n, "sh", "wait4", 102n);
	call(3_200_000_000n, 700n, 102n, "late", "read", 0n);
	return rows.sort((a, b) => ((a[0] ?? 0) < (b[0] ?? 0) ? -1 : 1));
}

const SLICES: readonly Row[] = [
	[START + 0n, 500_000_000n, 0n, 101n, 101n, "sh", "S"],
	[START + 1_000_000_000n, 400_000_000n, 1n, 102n, 102n, "cat", "R"],
	[START + 1_400_000_000n, 100_000_000n, 1n, 0n, 0n, "swapper/1", "R"],
	[START + 1_500_000_000n, 400_000_000n, 1n, 102n, 102n, "cat", "D"],
	[START + 1_200_000_000n, 200_000_000n, 0n, 102n, 103n, "cat", "S"],
	[START + 3_100_000_000n, 300_000_000n, 0n, 102n, 102n, "late", "Z"],
	[START + 3_900_000_000n, null, 0n, 101n, 101n, "sh", null],
];

function statRows({ lossy = false, killed = false }: FixtureOptions): Row[] {
	const rows: Row[] = [];
	for (const [cpu, stored, lost] of [
		[0n, 1_234_567n, lossy ? 12_000n : 0n],
		[1n, 89n, lossy ? 345n : 0n],
	] as const) {
		rows.push(["kernel", cpu, "stored", stored], ["kernel", cpu, "lost", lost]);
		if (!killed) rows.push(["kernel", cpu, "produced", stored + lost]);
		rows.push(["kernel", cpu, "faults", 0n]);
	}
	return rows;
}
