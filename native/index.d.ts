/**
 * The native side of the recorder: /dev/relayscope, the mmap reader threads and the launcher.
 * Every error thrown or reported has `code` (an errno name such as "ENOENT") and `errno`.
 * All 64-bit values are bigint. Usable from worker threads; objects may be collected at any time:
 * collection closes them as `close()` does.
 */

export interface NativeError extends Error {
	readonly code: string;
	readonly errno: number;
	/** The call that failed, e.g. `open /dev/relayscope`. */
	readonly syscall: string;
}

export interface RecorderInfo {
	readonly abiVersion: number;
	/** CPUs are numbered below this. */
	readonly cpuIds: number;
	readonly bufflinkMinor: number;
	readonly recorderId: number;
}

export interface SourceInfo {
	readonly name: string;
	readonly description: string;
	readonly tracepoints: number;
	/** Tracepoints of the source that this kernel does not have. */
	readonly missing: number;
}

export interface SourceSchema {
	/** Event number i of the list is recorded under this + i. */
	readonly firstEventId: number;
	/** A list of event schemas; written by whoever wrote the module. */
	readonly json: string;
}

export interface ChannelOptions {
	readonly name: string;
	/** Bytes: a power of two, a page to 64 MiB. */
	readonly subbufSize: number;
	/** A power of two, 2 to 4096. */
	readonly subbufCount: number;
	/** 0: seal only what is full; must be 0 with `overwrite`. */
	readonly flushIntervalMs: number;
	/** A flight recorder: the oldest is overwritten, and a SnapshotReader copies what is there. */
	readonly overwrite?: boolean;
	/** One buffer for all CPUs, wherever a CPU is told known as 0xffffffff. */
	readonly global?: boolean;
	/** It has files, and can be read, only after `makeFiles`. */
	readonly bufferOnly?: boolean;
}

export interface ChannelInfo {
	readonly id: number;
	readonly epoch: number;
	/** Below the debugfs mount. */
	readonly directory: string;
}

/** As struct relayscope_stats: seen = filtered + sum(lost) + written. */
export interface CpuStats {
	readonly seen: bigint;
	readonly filtered: bigint;
	readonly written: bigint;
	/** By enum relayscope_lost_reason. */
	readonly lost: readonly bigint[];
	/** Sub-buffers. */
	readonly sealed: bigint;
	readonly consumed: bigint;
	/** Records, of those written. */
	readonly overwritten: bigint;
	/** Records, of those written, that were dropped by `reset`. */
	readonly reset: bigint;
}

/** The recording that the kernel module began when it was loaded. */
export interface AdoptedRecording {
	/** Buffer-only. */
	readonly channel: ChannelInfo & Required<ChannelOptions>;
	readonly sources: readonly string[];
	/** When it began. */
	readonly start: Clocks;
}

export interface Clocks {
	readonly monotonic: bigint;
	readonly boottime: bigint;
	readonly realtime: bigint;
}

/** USER_HZ, the unit of times in /proc. */
export const clockTicksPerSecond: number;

/** The three clocks read together (the closest of several tries), ns. */
export function readClocks(): Clocks;

/**
 * Loads the kernel module in a .ko file, as insmod does.
 * @throws NativeError EEXIST (loaded already), EPERM, ENOENT (a symbol it needs is missing), ...
 */
export function loadModule(path: string): void;

/** ABI version and struct sizes this addon was compiled with, for tests and `doctor`. */
export const abi: {
	readonly version: number;
	readonly subbufHeaderLength: number;
	readonly recordHeaderLength: number;
	readonly messageHeaderLength: number;
};

/** An open /dev/relayscope. Closing it ends everything it made in the kernel. */
export class Recorder {
	/** @throws NativeError ENOENT (no module), EACCES, ... */
	constructor(device?: string);
	info(): RecorderInfo;
	sources(): SourceInfo[];
	createChannel(options: ChannelOptions): ChannelInfo;
	/**
	 * `context`: RELAYSCOPE_CONTEXT_* bits of what its records carry beside their fields.
	 * `strings`: what calls are given and give as texts, too (docs/strings.md).
	 * @throws NativeError ENOENT: no such source loaded; ENXIO: none of its tracepoints exist;
	 * EINVAL: a bit that this kernel module does not know; EOPNOTSUPP: the source has no strings;
	 * EMSGSIZE: the channel's sub-buffers are too small for them.
	 */
	attachSource(channelId: number, source: string, context?: number, strings?: boolean): void;
	/** Events of an attached source that a module brought; undefined for Relayscope's own sources. */
	sourceSchema(channelId: number, source: string): SourceSchema | undefined;
	/**
	 * Files of a buffer-only channel, with all that was recorded so far.
	 * @throws NativeError EINVAL: another channel; EEXIST: they are made already.
	 */
	makeFiles(channelId: number): void;
	/** While recording: seals what is open on every CPU, so that readers get it. */
	flush(channelId: number): void;
	/**
	 * Drops what the channel's buffers hold, while preparing or recording; its new epoch.
	 * @throws NativeError EBUSY: a reader has it open.
	 */
	reset(channelId: number): number;
	/**
	 * Before anything else is made: this recorder becomes that of the boot recording.
	 * @throws NativeError ENOENT: there is none, or another has it.
	 */
	adoptBoot(): AdoptedRecording;
	/**
	 * What of an attached source is recorded, or makes a trigger fire: instructions and texts as in
	 * relayscope.h. The index of the instruction that the kernel refuses, 2^32 - 1 when something
	 * else of it is wrong; undefined when it was loaded.
	 */
	loadProgram(
		channelId: number,
		source: string,
		kind: "early" | "whole" | "trigger",
		instructions: Uint8Array,
		text: Uint8Array,
	): number | undefined;
	/** How many triggers have fired since the last call; each fires again from now on. */
	triggered(): number;
	/** Nobody else is recorded, and the lives of those who are told in messages from now on. */
	addProcess(pid: number, follow: boolean): void;
	/** The lives of all processes are told in messages from now on. */
	tellLives(): void;
	start(): void;
	/** Probes off, open sub-buffers sealed, counters final. */
	stop(): void;
	stats(channelId: number, cpu: number): CpuStats;
	close(): void;
}

export interface ReaderOptions {
	readonly channelId: number;
	/** Absolute, e.g. /sys/kernel/debug/relayscope/kernel-1; holds cpu<N>, or global. */
	readonly dataDirectory: string;
	/** Output file of a CPU: prefix + cpu number + suffix; of a global channel without number. Created, must not exist. */
	readonly outputPrefix: string;
	readonly outputSuffix: string;
}

export interface ReaderProgress {
	readonly cpu: number;
	/** Bytes written to the raw file. */
	readonly bytes: bigint;
	/** Sub-buffers written and acknowledged. */
	readonly subbufs: bigint;
	/** Records, lost ones: from the headers of the sub-buffers written. */
	readonly records: bigint;
	readonly lost: bigint;
	/**
	 * Sub-buffers acknowledged but not written, because their header could not be believed: a gap
	 * in the file's sequence. The records they claim are unread.
	 */
	readonly faults: bigint;
	/** Sub-buffers sealed and waiting at the moment of the call. */
	readonly waiting: number;
	/** Every record older than this is in the first `bytes` bytes of the file (or in a fault). */
	readonly timeFloor: bigint;
	/** Why this CPU's thread stopped before it was told to; its file ends with a whole sub-buffer. */
	readonly error: NativeError | undefined;
}

/** Reader threads of one channel, one a CPU (one for a global channel), outside the event loop. */
export class ChannelReader {
	/** Maps buffers and control pages and starts the threads. Keeps the recorder open. */
	constructor(recorder: Recorder, channel: ChannelOptions, options: ReaderOptions);
	progress(): ReaderProgress[];
	/**
	 * Called (on the JS thread) once per CPU thread that fails, also for those that failed before
	 * it was set. Does not keep the process alive.
	 */
	onError(callback: (error: NativeError, cpu: number) => void): void;
	/**
	 * After Recorder.stop(): takes what is sealed, syncs nothing, ends the threads and lets go of the
	 * kernel's buffers; progress() keeps its last values. Per CPU, records in sealed sub-buffers that
	 * could not be taken.
	 */
	finish(): Promise<{ readonly cpu: number; readonly unread: bigint }[]>;
	/** Ends the threads without draining. */
	close(): void;
}

export interface SnapshotReaderOptions {
	readonly channelId: number;
	/** Absolute; holds cpu<N>. */
	readonly dataDirectory: string;
}

export interface SnapshotRequest {
	/** As those of a ChannelReader. */
	readonly outputPrefix: string;
	readonly outputSuffix: string;
	/** Sub-buffers that end longer ago, ns, are left out; 0: none. */
	readonly keep: bigint;
}

/** stats.written = stats.overwritten + stats.reset + records + torn + trimmed + unread. */
export interface CpuSnapshot {
	readonly cpu: number;
	/** CLOCK_MONOTONIC: every older record of this CPU was sealed then, and no newer one. */
	readonly ts: bigint;
	/** Of that moment. */
	readonly stats: CpuStats;
	readonly bytes: bigint;
	readonly subbufs: bigint;
	/** Records in the file, as the kernel counted them. */
	readonly records: bigint;
	/** Records that were overwritten while they were copied. */
	readonly torn: bigint;
	/** Records in sub-buffers older than `keep`. */
	readonly trimmed: bigint;
	/** Records in sub-buffers whose header could not be believed. */
	readonly unread: bigint;
	/** Time of the oldest record in the file. */
	readonly tsBegin: bigint | undefined;
}

/** Copies what an overwrite channel holds, again and again, while it records. */
export class SnapshotReader {
	/** Maps buffers and control pages. Keeps the recorder open. */
	constructor(recorder: Recorder, channel: ChannelOptions, options: SnapshotReaderOptions);
	/**
	 * Seals what is open and copies every CPU's sub-buffers, each on a thread of its own. When it
	 * fails, the files are incomplete. One at a time; further calls wait.
	 */
	snapshot(request: SnapshotRequest): Promise<CpuSnapshot[]>;
	/** After Recorder.stop(): per CPU, records in the buffers. */
	held(): { readonly cpu: number; readonly records: bigint }[];
	close(): void;
}

/** Copies /dev/bufflinkN to a file as it fills, on a thread of its own. */
export class BufflinkReader {
	constructor(device: string, output: string);
	/**
	 * Takes what is left and ends. `refused`: appends the kernel refused. `error`: why the thread
	 * ended before it was told to.
	 */
	finish(): Promise<{
		readonly bytes: bigint;
		readonly refused: bigint;
		readonly error: NativeError | undefined;
	}>;
	/** Takes what is there and copies everything taken so far to a new file, while it goes on. */
	copyTo(path: string): Promise<{
		readonly bytes: bigint;
		readonly refused: bigint;
		readonly error: NativeError | undefined;
	}>;
	onError(callback: (error: NativeError) => void): void;
	close(): void;
}

export interface RelayFileOrigin {
	/** Of the session's channel that the records become. */
	readonly channelId: number;
	readonly epoch: number;
	readonly cpu: number;
	/** What the records give as `path`. */
	readonly channelPath: string;
}

export interface RelayFileProgress {
	readonly cpu: number;
	/** Of the raw file. */
	readonly bytes: bigint;
	readonly subbufs: bigint;
	/** Chunks. */
	readonly records: bigint;
	/** Why the thread ended before it was told to; its file ends with a whole sub-buffer. */
	readonly error: NativeError | undefined;
}

/**
 * Captures one CPU's file of another driver's relay channel by read(2), on a thread of its own, as
 * `relay_chunks` records.
 */
export class RelayFileReader {
	/** Bytes; sub-buffers of its raw files are of this size at most. */
	static readonly subbufSize: number;
	/** @throws NativeError ENOENT, EACCES, EPERM (locked down), EEXIST (the output is there) */
	constructor(origin: RelayFileOrigin, input: string, output: string);
	progress(): RelayFileProgress;
	onError(callback: (error: NativeError, cpu: number) => void): void;
	/** Takes what is left and ends. */
	finish(): Promise<RelayFileProgress>;
	/** Ends without taking what is left. */
	close(): void;
}

export interface BlockTraceOptions {
	/** Bytes. */
	readonly bufferSize: number;
	/** Of each CPU. */
	readonly bufferCount: number;
}

/**
 * A block device's trace by the kernel's own blktrace; its relay files, `trace0` and so on, are in
 * debugfs' block/NAME. Taken down by `close`, by collection, and when the process dies.
 */
export class BlockTrace {
	/**
	 * @throws NativeError ENOTBLK (no block device), EBUSY (it is traced already), ENOTTY (the kernel
	 * has no blktrace), EACCES, ENOENT
	 */
	constructor(device: string, options: BlockTraceOptions);
	/** Of its directory in debugfs. */
	readonly name: string;
	/** Of its records: 7 or 8. */
	readonly version: number;
	/** As its records give it: major << 20 | minor. */
	readonly device: number;
	/** Of the categories that are recorded. */
	readonly mask: bigint;
	start(): void;
	/** What the buffers hold can be read afterwards. */
	stop(): void;
	/** The relay files are gone then. */
	close(): void;
}

export interface HeldCommandOptions {
	/** Absolute path of the program; PATH is not searched. */
	readonly file: string;
	readonly argv: readonly string[];
	readonly env: readonly string[];
	readonly cwd: string;
}

/**
 * A forked child that waits in user space, having made its last system call, until released; the
 * next system call it makes is its execve. Its standard streams are the caller's.
 */
export class HeldCommand {
	/** Returns when the child is in user space. */
	constructor(options: HeldCommandOptions);
	readonly pid: number;
	release(): void;
	/** Exit status as a shell reports it (128 + signal); `execErrno` when execve failed. */
	wait(): Promise<{ readonly status: number; readonly signal: number; readonly execErrno: number }>;
	/** Passes a signal on; nothing when it has ended. */
	kill(signal: number): void;
}
