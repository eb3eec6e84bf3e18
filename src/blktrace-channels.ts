import { CPU_ALL } from "./base/cpu.js";
import type { FaultLog } from "./base/fault.js";
import { BlktraceStream } from "./collector/blktrace/blktrace-stream.js";
import { type EventAccount, EventAccounts } from "./collector/blktrace/event-accounts.js";
import type { CpuStream } from "./collector/cpu-stream.js";
import type { LossInterval } from "./collector/losses.js";
import type { EventSchema } from "./schema/event-schema.js";
import { tailReader } from "./schema/read-field.js";
import type { ChannelMetadata } from "./session/metadata.js";
import type { Session } from "./session/session-reader.js";

/** The books of one channel. */
export interface ChannelAccount {
	readonly channel: string;
	readonly cpus: readonly EventAccount[];
	/** Dropped by the kernel without a number, on whatever CPU. */
	readonly dropped: number;
}

/** The channels of a session that hold blktrace's records, and the accounts of their events. */
export class BlktraceChannels {
	readonly #session: Session;
	readonly #cpuIds: number;
	readonly #schemas: ReadonlyMap<string, EventSchema>;
	readonly #faults: FaultLog;
	readonly #onLoss: (loss: LossInterval) => void;
	readonly #streams = new Map<CpuStream, BlktraceStream>();
	readonly #accounts = new Map<string, EventAccounts>();
	readonly #onDoubt: () => void;
	/** Where intervals begin and end in which the kernel dropped events without a number. */
	readonly #doubts: readonly number[];
	#nextDoubt: number;
	#passed = 0;

	constructor(
		session: Session,
		schemas: ReadonlyMap<string, EventSchema>,
		faults: FaultLog,
		onLoss: (loss: LossInterval) => void,
		onDoubt: () => void,
	) {
		this.#session = session;
		this.#cpuIds = session.metadata.host.cpuIds;
		this.#schemas = schemas;
		this.#faults = faults;
		this.#onLoss = onLoss;
		this.#onDoubt = onDoubt;
		const { timeBase, metadata } = session;
		this.#doubts = (metadata.ending?.drops ?? [])
			.flatMap(({ begin, end }) => [Number(begin - timeBase), Number(end - timeBase)])
			.sort((a, b) => a - b);
		this.#nextDoubt = this.#doubts[0] ?? Number.POSITIVE_INFINITY;
	}

	/** The events within the stream's records; undefined when these are not pieces of blktrace's. */
	open(stream: CpuStream, channel: ChannelMetadata): BlktraceStream | undefined {
		const schema = this.#schemas.get("relay_chunks");
		if (channel.blktrace === undefined || schema === undefined) return undefined;
		const data = tailReader(schema, "data");
		const { name } = channel;
		const accounts = this.#accounts.get(name) ?? this.#newAccounts(name);
		this.#accounts.set(name, accounts);
		const events = new BlktraceStream({
			chunks: stream,
			dataAt: ({ view, payloadOffset: at, payloadLength: length }) =>
				data.tailLength(view, at, length) < 0 ? -1 : data.start(view, at, length),
			accounts,
			timeBase: this.#session.timeBase,
			faults: this.#faults,
		});
		this.#streams.set(stream, events);
		return events;
	}

	/** The stream's events, when it is one of blktrace's. */
	of(stream: CpuStream): BlktraceStream | undefined {
		return this.#streams.get(stream);
	}

	/** Keeps the books on an event that comes next; notes have no number. */
	count({ ts, damaged, cpu, walk, accounts }: BlktraceStream): void {
		if (ts >= this.#nextDoubt) this.#passDoubts(ts);
		// The number is that of the CPU it names, which the task may have left before it wrote.
		accounts.see(walk.cpu < this.#cpuIds ? walk.cpu : cpu, walk.sequence, ts, damaged);
	}

	/**
	 * Tells of what the kernel says that it dropped and no gap has told, and of CPUs whose files are
	 * missing, and closes the books. `endTs`: undefined when nobody knows how the recording ended.
	 */
	finish(endTs: number | undefined): readonly ChannelAccount[] {
		const { channels, importedFiles = [] } = this.#session.metadata;
		return channels.flatMap((channel) => {
			const { name } = channel;
			const dropped = this.#finishDrops(channel);
			if (endTs !== undefined && importedFiles.length > 0) this.#tellMissingFiles(channel, endTs);
			const cpus = this.#accounts.get(name)?.accounts() ?? [];
			return dropped === 0 && cpus.length === 0 ? [] : [{ channel: name, cpus, dropped }];
		});
	}

	/** What was in flight may have ended unseen. */
	#passDoubts(ts: number): void {
		while (ts >= this.#nextDoubt) {
			this.#nextDoubt = this.#doubts[++this.#passed] ?? Number.POSITIVE_INFINITY;
		}
		this.#onDoubt();
	}

	#tellMissingFiles(channel: ChannelMetadata, tsEnd: number): void {
		const own = this.#session.rawFiles.filter((file) => file.channel === channel);
		const cpus = own.map(({ cpu }) => cpu);
		for (let cpu = 0; cpu < Math.max(...cpus); cpu++) {
			if (cpus.includes(cpu)) continue;
			this.#onLoss({ channel: channel.name, cpu, tsBegin: 0, tsEnd, lost: undefined });
		}
	}

	#finishDrops({ id, name }: ChannelMetadata): number {
		const { ending } = this.#session.metadata;
		const drops = (ending?.drops ?? []).filter(({ channelId }) => channelId === id);
		const [first] = drops;
		const last = drops.at(-1);
		const told = this.#accounts.get(name)?.lost ?? 0;
		const dropped = drops.reduce((sum, { count }) => sum + Number(count), 0);
		if (first === undefined || last === undefined || dropped <= told) return 0;
		// Told in part: which of the intervals the rest belongs to is not known.
		const intervals =
			told === 0 ? drops : [{ begin: first.begin, end: last.end, count: BigInt(dropped - told) }];
		for (const { begin, end, count } of intervals) {
			const { timeBase } = this.#session;
			this.#onLoss({
				channel: name,
				cpu: CPU_ALL,
				tsBegin: Number(begin - timeBase),
				tsEnd: Number(end - timeBase),
				lost: Number(count),
			});
		}
		return dropped - told;
	}

	#newAccounts(channel: string): EventAccounts {
		return new EventAccounts(({ cpu, tsBegin, tsEnd, lost }) =>
			this.#onLoss({ channel, cpu, tsBegin, tsEnd, lost }),
		);
	}
}
