import { availableParallelism } from "node:os";
import { setImmediate as yieldToEvents } from "node:timers/promises";
import { KernelSymbols } from "./analyze/symbols/kernel-symbols.js";
import { UserSymbols } from "./analyze/symbols/user-symbols.js";
import { BlktraceNotes } from "./analyze/tracking/blktrace-notes.js";
import { BlktraceEvents } from "./analyze/tracking/block/blktrace-events.js";
import { BlockRecords } from "./analyze/tracking/block/block-records.js";
import { BlockTracker } from "./analyze/tracking/block/block-tracker.js";
import { ContextTracker } from "./analyze/tracking/context-tracker.js";
import { credentialHandler } from "./analyze/tracking/credential-tracker.js";
import { eventHandler } from "./analyze/tracking/event-tracker.js";
import { LIFECYCLE_HANDLERS, type RecordHandler } from "./analyze/tracking/lifecycle-tracker.js";
import { LogTracker } from "./analyze/tracking/log-tracker.js";
import { LossHistory } from "./analyze/tracking/loss-history.js";
import { FileTracker } from "./analyze/tracking/paths/file-tracker.js";
import { SchedTracker } from "./analyze/tracking/sched-tracker.js";
import { StackTable } from "./analyze/tracking/stack-table.js";
import { SyscallTable } from "./analyze/tracking/syscall-table.js";
import { SyscallTracker } from "./analyze/tracking/syscall-tracker.js";
import { ThreadRows } from "./analyze/tracking/thread-rows.js";
import { ThreadTable } from "./analyze/tracking/thread-table.js";
import { CPU_ALL, knownCpu } from "./base/cpu.js";
import { type FaultCode, FaultLog } from "./base/fault.js";
import { BlktraceChannels } from "./blktrace-channels.js";
import { BLKTRACE_EVENT_ID, BlktraceStream } from "./collector/blktrace/blktrace-stream.js";
import { BLKTRACE_CATEGORY } from "./collector/blktrace/layout.js";
import { BufflinkStream } from "./collector/bufflink-stream.js";
import { CpuStream } from "./collector/cpu-stream.js";
import type { LossInterval } from "./collector/losses.js";
import { Merge } from "./collector/merge.js";
import type { CursorState, RecordCursor } from "./collector/record-cursor.js";
import type { EventSchema } from "./schema/event-schema.js";
import { schemaFromJson } from "./schema/schema-json.js";
import { readProcessFiles } from "./session/process-files.js";
import type { RawFile, Session } from "./session/session-reader.js";
import { readCgroupPaths, readKernelSymbols, readProcessMaps } from "./session/symbol-files.js";
import { findDatabase, installDatabase } from "./store/database-file.js";
import { SessionStore, type StringRows } from "./store/session-store.js";
import { type StoredStream, writeSummary } from "./store/session-summary.js";

const EVENT_IDS = 0x10000;
const NO_SYMBOLS = { kallsyms: "", modules: "" };
const BYTES_OF_HEADER_AND_ROUNDING = 12 + 7;
/** About a twentieth of a second's work. */
const RECORDS_PER_STEP = 100_000;
/** Raw data for which a second thread's start is worth its time. */
const BYTES_FOR_A_THREAD = 8 * 2 ** 20;

export interface Progress {
	readonly bytes: number;
	readonly totalBytes: number;
	readonly records: number;
}

export interface BuildOptions {
	/** Whether a thread of its own writes the database; by the session's size when absent. */
	readonly writerThread?: boolean | undefined;
	readonly progress?: ((progress: Progress) => void) | undefined;
}

/** The session's database, built first when there is none or when it is stale. */
export async function ensureDatabase(
	session: Session,
	options: BuildOptions = {},
): Promise<string> {
	return findDatabase(session) ?? (await buildDatabase(session, options));
}

/** Builds the session's database anew from its raw files and returns its path. */
export function buildDatabase(session: Session, options: BuildOptions = {}): Promise<string> {
	return installDatabase(session, async (path) => {
		const thread = options.writerThread ?? isWorthAThread(session);
		const pipeline = new Pipeline(session, path, thread);
		try {
			while (pipeline.step(RECORDS_PER_STEP) === "record") {
				options.progress?.(pipeline.progress);
				// Lets a progress bar be drawn and Ctrl-C be heard.
				await yieldToEvents();
				await pipeline.ready();
			}
			await pipeline.finish();
			options.progress?.(pipeline.progress);
		} catch (error) {
			await pipeline.abandon();
			throw error;
		}
	});
}

function isWorthAThread({ rawFiles }: Session): boolean {
	const bytes = rawFiles.reduce((sum, { size }) => sum + size, 0);
	return bytes >= BYTES_FOR_A_THREAD && availableParallelism() > 1;
}

/**
 * The one place where streams, merge, schema, trackers and store meet: takes a session's records
 * one by one, in the order of time, into a database.
 */
export class Pipeline {
	readonly #session: Session;
	readonly #faults = new FaultLog();
	readonly #losses = new LossHistory();
	readonly #streams: readonly CpuStream[];
	readonly #bufflink: BufflinkStream | undefined;
	readonly #blktrace: BlktraceChannels;
	readonly #merge: Merge;
	readonly #store: SessionStore;
	readonly #threads: ThreadTable;
	readonly #files: FileTracker | undefined;
	/** Channels whose losses hide system calls. */
	readonly #callChannels: ReadonlySet<string>;
	readonly #syscalls: SyscallTracker | undefined;
	readonly #sched: SchedTracker | undefined;
	readonly #logs: LogTracker;
	readonly #notes: BlktraceNotes;
	readonly #blocks: BlockTracker;
	readonly #blktraceEvents: BlktraceEvents;
	readonly #blockRecords: BlockRecords;
	readonly #stacks: StackTable;
	readonly #contexts: ContextTracker;
	readonly #handlers: readonly (RecordHandler | undefined)[];
	/** Of each event's payload; shorter ones are faults. */
	readonly #lengths = new Uint32Array(EVENT_IDS);
	readonly #totalBytes: number;
	readonly #countedLosses = new Map<string, number>();
	#blktraceDevice = -1;
	#records = 0;
	#bytes = 0;
	#latestTs = 0;
	#closed = false;

	constructor(session: Session, databasePath: string, writerThread = false) {
		this.#session = session;
		const { metadata, timeBase, rawFiles } = session;
		const schemas = schemaFromJson(metadata.schemaJson);
		const { cpuIds } = metadata.host;
		this.#store = new SessionStore(
			{
				path: databasePath,
				timeBase,
				cpuIds: rawFiles.reduce(
					(most, { cpu }) => Math.max(most, (knownCpu(cpu) ?? 0) + 1),
					cpuIds,
				),
				events: schemas.filter(({ name, view }) => name === view),
				strings: hasStrings(session),
			},
			writerThread,
		);
		const byName = new Map(schemas.map((schema) => [schema.name, schema]));
		const onLoss = (loss: LossInterval): void => this.#lose(loss);
		const onDoubt = (): void => this.#blocks.lost();
		this.#blktrace = new BlktraceChannels(session, byName, this.#faults, onLoss, onDoubt);
		const opened: RecordCursor[] = [];
		try {
			this.#bufflink = this.#openBufflink();
			if (this.#bufflink !== undefined) opened.push(this.#bufflink);
			this.#streams = rawFiles.map((file) => {
				const stream = this.#openStream(file);
				opened.push(this.#blktrace.open(stream, file.channel) ?? stream);
				return stream;
			});
		} catch (error) {
			for (const stream of opened) stream.close();
			void this.#store.abandon();
			throw error;
		}
		// Of equal times the message goes first: it says whose the record is.
		this.#merge = new Merge(opened);
		this.#totalBytes = rawFiles.reduce((sum, { size }) => sum + size, session.bufflink?.size ?? 0);
		this.#threads = new ThreadTable(this.#store.lives, {
			boottime: metadata.start.boottime,
			ticksPerSecond: metadata.host.clockTicksPerSecond,
		});
		this.#threads.snapshot(metadata.processes);
		this.#callChannels = new Set(
			metadata.channels
				.filter(({ sources }) => sources.includes("syscalls"))
				.map(({ name }) => name),
		);
		const { strings } = this.#store;
		this.#files = strings && this.#fileTracker(strings);
		this.#syscalls = this.#syscallTracker(byName);
		this.#sched = this.#schedTracker(byName);
		const threadRows = new ThreadRows(this.#threads, this.#store.slices);
		this.#logs = new LogTracker(threadRows, this.#store.logs);
		this.#blocks = new BlockTracker(threadRows, this.#store.blocks, this.#syscalls?.inProgress());
		this.#blktraceEvents = new BlktraceEvents(this.#blocks);
		this.#blockRecords = new BlockRecords(this.#blocks, threadRows);
		this.#notes = new BlktraceNotes(this.#threads, threadRows, this.#store.logs);
		this.#stacks = this.#stackTable();
		const { contexts } = this.#store;
		const names = new Map(schemas.map(({ id, name }) => [id, name]));
		const nameOf = (id: number): string => names.get(id) ?? `event ${id}`;
		this.#contexts = new ContextTracker(
			...([this.#threads, contexts, threadRows, this.#stacks, nameOf] as const),
		);
		this.#handlers = this.#makeHandlers(schemas);
	}

	get progress(): Progress {
		const bytes = this.#closed ? this.#totalBytes : Math.min(this.#bytes, this.#totalBytes);
		return { bytes, totalBytes: this.#totalBytes, records: this.#records };
	}

	/**
	 * Takes up to so many records and puts them into the database. `record`: there are more;
	 * `idle`: not for now; `ended`: all are in, `finish` is due.
	 */
	step(maxRecords: number): CursorState {
		const merge = this.#merge;
		const handlers = this.#handlers;
		const lengths = this.#lengths;
		let state: CursorState = "record";
		let bytes = 0;
		let left = maxRecords;
		for (; left > 0; left--) {
			state = merge.next();
			if (state !== "record") break;
			const record = merge.current;
			const { eventId, payloadLength } = record;
			bytes += (payloadLength + BYTES_OF_HEADER_AND_ROUNDING) & ~7;
			const handler = handlers[eventId];
			if (handler === undefined) this.#fault(record, "unknown-event");
			else if (payloadLength < (lengths[eventId] as number) || !handler(record)) {
				this.#fault(record, "short-payload");
			} else if (record.contextLength > 0) this.#contexts.add(record);
			this.#latestTs = record.ts;
		}
		this.#records += maxRecords - left;
		this.#bytes += bytes;
		this.#store.commit();
		return state;
	}

	/** Resolves when the next step may be done; rejects when rows could not be written. */
	ready(): Promise<void> {
		return this.#store.ready();
	}

	/** Closes every account and the database. */
	async finish(): Promise<void> {
		const { metadata, timeBase } = this.#session;
		const { ending } = metadata;
		const endTs =
			ending === undefined
				? undefined
				: Math.max(this.#latestTs, Number(ending.stop.monotonic - timeBase));
		for (const [index, stream] of this.#streams.entries()) {
			const channelId = this.#session.rawFiles[index]?.channel.id;
			const own = ending?.counters.filter((each) => each.channelId === channelId) ?? [];
			const counters = own.find(({ cpu }) => cpu === stream.buffer);
			// All that this CPU held was overwritten while it was copied.
			if (
				counters !== undefined &&
				endTs !== undefined &&
				counters.torn > 0n &&
				stream.stored === 0
			) {
				const { channel, buffer: cpu } = stream;
				this.#lose({ channel, cpu, tsBegin: 0, tsEnd: endTs, lost: undefined });
			}
			if (ending === undefined || endTs === undefined) stream.losses.finish(undefined);
			else if (counters !== undefined) {
				// Into a global buffer all of the channel's CPUs write.
				const writers = stream.buffer === CPU_ALL ? own : [counters];
				const lost = Number(sum(writers.flatMap((each) => each.lost)));
				stream.losses.finish({ lost, ts: endTs });
			}
		}
		this.#writeBlktraceStats(endTs);
		// First what threads were doing, then the threads.
		this.#syscalls?.finish();
		this.#sched?.finish();
		this.#blocks.finish();
		this.#stacks.finish();
		const cgroups = readCgroupPaths(this.#session.directory);
		// Each number once, whatever became of the file.
		for (const [id, path] of new Map(cgroups.map(({ id, path }) => [id, path]))) {
			this.#store.contexts.cgroup(id, path);
		}
		this.#threads.finish();
		writeSummary(this.#store, this.#session, {
			records: this.#records,
			latestTs: this.#latestTs,
			endTs,
			messages: this.#bufflink?.stored ?? 0,
			// Of blktrace's channels the events count, not the pieces that they were read in.
			streams: this.#streams
				.filter((stream) => this.#blktrace.of(stream) === undefined)
				.map((stream) => this.#stored(stream)),
			faults: this.#faults,
		});
		this.#merge.close();
		await this.#store.finish();
		this.#closed = true;
	}

	/** Gives up; the unfinished database is left to be removed. */
	async abandon(): Promise<void> {
		this.#merge.close();
		await this.#store.abandon();
	}

	#openBufflink(): BufflinkStream | undefined {
		const { bufflink, timeBase, metadata } = this.#session;
		if (bufflink === undefined) return undefined;
		const { cpuIds } = metadata.host;
		return new BufflinkStream({ path: bufflink.path, timeBase, cpuIds, faults: this.#faults });
	}

	#openStream({ channel, cpu, path }: RawFile): CpuStream {
		return new CpuStream({
			path,
			channel: channel.name,
			origin: {
				channelId: channel.id,
				epoch: channel.epoch,
				cpu,
				subbufSize: channel.subbufSize,
				timeBase: this.#session.timeBase,
			},
			faults: this.#faults,
			onLoss: (loss) => this.#lose(loss),
			cpuIds: this.#session.metadata.host.cpuIds,
		});
	}

	#syscallTracker(schemas: ReadonlyMap<string, EventSchema>): SyscallTracker | undefined {
		const enter = schemas.get("syscall_enter");
		const exit = schemas.get("syscall_exit");
		if (enter === undefined || exit === undefined) return undefined;
		const table = new SyscallTable(this.#session.metadata.syscallTable);
		const { calls } = this.#store;
		const tracker = new SyscallTracker(
			{ enter, exit },
			...([this.#threads, table, calls, this.#losses, this.#files] as const),
		);
		this.#threads.listen(tracker);
		return tracker;
	}

	#fileTracker(rows: StringRows): FileTracker {
		const { metadata, timeBase, directory } = this.#session;
		const looks = readProcessFiles(directory).map((look) => ({
			...look,
			ts: Number(look.ts - timeBase),
		}));
		// What a filter has left out may have closed and opened anything.
		const complete = !(metadata.filters ?? []).some(
			({ source, trigger }) => source === "syscalls" && !trigger,
		);
		return new FileTracker(this.#threads, rows, looks, complete);
	}

	#schedTracker(schemas: ReadonlyMap<string, EventSchema>): SchedTracker | undefined {
		const schema = schemas.get("sched_switch");
		if (schema === undefined) return undefined;
		return new SchedTracker(schema, this.#threads, this.#store.slices, this.#losses);
	}

	#stackTable(): StackTable {
		const { directory, timeBase } = this.#session;
		return new StackTable(this.#store.contexts, timeBase, {
			kernel: () => new KernelSymbols(readKernelSymbols(directory) ?? NO_SYMBOLS),
			user: () => new UserSymbols(readProcessMaps(directory)),
		});
	}

	#makeHandlers(schemas: readonly EventSchema[]): readonly (RecordHandler | undefined)[] {
		const handlers = new Array<RecordHandler | undefined>(EVENT_IDS).fill(undefined);
		handlers[BLKTRACE_EVENT_ID] = (record) =>
			record instanceof BlktraceStream && this.#addBlktrace(record);
		for (const schema of schemas) {
			this.#lengths[schema.id] = schema.fixedLength;
			const track = this.#trackerOf(schema);
			const store =
				schema.view === schema.name
					? eventHandler(schema, this.#store.events(schema), this.#threads)
					: undefined;
			if (track !== undefined && store !== undefined) {
				handlers[schema.id] = (record) => track(record) && store(record);
			} else {
				// An event of a view that this version does not fill is understood, but kept nowhere.
				handlers[schema.id] = track ?? store ?? (() => true);
			}
		}
		return handlers;
	}

	#trackerOf(schema: EventSchema): RecordHandler | undefined {
		const syscalls = this.#syscalls;
		const sched = this.#sched;
		const { strings } = this.#store;
		switch (schema.name) {
			case "syscall_enter":
				return syscalls && ((record) => syscalls.enter(record));
			case "syscall_enter_late":
				return syscalls?.lateEntries(schema);
			case "syscall_enter_texts":
				return this.#files && syscalls?.entriesWithTexts(schema, this.#files);
			case "syscall_texts":
				return this.#files?.textsAtExit(schema);
			case "syscall_fd":
				return this.#files?.descriptors(schema);
			case "task_credentials":
				return strings && credentialHandler(schema, this.#threads, strings.callDetails);
			case "syscall_exit":
				return syscalls && ((record) => syscalls.exit(record));
			case "syscall_exit_short":
				return syscalls?.shortExits(schema);
			case "sched_switch":
				return sched && ((record) => sched.switched(record));
			default:
				return (
					LIFECYCLE_HANDLERS[schema.name]?.(schema, this.#threads) ??
					this.#logs.handlerOf(schema) ??
					this.#blockRecords.handlerOf(schema)
				);
		}
	}

	#addBlktrace(event: BlktraceStream): boolean {
		const { device, category } = event.walk;
		if ((category & BLKTRACE_CATEGORY.notify) !== 0) return this.#notes.add(event);
		if (device !== this.#blktraceDevice) {
			this.#blktraceDevice = device;
			this.#store.blocks.device(device, event.channel);
		}
		this.#blktrace.count(event);
		return this.#blktraceEvents.add(event);
	}

	#lose({ channel, cpu: buffer, tsBegin, tsEnd, lost }: LossInterval): void {
		const cpu = knownCpu(buffer);
		this.#store.loss(tsBegin, tsEnd, channel, cpu, lost);
		this.#blocks.lost();
		if (tsEnd !== undefined) {
			this.#losses.add(channel, cpu, tsBegin, tsEnd);
			if (this.#callChannels.has(channel)) this.#files?.lost(tsBegin, tsEnd);
		}
		const key = `${channel}/${buffer}`;
		this.#countedLosses.set(key, (this.#countedLosses.get(key) ?? 0) + (lost ?? 0));
	}

	#writeBlktraceStats(endTs: number | undefined): void {
		for (const { channel, cpus, dropped } of this.#blktrace.finish(endTs)) {
			for (const { cpu, produced, stored, lost, faults } of cpus) {
				// A recorder that was killed took its last events with it.
				if (endTs !== undefined) this.#store.stat(channel, cpu, "produced", produced);
				this.#store.stat(channel, cpu, "stored", stored);
				this.#store.stat(channel, cpu, "lost", lost);
				this.#store.stat(channel, cpu, "faults", faults);
			}
			if (dropped === 0) continue;
			// Neither numbered nor kept: the kernel's count is all that there is of them.
			this.#store.stat(channel, undefined, "produced", dropped);
			this.#store.stat(channel, undefined, "lost", dropped);
		}
	}

	#stored(stream: CpuStream): StoredStream {
		const { channel, buffer: cpu, stored, faults } = stream;
		const lost = this.#countedLosses.get(`${channel}/${cpu}`) ?? 0;
		return { channel, cpu, stored, faults, lost };
	}

	#fault({ channel, cpu }: RecordCursor, code: FaultCode): void {
		this.#faults.add({ stage: "decode", code, channel, cpu, offset: undefined });
	}
}

function hasStrings({ metadata }: Session): boolean {
	return metadata.channels.some(({ strings }) => strings === true);
}

function sum(counts: readonly bigint[]): bigint {
	return counts.reduce((total, count) => total + count, 0n);
}
