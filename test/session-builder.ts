import { closeSync, openSync, writeSync } from "node:fs";
import { CPU_ALL } from "../src/base/cpu.js";
import {
	ABI_VERSION,
	alignRecord,
	GLOBAL_RECORD,
	GLOBAL_RECORD_HEADER_SIZE,
	MESSAGE,
	MESSAGE_HEADER_SIZE,
	MESSAGE_MAGIC,
	RECORD,
	RECORD_HEADER_SIZE,
	SUBBUF,
	SUBBUF_HEADER_SIZE,
	SUBBUF_MAGIC,
} from "../src/collector/abi.js";
import type {
	ChannelMetadata,
	CpuCounters,
	EndingMetadata,
	SessionMetadata,
} from "../src/session/metadata.js";
import { SessionWriter } from "../src/session/session-writer.js";

/** A time: ns of CLOCK_MONOTONIC as bigint, or ns since the session's start as number. */
export type BuilderTime = bigint | number;

export interface SessionBuilderOptions {
	/** CLOCK_MONOTONIC at the start, ns. */
	readonly timeBase?: bigint;
	readonly cpuIds?: number;
	readonly schemaJson?: string;
	readonly metadata?: Partial<Omit<SessionMetadata, "version" | "channels" | "ending">>;
}

export interface ChannelOptions {
	readonly id?: number;
	readonly epoch?: number;
	readonly subbufSize?: number;
	readonly sources?: readonly string[];
	/** A flight recorder's. */
	readonly overwrite?: boolean;
	/** One buffer for all CPUs. */
	readonly global?: boolean;
	/** Records of system calls have their texts. */
	readonly strings?: boolean;
}

/** Why records were lost: the index into CpuCounters.lost, by enum relayscope_lost_reason. */
const LOST_FULL = 0;
const LOST_TOO_LARGE = 2;
const LOST_NESTED = 4;

const NOTHING_LOST: readonly bigint[] = new Array<bigint>(8).fill(0n);

const START = 1_000_000_000_000_000_123n;
const DEFAULT_CHANNEL = "main";

/**
 * Writes a real session directory, byte for byte as kernel and recorder would, without either.
 * Records go to the channel that `channel()` last named. Every call can be chained.
 *
 *     new SessionBuilder(dir).channel("main", { subbufSize: 4096 })
 *         .record(0, 10, 1, 4711, payload).lose(0, 3).record(0, 50, 1, 4711, payload).finish();
 */
export class SessionBuilder {
	readonly directory: string;
	readonly timeBase: bigint;
	readonly #options: SessionBuilderOptions;
	readonly #channels = new Map<
		string,
		{ metadata: ChannelMetadata; cpus: Map<number, CpuWriter> }
	>();
	readonly #messages: Uint8Array[] = [];
	#current = DEFAULT_CHANNEL;
	#latest: bigint;
	#bufflinkRefused = 0n;

	constructor(directory: string, options: SessionBuilderOptions = {}) {
		this.directory = directory;
		this.#options = options;
		this.timeBase = options.timeBase ?? options.metadata?.start?.monotonic ?? START;
		this.#latest = this.timeBase;
	}

	/** Declares a channel, or goes back to one that was declared. */
	channel(name: string, options: ChannelOptions = {}): this {
		this.#current = name;
		if (this.#channels.has(name)) return this;
		const metadata = {
			name,
			id: options.id ?? this.#channels.size + 1,
			epoch: options.epoch ?? 100 + this.#channels.size,
			subbufSize: options.subbufSize ?? 4096,
			subbufCount: 8,
			flushIntervalMs: 100,
			sources: options.sources ?? [],
			overwrite: options.overwrite ?? false,
			global: options.global ?? false,
			strings: options.strings ?? false,
		};
		this.#channels.set(name, { metadata, cpus: new Map() });
		return this;
	}

	record(cpu: number, ts: BuilderTime, eventId: number, tid: number, payload: Uint8Array): this {
		this.#cpu(cpu).record(this.#time(ts), eventId, tid, payload, cpu);
		return this;
	}

	/**
	 * Loses records as a full channel does: after what the open sub-buffer holds. With `inside`,
	 * as a nested event does: between two records of one sub-buffer.
	 */
	lose(cpu: number, count: number, where: "full" | "inside" = "full"): this {
		this.#cpu(cpu).lose(count, where, cpu);
		return this;
	}

	/** Overwrites the oldest sub-buffers of a CPU, as a flight recorder does. */
	overwrite(cpu: number, subbufs: number): this {
		this.#cpu(cpu).overwrite(subbufs);
		return this;
	}

	/** Seals the open sub-buffer of one CPU of the current channel. */
	seal(cpu: number): this {
		this.#cpu(cpu).seal();
		return this;
	}

	sealAll(): this {
		for (const { cpus } of this.#channels.values()) for (const cpu of cpus.values()) cpu.seal();
		return this;
	}

	message(ts: BuilderTime, cpu: number, eventId: number, tid: number, payload: Uint8Array): this {
		const length = MESSAGE_HEADER_SIZE + payload.length;
		const bytes = new Uint8Array(alignRecord(length));
		const view = new DataView(bytes.buffer);
		view.setUint16(MESSAGE.magic, MESSAGE_MAGIC, true);
		view.setUint16(MESSAGE.event_id, eventId, true);
		view.setUint32(MESSAGE.length, length, true);
		view.setBigUint64(MESSAGE.ts, this.#time(ts), true);
		view.setUint32(MESSAGE.cpu, cpu, true);
		view.setUint32(MESSAGE.tid, tid, true);
		bytes.set(payload, MESSAGE_HEADER_SIZE);
		this.#messages.push(bytes);
		return this;
	}

	/** Counts messages that the bufflink had no room for. */
	refuse(count: number): this {
		this.#bufflinkRefused += BigInt(count);
		return this;
	}

	/**
	 * Seals and writes everything. `ending: "killed"` leaves the metadata as it was at the start;
	 * an object overrides fields of an ending whose counters match what was written.
	 */
	finish(options: { readonly ending?: Partial<EndingMetadata> | "killed" } = {}): void {
		this.sealAll();
		const writer = SessionWriter.create(this.directory, this.#initialMetadata());
		for (const [name, { cpus }] of this.#channels) {
			for (const [cpu, { sealed }] of cpus) writeChunks(writer.rawFile(name, cpu), sealed);
		}
		if (this.#messages.length > 0) writeChunks(writer.bufflinkFile, this.#messages);
		if (options.ending === "killed") return;
		writer.finish({ ...this.#ending(), ...options.ending });
	}

	#cpu(cpu: number): CpuWriter {
		if (!this.#channels.has(this.#current)) this.channel(this.#current);
		const channel = this.#channels.get(this.#current);
		if (channel === undefined) throw new Error(`no channel ${this.#current}`);
		const buffer = channel.metadata.global ? CPU_ALL : cpu;
		let writer = channel.cpus.get(buffer);
		if (writer === undefined) {
			writer = new CpuWriter(channel.metadata, buffer);
			channel.cpus.set(buffer, writer);
		}
		return writer;
	}

	#time(ts: BuilderTime): bigint {
		const time = typeof ts === "bigint" ? ts : this.timeBase + BigInt(ts);
		if (time > this.#latest) this.#latest = time;
		return time;
	}

	#initialMetadata(): Omit<SessionMetadata, "version" | "ending"> {
		return {
			toolVersion: "0.0.0-test",
			host: {
				hostname: "testhost",
				kernelRelease: "6.1.0-test",
				kernelVersion: "#1 SMP",
				machine: "x86_64",
				cpuIds: this.#options.cpuIds ?? 8,
				littleEndian: true,
				clockTicksPerSecond: 100,
			},
			start: this.#clocks(this.timeBase),
			schemaJson: this.#options.schemaJson ?? "[]",
			syscallTable: "",
			processes: [],
			request: { command: [], commandPid: 0, pids: [], sources: [], recorderPid: 1 },
			...this.#options.metadata,
			channels: [...this.#channels.values()].map((channel) => channel.metadata),
		};
	}

	#ending(): EndingMetadata {
		const counters = [...this.#channels.values()].flatMap(({ cpus }) =>
			[...cpus.values()].flatMap((cpu) => cpu.counters()),
		);
		return {
			stop: this.#clocks(this.#latest + 1000n),
			counters,
			bufflinkRefused: this.#bufflinkRefused,
			errorCode: "",
			errorMessage: "",
			commandStatus: 0,
			commandEnded: false,
		};
	}

	#clocks(monotonic: bigint): { monotonic: bigint; boottime: bigint; realtime: bigint } {
		const boot = 1_700_000_000_000_000_000n;
		return { monotonic, boottime: monotonic + 5_000_000_000n, realtime: boot + monotonic };
	}
}

/** One buffer's write path: fills a sub-buffer, seals it, counts as the kernel counts. */
class CpuWriter {
	readonly sealed: Uint8Array[] = [];
	readonly #channel: ChannelMetadata;
	readonly #cpu: number;
	#bytes = new Uint8Array(0);
	#used = 0;
	#records = 0;
	#tsBegin = 0n;
	#tsLast = 0n;
	#lostBefore = 0n;
	#lostInside = 0n;
	/** Lost since the last record: inside when another record follows in this sub-buffer. */
	#lostSince = 0n;
	/** By the CPU that wrote. */
	readonly #written = new Map<number, bigint>();
	#sequence = 0n;
	#overwritten = 0n;
	readonly #lost = new Map<number, bigint[]>();
	readonly #headerSize: number;

	constructor(channel: ChannelMetadata, cpu: number) {
		this.#channel = channel;
		this.#cpu = cpu;
		this.#headerSize = channel.global ? GLOBAL_RECORD_HEADER_SIZE : RECORD_HEADER_SIZE;
	}

	record(ts: bigint, eventId: number, tid: number, payload: Uint8Array, cpu: number): void {
		const length = this.#headerSize + payload.length;
		const time = ts > this.#tsLast ? ts : this.#tsLast;
		if (length > 0xffff || SUBBUF_HEADER_SIZE + length > this.#channel.subbufSize) {
			this.#count(LOST_TOO_LARGE, 1, cpu);
			return;
		}
		const at = alignRecord(this.#used);
		const fits = at + length <= this.#channel.subbufSize && time - this.#tsBegin <= 0xffff_ffffn;
		if (this.#records > 0 && !fits) this.seal();
		if (this.#records === 0) this.#open(time);
		this.#append(time, eventId, tid, payload, cpu);
	}

	lose(count: number, where: "full" | "inside", cpu: number): void {
		if (where === "full") this.seal();
		this.#count(where === "full" ? LOST_FULL : LOST_NESTED, count, cpu);
	}

	overwrite(subbufs: number): void {
		this.seal();
		for (const { buffer } of this.sealed.splice(0, subbufs)) {
			this.#overwritten += BigInt(new DataView(buffer).getUint32(SUBBUF.record_count, true));
		}
	}

	seal(): void {
		if (this.#records === 0) return;
		const view = new DataView(this.#bytes.buffer);
		view.setUint32(SUBBUF.magic, SUBBUF_MAGIC, true);
		view.setUint16(SUBBUF.abi_version, ABI_VERSION, true);
		view.setUint16(SUBBUF.header_length, SUBBUF_HEADER_SIZE, true);
		view.setUint32(SUBBUF.channel_id, this.#channel.id, true);
		view.setUint32(SUBBUF.cpu, this.#cpu, true);
		view.setUint32(SUBBUF.epoch, this.#channel.epoch, true);
		view.setUint32(SUBBUF.used, this.#used, true);
		view.setBigUint64(SUBBUF.sequence, this.#sequence++, true);
		view.setBigUint64(SUBBUF.ts_begin, this.#tsBegin, true);
		view.setBigUint64(SUBBUF.ts_end, this.#tsLast, true);
		view.setUint32(SUBBUF.record_count, this.#records, true);
		view.setUint32(SUBBUF.lost_inside, Number(this.#lostInside), true);
		view.setBigUint64(SUBBUF.lost, this.#lostBefore, true);
		this.sealed.push(this.#bytes.slice(0, alignRecord(this.#used)));
		this.#lostBefore += this.#lostInside;
		this.#lostInside = 0n;
		this.#records = 0;
	}

	/** Of each CPU what happened, of the buffer what became of it: of a CPU's own both in one. */
	counters(): CpuCounters[] {
		const buffer = {
			sealed: this.#sequence,
			consumed: BigInt(this.sealed.length),
			overwritten: this.#overwritten,
		};
		if (!this.#channel.global) return [{ ...this.#counters(this.#cpu), ...buffer }];
		const cpus = new Set([...this.#written.keys(), ...this.#lost.keys()]);
		const own = [...cpus].map((cpu) => this.#counters(cpu));
		return [...own, { ...this.#counters(CPU_ALL), ...buffer }];
	}

	#counters(cpu: number): CpuCounters {
		const lost = this.#lost.get(cpu) ?? NOTHING_LOST;
		const written = this.#written.get(cpu) ?? 0n;
		return {
			...{ channelId: this.#channel.id, cpu, written, lost },
			seen: lost.reduce((sum, count) => sum + count, written),
			...{ filtered: 0n, sealed: 0n, consumed: 0n, unread: 0n, overwritten: 0n },
			...{ torn: 0n, trimmed: 0n, reset: 0n },
		};
	}

	#open(ts: bigint): void {
		this.#bytes = new Uint8Array(this.#channel.subbufSize);
		this.#used = SUBBUF_HEADER_SIZE;
		this.#tsBegin = ts;
		this.#lostBefore += this.#lostSince;
		this.#lostSince = 0n;
	}

	#append(ts: bigint, eventId: number, tid: number, payload: Uint8Array, cpu: number): void {
		const at = alignRecord(this.#used);
		const view = new DataView(this.#bytes.buffer);
		view.setUint16(at + RECORD.event_id, eventId, true);
		view.setUint16(at + RECORD.length, this.#headerSize + payload.length, true);
		view.setUint32(at + RECORD.ts_delta, Number(ts - this.#tsBegin), true);
		view.setUint32(at + RECORD.tid, tid, true);
		if (this.#channel.global) view.setUint32(at + GLOBAL_RECORD.cpu, cpu, true);
		this.#bytes.set(payload, at + this.#headerSize);
		this.#used = at + this.#headerSize + payload.length;
		this.#tsLast = ts;
		this.#lostInside += this.#lostSince;
		this.#lostSince = 0n;
		this.#records++;
		this.#written.set(cpu, (this.#written.get(cpu) ?? 0n) + 1n);
	}

	#count(reason: number, count: number, cpu: number): void {
		this.#lostSince += BigInt(count);
		const lost = this.#lost.get(cpu) ?? [...NOTHING_LOST];
		this.#lost.set(cpu, lost);
		lost[reason] = (lost[reason] ?? 0n) + BigInt(count);
	}
}

function writeChunks(path: string, chunks: readonly Uint8Array[]): void {
	const fd = openSync(path, "wx", 0o600);
	try {
		for (const chunk of chunks) writeSync(fd, chunk);
	} finally {
		closeSync(fd);
	}
}
