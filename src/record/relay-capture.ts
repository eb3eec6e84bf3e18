/**
 * Captures relay channels that other drivers have made, with nothing of ours in the kernel. What
 * the driver's buffers lose before they are read is known as far as the driver tells.
 */
import { type NativeError, type RelayFileProgress, RelayFileReader, readClocks } from "#native";
import type { RelayscopeError } from "../base/error.js";
import { BUILTIN_EVENTS } from "../schema/generated/builtin-events.js";
import { schemaToJson } from "../schema/schema-json.js";
import type { BlktraceMetadata, CpuCounters } from "../session/metadata.js";
import { SessionWriter } from "../session/session-writer.js";
import { DropWatch } from "./drop-watch.js";
import { hostFacts, possibleCpus } from "./host.js";
import { explainNativeError, explainReaderError } from "./native-failure.js";
import { allPids, snapshotProcesses } from "./process-snapshot.js";
import { channelOf, type RelayChannel } from "./relay-files.js";

export interface RelayCaptureRequest {
	readonly directory: string;
	readonly channels: readonly CaptureChannel[];
	readonly command: readonly string[];
	readonly toolVersion: string;
}

export interface CaptureChannel {
	/** In the session, and of its raw files. */
	readonly name: string;
	/** As `record --sources` takes it. */
	readonly source: string;
	readonly channel: RelayChannel;
	/** What it holds, where that is known. */
	readonly blktrace?: BlktraceMetadata | undefined;
}

export interface EndedCapture {
	/** Of the pieces that were read. */
	readonly counters: readonly CpuCounters[];
	/** Events that the drivers say they lost. */
	readonly dropped: bigint;
}

interface Captured extends CaptureChannel {
	readonly id: number;
	readonly epoch: number;
	readonly readers: Map<number, RelayFileReader>;
	readonly drops: DropWatch | undefined;
}

/** How often a channel is looked at for the files of CPUs that came online, and for its losses. */
const WATCH_INTERVAL_MS = 250;
const RELAY_EVENTS = BUILTIN_EVENTS.filter(({ name }) => name === "relay_chunks");

export class RelayCapture {
	readonly #session: SessionWriter;
	readonly #captured: readonly Captured[];
	readonly #watch: NodeJS.Timeout;
	readonly #failed: Promise<void>;
	#fail: () => void = () => undefined;
	#failure: RelayscopeError | undefined;

	/** @throws RelayscopeError when a file cannot be read or the directory cannot be made. */
	static start(request: RelayCaptureRequest): RelayCapture {
		try {
			return new RelayCapture(request);
		} catch (error) {
			throw explainNativeError(error);
		}
	}

	private constructor({ directory, channels, command, toolVersion }: RelayCaptureRequest) {
		const start = readClocks();
		const epoch = Number(start.realtime & 0xffff_ffffn);
		this.#captured = channels.map((each, index) => {
			const id = index + 1;
			const { droppedFile } = each.channel;
			const drops =
				droppedFile === undefined ? undefined : new DropWatch(id, droppedFile, start.monotonic);
			return { ...each, id, epoch, readers: new Map(), drops };
		});
		this.#session = SessionWriter.create(directory, {
			toolVersion,
			host: hostFacts(possibleCpus()),
			start,
			channels: this.#captured.map(({ name, id, source, blktrace }) => ({
				name,
				id,
				epoch,
				subbufSize: RelayFileReader.subbufSize,
				subbufCount: 1,
				flushIntervalMs: 0,
				sources: [source],
				overwrite: false,
				global: false,
				blktrace,
			})),
			schemaJson: schemaToJson(RELAY_EVENTS),
			syscallTable: "",
			processes: snapshotProcesses(allPids(), false),
			request: {
				command,
				commandPid: 0,
				pids: [],
				sources: channels.map(({ source }) => source),
				recorderPid: process.pid,
			},
		});
		this.#failed = new Promise((resolve) => {
			this.#fail = resolve;
		});
		try {
			for (const captured of this.#captured) this.#open(captured, captured.channel);
		} catch (error) {
			this.#closeAll();
			throw error;
		}
		this.#watch = setInterval(() => {
			this.#adoptCpus();
			this.#lookForDrops();
		}, WATCH_INTERVAL_MS);
	}

	get directory(): string {
		return this.#session.directory;
	}

	get failure(): RelayscopeError | undefined {
		return this.#failure;
	}

	/** Until told, or until a reader fails: what comes after would only be lost. */
	async untilEnd(ended: Promise<void>): Promise<void> {
		await Promise.race([ended, this.#failed]);
	}

	progress(): RelayFileProgress[] {
		return this.#readers().map((reader) => reader.progress());
	}

	/** Takes what the drivers' buffers still hold and closes the session. */
	async stop(): Promise<EndedCapture> {
		clearInterval(this.#watch);
		const counters: CpuCounters[] = [];
		const ofPieces = new Set<number>();
		for (const { id, readers, blktrace } of this.#captured) {
			if (blktrace === undefined) ofPieces.add(id);
			for (const reader of readers.values()) {
				const { cpu, records, subbufs } = await reader.finish();
				counters.push({
					channelId: id,
					cpu,
					seen: records,
					filtered: 0n,
					written: records,
					lost: [],
					sealed: subbufs,
					consumed: subbufs,
					unread: 0n,
					overwritten: 0n,
					torn: 0n,
					trimmed: 0n,
					reset: 0n,
				});
			}
		}
		this.#lookForDrops();
		const watches = this.#captured.flatMap(({ drops }) => drops ?? []);
		this.#session.finish({
			stop: readClocks(),
			// Where events are told from each other, pieces are not what is counted.
			counters: counters.filter(({ channelId }) => ofPieces.has(channelId)),
			drops: watches.flatMap(({ drops }) => drops),
			bufflinkRefused: 0n,
			errorCode: this.#failure?.code ?? "",
			errorMessage: this.#failure?.message ?? "",
			commandStatus: 0,
			commandEnded: false,
		});
		return { counters, dropped: watches.reduce((sum, { total }) => sum + total, 0n) };
	}

	#lookForDrops(): void {
		const now = readClocks().monotonic;
		for (const { drops } of this.#captured) drops?.look(now);
	}

	#open({ name, id, epoch, readers }: Captured, { path, files }: RelayChannel): void {
		for (const file of files) {
			if (readers.has(file.cpu)) continue;
			const origin = { channelId: id, epoch, cpu: file.cpu, channelPath: path };
			const output = this.#session.rawFile(name, file.cpu);
			const reader = new RelayFileReader(origin, file.path, output);
			reader.onError((error) => this.#readerFailed(error));
			readers.set(file.cpu, reader);
		}
	}

	#adoptCpus(): void {
		for (const captured of this.#captured) {
			try {
				this.#open(captured, channelOf(captured.channel.path));
			} catch (error) {
				// Gone again between the look and the opening.
				if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) {
					this.#readerFailed(error as NativeError);
				}
			}
		}
	}

	#readerFailed(error: NativeError): void {
		this.#failure ??= explainReaderError(error, this.directory);
		this.#fail();
	}

	#readers(): RelayFileReader[] {
		return this.#captured.flatMap(({ readers }) => [...readers.values()]);
	}

	#closeAll(): void {
		for (const reader of this.#readers()) reader.close();
	}
}
