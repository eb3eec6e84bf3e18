/** The channels of one recording: made in the kernel, read by native threads, closed with counters. */
import { join } from "node:path";
import {
	type AdoptedRecording,
	ChannelReader,
	type CpuSnapshot,
	type CpuStats,
	type NativeError,
	type ReaderProgress,
	type Recorder,
	SnapshotReader,
} from "#native";
import { CPU_ALL } from "../base/cpu.js";
import type { ModuleSchema } from "../schema/module-events.js";
import type { ChannelMetadata, CpuCounters } from "../session/metadata.js";
import { hasBootStrings } from "./boot-recording.js";
import type { ChannelRequest } from "./channel-request.js";
import { DEBUGFS } from "./checks.js";
import { STRINGS_SOURCE } from "./strings-request.js";

/** What a flight recorder has seen and has now, in records. */
export interface FlightProgress {
	readonly written: bigint;
	readonly held: bigint;
	readonly lost: bigint;
}

export interface ChannelProgress extends ReaderProgress {
	/** The part of the CPU's buffer that waits for the reader. */
	readonly fill: number;
}

interface OpenChannel {
	readonly metadata: ChannelMetadata;
	/** Absolute; holds cpu<N>. */
	readonly dataDirectory: string;
}

/** What was copied of one CPU of a channel. */
export interface ChannelCpuSnapshot extends CpuSnapshot {
	readonly channel: ChannelMetadata;
}

const RAW_SUFFIX = ".raw";

export class OpenChannels {
	readonly #recorder: Recorder;
	readonly #cpuIds: number;
	readonly #channels: readonly OpenChannel[];
	/** By channel id: one or the other. */
	readonly #readers = new Map<number, ChannelReader>();
	readonly #snapshots = new Map<number, SnapshotReader>();

	static create(
		recorder: Recorder,
		cpuIds: number,
		requests: readonly ChannelRequest[],
	): OpenChannels {
		const channels = requests.map((request) => {
			const { id, epoch, directory } = recorder.createChannel(request);
			for (const source of request.sources) {
				const context = request.contexts?.find((each) => each.source === source)?.context;
				const strings = request.strings === true && source === STRINGS_SOURCE;
				recorder.attachSource(id, source, context, strings);
			}
			return { metadata: { ...request, id, epoch }, dataDirectory: join(DEBUGFS, directory) };
		});
		return new OpenChannels(recorder, cpuIds, channels);
	}

	/** The channel of the boot recording, which has no files yet. */
	static adopt(recorder: Recorder, cpuIds: number, boot: AdoptedRecording): OpenChannels {
		const { channel, sources } = boot;
		const { directory, bufferOnly, ...facts } = channel;
		recorder.makeFiles(channel.id);
		const strings = sources.includes(STRINGS_SOURCE) && hasBootStrings();
		const adopted = {
			metadata: { ...facts, sources, ...(strings ? { strings } : {}) },
			dataDirectory: join(DEBUGFS, directory),
		};
		return new OpenChannels(recorder, cpuIds, [adopted]);
	}

	private constructor(recorder: Recorder, cpuIds: number, channels: readonly OpenChannel[]) {
		this.#recorder = recorder;
		this.#cpuIds = cpuIds;
		this.#channels = channels;
	}

	get metadata(): readonly ChannelMetadata[] {
		return this.#channels.map(({ metadata }) => metadata);
	}

	/** What modules with events of their own say of them. */
	get moduleSchemas(): readonly ModuleSchema[] {
		return this.#channels.flatMap(({ metadata: { id, sources } }) =>
			sources.flatMap((source) => {
				const schema = this.#recorder.sourceSchema(id, source);
				return schema === undefined ? [] : [{ source, ...schema }];
			}),
		);
	}

	get hasFlightRecorder(): boolean {
		return this.#channels.some(({ metadata }) => metadata.overwrite);
	}

	/** Maps the buffers; what is not overwritten goes to raw files in the directory from now on. */
	openReaders(directory: string): void {
		for (const { metadata, dataDirectory } of this.#channels) {
			const channelId = metadata.id;
			if (metadata.overwrite) {
				const options = { channelId, dataDirectory };
				this.#snapshots.set(channelId, new SnapshotReader(this.#recorder, metadata, options));
			} else {
				const output = rawFiles(directory, metadata);
				const options = { channelId, dataDirectory, ...output };
				this.#readers.set(channelId, new ChannelReader(this.#recorder, metadata, options));
			}
		}
	}

	onError(callback: (error: NativeError) => void): void {
		for (const reader of this.#readers.values()) reader.onError(callback);
	}

	/** Hands what is open over to the readers. A snapshot does so by itself. */
	flush(): void {
		for (const id of this.#readers.keys()) this.#recorder.flush(id);
	}

	/** Of the channels that lose what does not fit. */
	progress(): ChannelProgress[] {
		return this.#channels.flatMap(({ metadata: { id, subbufCount } }) => {
			const progress = this.#readers.get(id)?.progress() ?? [];
			return progress.map((cpu) => ({ ...cpu, fill: cpu.waiting / subbufCount }));
		});
	}

	flightProgress(): FlightProgress | undefined {
		if (!this.hasFlightRecorder) return undefined;
		let written = 0n;
		let overwritten = 0n;
		let lost = 0n;
		for (const id of this.#snapshots.keys()) {
			for (const { stats } of this.#stats(id)) {
				written += stats.written;
				overwritten += stats.overwritten;
				lost += sum(stats.lost);
			}
		}
		return { written, held: written - overwritten, lost };
	}

	/** Copies what the flight recorders hold to raw files in the directory. */
	async snapshot(directory: string, keepNs: bigint): Promise<ChannelCpuSnapshot[]> {
		const taken = this.#channels.map(async ({ metadata }) => {
			const reader = this.#snapshots.get(metadata.id);
			if (reader === undefined) return [];
			const cpus = await reader.snapshot({ ...rawFiles(directory, metadata), keep: keepNs });
			return cpus.map((cpu) => ({ channel: metadata, ...cpu }));
		});
		return (await Promise.all(taken)).flat();
	}

	/** After the recorder's stop: takes what is left, lets go of the buffers. */
	async finish(): Promise<CpuCounters[]> {
		const counters: CpuCounters[] = [];
		for (const { metadata } of this.#channels) {
			const unread = await this.#finishReader(metadata.id);
			for (const { cpu, stats } of this.#stats(metadata.id)) {
				counters.push({
					...{ channelId: metadata.id, cpu, ...stats, unread: unread.get(cpu) ?? 0n },
					...{ torn: 0n, trimmed: 0n },
				});
			}
		}
		return counters;
	}

	/** Records left in the buffers, by CPU. */
	async #finishReader(channelId: number): Promise<ReadonlyMap<number, bigint>> {
		const snapshots = this.#snapshots.get(channelId);
		if (snapshots !== undefined) {
			const held = snapshots.held();
			snapshots.close();
			return new Map(held.map(({ cpu, records }) => [cpu, records]));
		}
		const unread = (await this.#readers.get(channelId)?.finish()) ?? [];
		return new Map(unread.map(({ cpu, unread }) => [cpu, unread]));
	}

	/** Of each CPU; a global channel's buffer comes last. */
	#stats(channelId: number): { readonly cpu: number; readonly stats: CpuStats }[] {
		const found: { readonly cpu: number; readonly stats: CpuStats }[] = [];
		const cpus = Array.from({ length: this.#cpuIds }, (_, cpu) => cpu);
		const global = this.#channels.some(
			({ metadata: { id, global } }) => id === channelId && global,
		);
		for (const cpu of global ? [...cpus, CPU_ALL] : cpus) {
			try {
				found.push({ cpu, stats: this.#recorder.stats(channelId, cpu) });
			} catch (error) {
				// A number below the limit that no CPU of this machine has.
				if (!(error instanceof Error && "code" in error && error.code === "EINVAL")) throw error;
			}
		}
		return found;
	}
}

function rawFiles(
	directory: string,
	{ name, global }: ChannelMetadata,
): { readonly outputPrefix: string; readonly outputSuffix: string } {
	const outputPrefix = join(directory, `${name}.${global ? "global" : "cpu"}`);
	return { outputPrefix, outputSuffix: RAW_SUFFIX };
}

function sum(counts: readonly bigint[]): bigint {
	return counts.reduce((total, count) => total + count, 0n);
}
