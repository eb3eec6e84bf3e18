import { METADATA_VERSION } from "./layout.js";
import { METADATA_MESSAGES } from "./metadata-descriptor.js";
import { decodeMessage } from "./protobuf-decode.js";

/** What a session's `metadata` file says; field by field as in metadata.proto. */
export interface SessionMetadata {
	readonly version: number;
	readonly toolVersion: string;
	readonly host: HostMetadata;
	readonly start: ClockReading;
	readonly channels: readonly ChannelMetadata[];
	readonly schemaJson: string;
	/** A line a call: ABI, number, name, argument count; empty when calls were not recorded. */
	readonly syscallTable: string;
	/** A line a 64-bit call: name, arguments as in C; empty where the kernel did not tell. */
	readonly syscallArguments?: string | undefined;
	readonly processes: readonly ProcessSnapshot[];
	readonly request: RequestMetadata;
	/** Absent when the recorder was killed. */
	readonly ending: EndingMetadata | undefined;
	/** Only of a flight recorder's snapshot. */
	readonly snapshot?: SnapshotMetadata | undefined;
	/** What decided which events were recorded, and on which a snapshot was to be taken. */
	readonly filters?: readonly FilterMetadata[] | undefined;
	/** Paths of another program's files that this was made from; none: it was recorded. */
	readonly importedFiles?: readonly string[] | undefined;
}

export interface FilterMetadata {
	readonly source: string;
	/** As it was written; several of one source are joined. */
	readonly expression: string;
	/** An event that it holds for makes a snapshot; else it is recorded. */
	readonly trigger: boolean;
}

export interface SnapshotMetadata {
	readonly reason: SnapshotReason;
	/** Sub-buffers that ended longer before, ns, were left out; 0: none. */
	readonly keep: bigint;
}

export type SnapshotReason = "request" | "signal" | "command-failed" | "end" | "trigger";

export interface HostMetadata {
	readonly hostname: string;
	readonly kernelRelease: string;
	readonly kernelVersion: string;
	readonly machine: string;
	readonly cpuIds: number;
	readonly littleEndian: boolean;
	readonly clockTicksPerSecond: number;
}

/** The three clocks read together, ns. */
export interface ClockReading {
	readonly monotonic: bigint;
	readonly boottime: bigint;
	readonly realtime: bigint;
}

export interface ChannelMetadata {
	readonly name: string;
	readonly id: number;
	readonly epoch: number;
	readonly subbufSize: number;
	readonly subbufCount: number;
	readonly flushIntervalMs: number;
	readonly sources: readonly string[];
	/** A flight recorder's: the oldest sub-buffers are overwritten. */
	readonly overwrite: boolean;
	/** One buffer for all CPUs, whose records say their CPU. */
	readonly global: boolean;
	/** Records of system calls have their texts. */
	readonly strings?: boolean;
	/** What records of its sources carry beside their fields; of those not listed: nothing. */
	readonly contexts?: readonly SourceContext[] | undefined;
	/** Its records are pieces of a stream of blktrace's records. */
	readonly blktrace?: BlktraceMetadata | undefined;
}

export interface BlktraceMetadata {
	/** Its path, or, imported, the name that the files have. */
	readonly device: string;
	/** Of the records, as far as it was known beforehand; 0: they say themselves. */
	readonly version: number;
	/** BLK_TC_* categories that were recorded; 0: not known. */
	readonly mask: bigint;
}

export interface SourceContext {
	readonly source: string;
	/** RELAYSCOPE_CONTEXT_* bits. */
	readonly context: number;
}

export interface ProcessSnapshot {
	readonly pid: number;
	readonly ppid: number;
	readonly uid: number;
	readonly comm: string;
	readonly exe: string;
	readonly cmdline: Uint8Array;
	readonly threads: readonly ThreadSnapshot[];
	/** Absent where nobody looked. */
	readonly identity?: ProcessIdentity | undefined;
}

export interface ProcessIdentity {
	readonly euid: number;
	readonly gid: number;
	readonly egid: number;
	/** UNSET_ID: unset, as the session. */
	readonly loginuid: number;
	readonly sessionId: number;
	readonly cgroup: string;
}

/** What the kernel has for a login user or an audit session that is not set. */
export const UNSET_ID = 0xffff_ffff;

export interface ThreadSnapshot {
	readonly tid: number;
	readonly comm: string;
	readonly startTicks: bigint;
}

export interface RequestMetadata {
	readonly command: readonly string[];
	readonly commandPid: number;
	readonly pids: readonly number[];
	readonly sources: readonly string[];
	readonly recorderPid: number;
	/** The kernel module had begun it before there was a recorder. */
	readonly fromBoot?: boolean;
}

export interface EndingMetadata {
	readonly stop: ClockReading;
	readonly counters: readonly CpuCounters[];
	readonly bufflinkRefused: bigint;
	readonly errorCode: string;
	readonly errorMessage: string;
	readonly commandStatus: number;
	readonly commandEnded: boolean;
	/** What other drivers' relay channels say that they lost. */
	readonly drops?: readonly DropMetadata[] | undefined;
}

/** Events that a driver had no room for between two looks at its counter. */
export interface DropMetadata {
	readonly channelId: number;
	/** CLOCK_MONOTONIC, ns. */
	readonly begin: bigint;
	readonly end: bigint;
	readonly count: bigint;
}

export interface CpuCounters {
	readonly channelId: number;
	/** CPU_ALL: the buffer of a global channel, whose CPUs have counters of their own. */
	readonly cpu: number;
	readonly seen: bigint;
	readonly filtered: bigint;
	readonly written: bigint;
	readonly lost: readonly bigint[];
	readonly sealed: bigint;
	readonly consumed: bigint;
	/** Records in sealed sub-buffers that were not taken. */
	readonly unread: bigint;
	/** Records in sub-buffers that a flight recorder used again. */
	readonly overwritten: bigint;
	/** Records that were overwritten while they were copied. */
	readonly torn: bigint;
	/** Of those unread: older than was asked for. */
	readonly trimmed: bigint;
	/** Records that a reset of the channel dropped. */
	readonly reset: bigint;
}

/**
 * What the bytes say. `newer`: written by a version whose session this one cannot judge;
 * `undefined`: not metadata at all.
 */
export type DecodedMetadata = SessionMetadata | { readonly newer: number } | undefined;

export function decodeMetadata(bytes: Uint8Array): DecodedMetadata {
	let plain: Partial<Record<keyof SessionMetadata, unknown>>;
	try {
		plain = decodeMessage(METADATA_MESSAGES, "Metadata", bytes);
	} catch {
		// Protobuf has no magic: bytes that do not parse are some other program's file.
		return undefined;
	}
	const version = plain.version;
	if (typeof version !== "number" || version === 0) return undefined;
	if (version > METADATA_VERSION) return { newer: version };
	if (!isMessage(plain.host) || !isMessage(plain.start)) return undefined;
	const request = isMessage(plain.request) ? plain.request : NO_REQUEST;
	const ending = decodeEnding(plain.ending);
	const snapshot = isMessage(plain.snapshot) ? plain.snapshot : undefined;
	// The descriptor gives exactly these fields; a test holds descriptor, .proto and type together.
	return { ...plain, request, ending, snapshot } as unknown as SessionMetadata;
}

const NO_REQUEST: RequestMetadata = {
	command: [],
	commandPid: 0,
	pids: [],
	sources: [],
	recorderPid: 0,
};

function decodeEnding(ending: unknown): object | undefined {
	if (!isMessage(ending)) return undefined;
	const missing: ClockReading = { monotonic: 0n, boottime: 0n, realtime: 0n };
	return { ...ending, stop: ("stop" in ending && ending.stop) || missing };
}

function isMessage(value: unknown): value is object {
	return typeof value === "object" && value !== null;
}
