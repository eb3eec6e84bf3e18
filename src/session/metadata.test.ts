import { readFileSync } from "node:fs";
import fc from "fast-check";
import protobuf from "protobufjs";
import { expect, test } from "vitest";
import { decodeMetadata, type SessionMetadata } from "./metadata.js";
import { METADATA_MESSAGES } from "./metadata-descriptor.js";
import { encodeMetadata } from "./write-metadata.js";

const BEYOND_DOUBLE = 2n ** 53n + 1n;
const LARGEST = 2n ** 64n - 1n;
const clocks = {
	monotonic: BEYOND_DOUBLE,
	boottime: LARGEST,
	realtime: 1_700_000_000_123_456_789n,
};

/** Every field set, none to its default. */
const FULL: SessionMetadata = {
	version: 1,
	toolVersion: "1.2.3",
	host: {
		hostname: "höst",
		kernelRelease: "6.1.0",
		kernelVersion: "#1",
		machine: "x86_64",
		cpuIds: 4,
		littleEndian: true,
		clockTicksPerSecond: 100,
	},
	start: clocks,
	channels: [
		{
			name: "main",
			id: 1,
			epoch: 2,
			subbufSize: 262_144,
			subbufCount: 8,
			flushIntervalMs: 100,
			sources: ["syscalls", "sched"],
			overwrite: true,
			contexts: [{ source: "sched", context: 5 }],
			global: true,
			blktrace: { device: "/dev/sda", version: 8, mask: LARGEST },
			strings: true,
		},
	],
	schemaJson: '[{"name":"x"}]',
	syscallTable: "1 39 getpid 0\n",
	syscallArguments: "getpid\nread unsigned int fd, char * buf, size_t count",
	processes: [
		{
			pid: 1,
			ppid: 2,
			uid: 4_294_967_295,
			comm: "init",
			exe: "/sbin/init",
			cmdline: new Uint8Array([105, 0, 255]),
			threads: [{ tid: 1, comm: "init", startTicks: BEYOND_DOUBLE }],
			identity: {
				...{ euid: 1, gid: 2, egid: 3, loginuid: 4_294_967_295, sessionId: 5 },
				cgroup: "/system.slice",
			},
		},
	],
	request: {
		command: ["ls", "-l"],
		commandPid: 7,
		pids: [8, 9],
		sources: ["all"],
		recorderPid: 6,
		fromBoot: true,
	},
	ending: {
		stop: clocks,
		counters: [
			{
				channelId: 1,
				cpu: 3,
				seen: LARGEST,
				filtered: 1n,
				written: BEYOND_DOUBLE,
				lost: [0n, LARGEST, BEYOND_DOUBLE],
				sealed: 2n,
				consumed: 3n,
				unread: 4n,
				overwritten: 5n,
				torn: 6n,
				trimmed: 7n,
				reset: 8n,
			},
		],
		bufflinkRefused: BEYOND_DOUBLE,
		errorCode: "DISK_FULL",
		errorMessage: "full",
		commandStatus: 137,
		commandEnded: true,
		drops: [{ channelId: 1, begin: BEYOND_DOUBLE, end: LARGEST, count: 3n }],
	},
	snapshot: { reason: "command-failed", keep: BEYOND_DOUBLE },
	filters: [{ source: "syscalls", expression: 'comm ~ "ü*"', trigger: true }],
	importedFiles: ["sda.blktrace.0"],
};

test("the descriptor in code is metadata.proto", () => {
	const proto = readFileSync(new URL("./metadata.proto", import.meta.url), "utf8");
	const parsed = JSON.stringify(protobuf.parse(proto).root.toJSON(), (key, value) =>
		key === "protoName" ? undefined : value,
	);
	expect({
		nested: { relayscope: { nested: { session: { nested: METADATA_MESSAGES } } } },
	}).toEqual(JSON.parse(parsed));
});

test("any protobuf reader reads it", () => {
	const proto = readFileSync(new URL("./metadata.proto", import.meta.url), "utf8");
	const type = protobuf.parse(proto).root.lookupType("relayscope.session.Metadata");
	const bytes = encodeMetadata(FULL);
	const theirs = type.toObject(type.decode(bytes), { longs: BigInt, defaults: true, arrays: true });
	expect(normalise(theirs)).toEqual(normalise(FULL));
	// And the other way round, whatever order and packing they choose.
	expect(normalise(decodeMetadata(type.encode(type.decode(bytes)).finish()))).toEqual(
		normalise(FULL),
	);
});

test("every field comes back, 64-bit ones to the last digit", () => {
	const decoded = decodeMetadata(encodeMetadata(FULL));
	// Not toEqual alone: it calls a Buffer and a Uint8Array different.
	expect(normalise(decoded)).toEqual(normalise(FULL));
});

test("any 64-bit value is exact", () => {
	fc.assert(
		fc.property(fc.bigInt(0n, LARGEST), (monotonic) => {
			const decoded = decodeMetadata(encodeMetadata({ ...FULL, start: { ...clocks, monotonic } }));
			expect(decoded).toHaveProperty("start.monotonic", monotonic);
		}),
	);
});

test("what a killed recorder leaves has no ending, and empty lists", () => {
	const killed = {
		...FULL,
		channels: [],
		syscallTable: "",
		syscallArguments: "",
		processes: [],
		filters: [],
		importedFiles: [],
		ending: undefined,
	};
	expect(decodeMetadata(encodeMetadata(killed))).toEqual(killed);
});

test("a later format is told from damage", () => {
	expect(decodeMetadata(encodeMetadata({ ...FULL, version: 2 }))).toEqual({ newer: 2 });
	expect(decodeMetadata(new TextEncoder().encode("some other program's metadata"))).toBeUndefined();
	expect(decodeMetadata(new Uint8Array())).toBeUndefined();
	expect(decodeMetadata(encodeMetadata(FULL).subarray(0, 40))).toBeUndefined();
});

test("no bytes make the decoder throw", () => {
	fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decodeMetadata(bytes)));
});

function normalise(value: unknown): unknown {
	return JSON.parse(
		JSON.stringify(value, (_key, item) => {
			if (typeof item === "bigint") return `${item}n`;
			return item?.type === "Buffer" ? Object.assign({}, item.data) : item;
		}),
	);
}
