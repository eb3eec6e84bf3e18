/** A large session whose rows are made up, of more kinds of calls and I/O than a loop makes. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Arrivals } from "../src/analyze/tracking/block/arrivals.js";
import { DATABASE_FILE, METADATA_FILE, METADATA_VERSION } from "../src/session/layout.js";
import type { SessionMetadata } from "../src/session/metadata.js";
import { openSession } from "../src/session/session-reader.js";
import { encodeMetadata } from "../src/session/write-metadata.js";
import type { BlockRow } from "../src/store/block-rows.js";
import { FINGERPRINT_KEY } from "../src/store/database-file.js";
import { SessionStore, type StringRows } from "../src/store/session-store.js";

const START = 5_000_000_000n;
const PROCESSES = 200;
const FILES = 5_000;
/** That one process uses. */
const OWN_FILES = 40;
const SOCKETS = 200;
/** ns of a session between one call and the next, on average. */
const CALL_NS = 1_000;
const REQUEST_NS = 1_000;
/** Processes that do block I/O. */
const DISK_USERS = 16;
const SECTOR = 512;
const READY_EVERY = 4096;

/** As a program of many files, with errors, has them: names, and what they name. */
const CALLS = [
	...(["read", "read", "read", "write", "write"] as const),
	...(["openat", "openat", "close", "newfstatat", "futex", "getppid", "getppid"] as const),
	...(["sendto", "recvfrom", "unlink", "mmap"] as const),
] as const;
type Call = (typeof CALLS)[number];

/** A process and a file that a report can be narrowed to. */
export const GENERATED_PID = 1007;
export const GENERATED_FILE = "/data/17";
export const GENERATED_PATHS = "/data/1*";
export const GENERATED_DEVICE = "8:0";

/** `calls` calls and as many requests; made once. */
export async function generatedSession(directory: string, calls: number): Promise<string> {
	const path = join(directory, `generated-${calls}`);
	if (existsSync(join(path, DATABASE_FILE))) return path;
	rmSync(path, { recursive: true, force: true });
	mkdirSync(path, { recursive: true });
	writeFileSync(join(path, METADATA_FILE), encodeMetadata(metadataOf(calls)));
	const store = new SessionStore(
		{ path: join(path, DATABASE_FILE), timeBase: START, cpuIds: 2, events: [], strings: true },
		true,
	);
	addProcesses(store);
	await addCalls(store, calls);
	await addRequests(store, calls);
	store.sessionValue(FINGERPRINT_KEY, openSession(path).fingerprint);
	await store.finish();
	return path;
}

/** The same numbers every time. */
class Numbers {
	#state = 7;

	below(limit: number): number {
		this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
		return Math.floor((this.#state / 2 ** 32) * limit);
	}
}

function metadataOf(calls: number): SessionMetadata {
	const clocks = (offset: bigint) => ({
		...{ monotonic: START + offset, boottime: START + offset },
		realtime: 1_795_000_000_000_000_000n + offset,
	});
	return {
		version: METADATA_VERSION,
		toolVersion: "0.1.0",
		host: {
			...{ hostname: "generated", kernelRelease: "6.1.0", kernelVersion: "#1 SMP" },
			...{ machine: "x86_64", cpuIds: 2, littleEndian: true, clockTicksPerSecond: 100 },
		},
		start: clocks(0n),
		...{ channels: [], schemaJson: "[]", syscallTable: "", processes: [] },
		request: { command: [], commandPid: 0, pids: [], sources: ["syscalls"], recorderPid: 99 },
		ending: {
			stop: clocks(BigInt(calls * CALL_NS)),
			...{ counters: [], bufflinkRefused: 0n, errorCode: "", errorMessage: "" },
			...{ commandStatus: 0, commandEnded: true },
		},
	};
}

function addProcesses(store: SessionStore): void {
	for (let index = 1; index <= PROCESSES; index++) {
		const [upid, pid, comm] = [index, 1000 + index, `worker${index}`];
		store.lives.process({
			...{ upid, pid, ppid: 1, uid: 1000, comm, exe: `/usr/bin/${comm}`, argv: null },
			...{ startTs: null, endTs: null, exitStatus: null, euid: null, gid: null },
			...{ loginuid: null, sessionId: null, cgroup: null, container: null },
		});
		store.lives.thread({ utid: upid, upid, tid: pid, comm });
	}
}

interface Names {
	readonly paths: readonly number[];
	readonly descriptors: readonly number[];
	readonly sockets: readonly number[];
}

function addNames({ callPaths }: StringRows): Names {
	const none = {
		...{ path: null, pathGiven: null, path2: null, path2Given: null },
		...{ fdPath: null, fdPath2: null, file: null, truncated: false },
	};
	const each = (count: number, row: (index: number) => object): number[] =>
		Array.from({ length: count }, (_, index) => callPaths.paths({ ...none, ...row(index) }));
	return {
		paths: each(FILES, (index) => ({ path: `/data/${index}` })),
		descriptors: each(FILES, (index) => ({ fdPath: `/data/${index}` })),
		sockets: each(SOCKETS, (index) => ({ fdPath: `socket:[${index}]` })),
	};
}

function namedBy(call: Call, process: number, names: Names, numbers: Numbers): number {
	const file = (process * 25 + numbers.below(OWN_FILES)) % FILES;
	switch (call) {
		case "futex":
		case "getppid":
			return 0;
		case "openat":
		case "newfstatat":
		case "unlink":
			return names.paths[file] ?? 0;
		case "sendto":
		case "recvfrom":
			return names.sockets[file % SOCKETS] ?? 0;
		default:
			return names.descriptors[file] ?? 0;
	}
}

async function addCalls(store: SessionStore, calls: number): Promise<void> {
	const numbers = new Numbers();
	const { strings } = store;
	if (strings === undefined) throw new Error("the session has no strings");
	const names = addNames(strings);
	const callers = Array.from({ length: PROCESSES }, (_, process) => {
		const [upid, pid] = [process + 1, 1001 + process];
		return CALLS.map((name) => store.calls.caller(upid, pid, pid, `worker${upid}`, name));
	});
	for (let index = 0; index < SOCKETS; index++) {
		const address = strings.callDetails.address("inet", `192.0.2.${index}`, 443);
		const caller = store.calls.caller(1, 1001, 1001, "worker1", "connect");
		strings.callDetails.socketCall({
			...{ ts: index, caller, dur: 10, ret: 0, fd: 3, socket: `socket:[${index}]` },
			...{ side: "peer", address },
		});
	}
	const args = { numbers: new Float64Array(6), at: 0, count: 3, wide: undefined };
	let ts = 0;
	for (let index = 0; index < calls; index++) {
		const kind = numbers.below(CALLS.length);
		const call = CALLS[kind] ?? "getppid";
		const process = numbers.below(PROCESSES);
		const caller = callers[process]?.[kind] ?? 0;
		const dur = 200 + numbers.below(numbers.below(500) === 0 ? 50_000_000 : 20_000);
		const ret = numbers.below(12) === 0 ? -2 : numbers.below(8_192);
		args.count = call === "getppid" ? 0 : 3;
		const named = namedBy(call, process, names, numbers);
		store.calls.add(ts, caller, index & 1, dur, ret, args, named);
		ts += 1 + numbers.below(2 * CALL_NS - 1);
		if (index % READY_EVERY === 0) await store.ready();
	}
}

async function addRequests(store: SessionStore, requests: number): Promise<void> {
	const numbers = new Numbers();
	const devices = [8, 253].map((major) => store.blocks.device(major * 2 ** 20, null));
	const arrivals = devices.map(() => new Arrivals());
	const threads = Array.from({ length: DISK_USERS }, (_, process) =>
		store.slices.thread(process + 1, 1001 + process, 1001 + process, `worker${process + 1}`),
	);
	let [ts, id, sector] = [0, 0, 0];
	for (let index = 0; index < requests; index++) {
		const device = numbers.below(2);
		const bytes = 4096 * (1 + numbers.below(16));
		sector = numbers.below(3) === 0 ? numbers.below(2 ** 31) : sector + 128;
		const end = sector + bytes / SECTOR;
		const before = arrivals[device];
		const issued = ts + 2_000 + numbers.below(30_000);
		const row: BlockRow = {
			...{
				id: ++id,
				deviceRow: devices[device] ?? 0,
				thread: threads[numbers.below(DISK_USERS)] ?? 0,
			},
			...{ op: numbers.below(2), flags: 0, bytes, error: 0, queued: ts },
			...{ inserted: ts + 1_000, issued },
			...{ gap: before?.gap(ts) ?? Number.NaN, seek: before?.seek(sector, end) ?? Number.NaN },
		};
		before?.note(ts, sector, end);
		const completed =
			issued + 20_000 + numbers.below(numbers.below(100) === 0 ? 9_000_000 : 90_000);
		store.blocks.request(row, sector, completed, ts, 1, true, Number.NaN, 0);
		ts += 1 + numbers.below(2 * REQUEST_NS - 1);
		if (index % READY_EVERY === 0) await store.ready();
	}
	store.blocks.finish();
}
