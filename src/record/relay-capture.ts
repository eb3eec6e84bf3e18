/**
 * Captures relay channels that other drivers have made, with nothing of ours in the kernel. What
 * the driver's buffers lose before they are read is known to the driver only.
 */
import { type NativeError, type RelayFileProgress, RelayFileReader, readClocks } from "#native";
import type { RelayscopeError } from "../base/error.js";
import { BUILTIN_EVENTS } from "../schema/generated/builtin-events.js";
import { schemaToJson } from "../schema/schema-json.js";
import type { CpuCounters } from "../session/metadata.js";
import { SessionWriter } from "../session/session-writer.js";
import { hostFacts, possibleCpus } from "./host.js";
import { explainNativeError, explainReaderError } from "./native-failure.js";
import { allPids, snapshotProcesses } from "./process-snapshot.js";
import { channelOf, type RelayChannel } from "./relay-files.js";

export interface RelayCaptureRequest {
	readonly directory: string;
	readonly channels: readonly RelayChannel[];
	readonly toolVersion: string;
}

interface Captured {
	readonly channel: RelayChannel;
	readonly name: string;
	readonly id: number;
	readonly epoch: number;
	readonly readers: Map<number, RelayFileReader>;
}

/** How often a channel is looked at for the files of CPUs that came online. */
const HOTPLUG_INTERVAL_MS = 1000;
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

	private constructor({ directory, channels, toolVersion }: RelayCaptureRequest) {
		const epoch = Number(readClocks().realtime & 0xffff_ffffn);
		this.#captured = channels.map((channel, index) => ({
			channel,
			name: `relay${index}`,
			id: index + 1,
			epoch,
			readers: new Map(),
		}));
		this.#session = SessionWriter.create(directory, {
			toolVersion,
			host: hostFacts(possibleCpus()),
			start: readClocks(),
			channels: this.#captured.map(({ channel, name, id }) => ({
				name,
				id,
				epoch,
				subbufSize: RelayFileReader.subbufSize,
				subbufCount: 1,
				flushIntervalMs: 0,
				sources: [`relay:${channel.path}`],
				overwrite: false,
				global: false,
			})),
			schemaJson: schemaToJson(RELAY_EVENTS),
			syscallTable: "",
			processes: snapshotProcesses(allPids(), false),
			request: {
				command: [],
				commandPid: 0,
				pids: [],
				sources: channels.map(({ path }) => `relay:${path}`),
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
		this.#watch = setInterval(() => this.#adoptCpus(), HOTPLUG_INTERVAL_MS);
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
	async stop(): Promise<readonly CpuCounters[]> {
		clearInterval(this.#watch);
		const counters: CpuCounters[] = [];
		for (const { id, readers } of this.#captured) {
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
		this.#session.finish({
			stop: readClocks(),
			counters,
			bufflinkRefused: 0n,
			errorCode: this.#failure?.code ?? "",
			errorMessage: this.#failure?.message ?? "",
			commandStatus: 0,
			commandEnded: false,
		});
		return counters;
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
