/**
 * One recording, from the held command to the closed session. Everything that is bulk happens in
 * the kernel and in the native reader threads; this only starts, watches and ends them.
 */
import { BufflinkReader, HeldCommand, type NativeError, Recorder, readClocks } from "#native";
import { ERRNO_NAMES } from "../base/errno.js";
import { RelayscopeError } from "../base/error.js";
import { BUILTIN_EVENTS } from "../schema/generated/builtin-events.js";
import { moduleEvents } from "../schema/module-events.js";
import { schemaToJson } from "../schema/schema-json.js";
import type {
	ChannelMetadata,
	CpuCounters,
	EndingMetadata,
	ProcessSnapshot,
	RequestMetadata,
	SnapshotReason,
} from "../session/metadata.js";
import { SessionWriter } from "../session/session-writer.js";
import { adoptBoot } from "./boot-recording.js";
import type { ChannelRequest } from "./channel-request.js";
import { DEBUGFS } from "./checks.js";
import { resolveCommand } from "./command-path.js";
import { hostFacts } from "./host.js";
import { type FilterRequests, loadFilters } from "./load-filters.js";
import { explainNativeError, explainReaderError } from "./native-failure.js";
import { type ChannelProgress, type FlightProgress, OpenChannels } from "./open-channels.js";
import { keepProcessFiles } from "./process-files.js";
import { allPids, snapshotProcesses, withAncestors } from "./process-snapshot.js";
import { type CommandFacts, Snapshots, type TakenSnapshot } from "./snapshots.js";
import { SymbolKeeper } from "./symbol-keeper.js";
import { readSyscallArguments } from "./syscall-arguments.js";
import { readSyscallTable } from "./syscall-table.js";

export interface RecordingProgress {
	/** Of the channels that lose what does not fit. */
	readonly readers: readonly ChannelProgress[];
	/** Of the flight recorders together. */
	readonly flight: (FlightProgress & { readonly snapshots: number }) | undefined;
}

export interface EndedRecording {
	readonly counters: readonly CpuCounters[];
	readonly lastSnapshot: TakenSnapshot | undefined;
	readonly snapshots: number;
}

export interface RecordingRequest extends FilterRequests {
	readonly directory: string;
	readonly channels: readonly ChannelRequest[];
	/** How far back a flight recorder's snapshots reach at most; 0: as far as the buffers. */
	readonly keepNs: bigint;
	/** Recorded with its descendants, from its own execve on. Empty: processes or the system. */
	readonly command: readonly string[];
	/** Recorded with what they start from now on; none and no command: the whole system. */
	readonly pids: readonly number[];
	/** Goes on with what the kernel module began when it was loaded, whose channel is the only one. */
	readonly fromBoot?: boolean;
	readonly toolVersion: string;
}

export interface CommandEnd {
	/** As a shell reports it. */
	readonly status: number;
}

export class Recording {
	readonly #recorder: Recorder;
	readonly #channels: OpenChannels;
	readonly #bufflink: BufflinkReader;
	readonly #session: SessionWriter;
	readonly #command: HeldCommand | undefined;
	readonly #snapshots: Snapshots;
	readonly #symbols: SymbolKeeper;
	#failure: RelayscopeError | undefined;
	#commandEnd: CommandEnd | undefined;
	#stopped = false;

	/** Prepares, turns the probes on and lets the command go. */
	static start(request: RecordingRequest): Recording {
		const program =
			request.command[0] === undefined ? undefined : resolveCommand(request.command[0]);
		// Before the command is held: it waits in user space, at the cost of a CPU.
		const ancestors =
			program === undefined
				? []
				: snapshotProcesses(withAncestors([process.pid]), hasStrings(request));
		const command = program === undefined ? undefined : holdCommand(program, request.command);
		try {
			return new Recording(request, command, ancestors);
		} catch (error) {
			command?.kill(9);
			throw explainNativeError(error);
		}
	}

	private constructor(
		request: RecordingRequest,
		command: HeldCommand | undefined,
		ancestors: readonly ProcessSnapshot[],
	) {
		this.#command = command;
		this.#recorder = new Recorder();
		try {
			const boot = request.fromBoot === true ? adoptBoot(this.#recorder) : undefined;
			const info = this.#recorder.info();
			this.#channels =
				boot === undefined
					? OpenChannels.create(this.#recorder, info.cpuIds, request.channels)
					: OpenChannels.adopt(this.#recorder, info.cpuIds, boot);
			const sources = this.#channels.metadata.flatMap((channel) => channel.sources);
			const schemas = moduleEvents(this.#channels.moduleSchemas, BUILTIN_EVENTS);
			const syscallTable = sources.includes("syscalls") ? readSyscallTable(DEBUGFS) : "";
			const filters = loadFilters(this.#recorder, request, {
				channels: this.#channels.metadata,
				moduleSchemas: this.#channels.moduleSchemas,
				syscallTable,
			});
			const start = boot?.start ?? readClocks();
			if (boot === undefined) this.#tellLives(request, command);
			const watched = watchedPids(request, command);
			const strings = hasStrings(request);
			const alive = snapshotProcesses(watched, strings);
			this.#session = SessionWriter.create(request.directory, {
				toolVersion: request.toolVersion,
				host: hostFacts(info.cpuIds),
				start,
				channels: this.#channels.metadata,
				schemaJson: schemaToJson(schemas),
				syscallTable,
				syscallArguments: readSyscallArguments(syscallTable),
				processes: [...ancestors, ...alive],
				request: { ...requestFacts(request, command), sources: [...new Set(sources)] },
				filters,
			});
			this.#channels.openReaders(this.#session.directory);
			this.#bufflink = new BufflinkReader(
				`/dev/bufflink${info.bufflinkMinor}`,
				this.#session.bufflinkFile,
			);
			this.#symbols = new SymbolKeeper(request.channels, {
				directory: this.#session.directory,
				messages: this.#session.bufflinkFile,
				pids: watched,
			});
			const { keepNs } = request;
			this.#snapshots = new Snapshots(this.#channels, this.#bufflink, this.#session, keepNs);
			if (boot === undefined) this.#recorder.start();
			if (strings) keepProcessFiles(this.#session.directory, watched);
		} catch (error) {
			this.#recorder.close();
			throw error;
		}
		command?.release();
		if (command !== undefined) this.#symbols.commandStarts(command.pid);
	}

	/**
	 * Ends when the command does, or with `ended` when nothing was started. A reader that fails ends
	 * it too: what comes after would only be lost.
	 */
	async untilEnd(ended: Promise<void>): Promise<void> {
		const failed = new Promise<void>((resolve) => {
			const fail = (error: NativeError): void => {
				this.#failure ??= explainReaderError(error, this.#session.directory);
				resolve();
			};
			this.#channels.onError(fail);
			this.#bufflink.onError(fail);
		});
		const command = this.#command?.wait().then(({ status, execErrno }) => {
			if (execErrno === 0) this.#commandEnd = { status };
			else this.#failure ??= notExecutable(execErrno);
		});
		await Promise.race([ended, failed, ...(command === undefined ? [] : [command])]);
	}

	/** Passes a signal on to the command. */
	signalCommand(signal: number): void {
		this.#command?.kill(signal);
	}

	get commandRuns(): boolean {
		return (
			this.#command !== undefined && this.#commandEnd === undefined && this.#failure === undefined
		);
	}

	get commandEnd(): CommandEnd | undefined {
		return this.#commandEnd;
	}

	get failure(): RelayscopeError | undefined {
		return this.#failure;
	}

	get directory(): string {
		return this.#session.directory;
	}

	progress(): RecordingProgress {
		const flight = this.#channels.flightProgress();
		return {
			readers: this.#channels.progress(),
			flight: flight && { ...flight, snapshots: this.#snapshots.taken },
		};
	}

	/** What is open in the buffers goes to the raw files now. */
	flush(): void {
		if (!this.#stopped) this.#channels.flush();
	}

	get channels(): readonly ChannelMetadata[] {
		return this.#channels.metadata;
	}

	get hasFlightRecorder(): boolean {
		return this.#channels.hasFlightRecorder;
	}

	/** Kernel stacks are recorded, and the kernel lets nobody have their names. */
	get kernelSymbolsHidden(): boolean {
		return this.#symbols.kernelHides;
	}

	/** Writes what the flight recorders hold to a session of its own; the recording goes on. */
	snapshot(reason: SnapshotReason): Promise<TakenSnapshot> {
		return this.#snapshots.take(reason, this.#commandFacts());
	}

	/** Whether what a snapshot is to be taken on has happened since the last call. */
	hasTriggered(): boolean {
		return this.#recorder.triggered() > 0;
	}

	/** Probes off, buffers drained, the session closed; before that, a last snapshot if asked for. */
	async stop(lastSnapshot?: SnapshotReason): Promise<EndedRecording> {
		this.#stopped = true;
		this.#recorder.stop();
		const last =
			lastSnapshot === undefined
				? undefined
				: await this.snapshot(lastSnapshot).catch((error: unknown) => this.#noSnapshot(error));
		await this.#snapshots.settled();
		this.#symbols.finish();
		const counters = await this.#channels.finish();
		const { refused } = await this.#bufflink.finish();
		this.#recorder.close();
		this.#session.finish(this.#ending(counters, refused));
		return { counters, lastSnapshot: last, snapshots: this.#snapshots.taken };
	}

	/** The recording itself must still be closed. */
	#noSnapshot(error: unknown): undefined {
		if (!(error instanceof RelayscopeError)) throw error;
		this.#failure ??= error;
	}

	#commandFacts(): CommandFacts {
		return {
			commandStatus: this.#commandEnd?.status ?? 0,
			commandEnded: this.#commandEnd !== undefined,
		};
	}

	#ending(counters: readonly CpuCounters[], refused: bigint): EndingMetadata {
		return {
			stop: readClocks(),
			counters,
			bufflinkRefused: refused,
			errorCode: this.#failure?.code ?? "",
			errorMessage: this.#failure?.message ?? "",
			...this.#commandFacts(),
		};
	}

	/** Before the look at what is alive: whoever is born or gone after it has then been told of. */
	#tellLives(request: RecordingRequest, command: HeldCommand | undefined): void {
		if (command === undefined && request.pids.length === 0) this.#recorder.tellLives();
		if (command !== undefined) this.#recorder.addProcess(command.pid, true);
		for (const pid of request.pids) {
			try {
				this.#recorder.addProcess(pid, true);
			} catch (error) {
				if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
				throw new RelayscopeError("NO_SUCH_PROCESS", `there is no process ${pid}`, {
					hint: "Give the id of a running process, as `ps` shows it; nothing was recorded.",
				});
			}
		}
	}
}

function hasStrings({ channels }: RecordingRequest): boolean {
	return channels.some(({ strings }) => strings === true);
}

function notExecutable(errno: number): RelayscopeError {
	return new RelayscopeError(
		"COMMAND_NOT_EXECUTABLE",
		`the command cannot be run: ${ERRNO_NAMES.get(errno) ?? `errno ${errno}`}`,
		{
			hint: "A script needs a first line that names its interpreter, such as #!/bin/sh.",
		},
	);
}

function holdCommand(file: string, argv: readonly string[]): HeldCommand {
	const env = Object.entries(process.env).map(([name, value]) => `${name}=${value ?? ""}`);
	return new HeldCommand({ file, argv, env, cwd: process.cwd() });
}

/** Alive before the probes are on. */
function watchedPids(
	request: RecordingRequest,
	command: HeldCommand | undefined,
): readonly number[] {
	if (command !== undefined) return [command.pid];
	return request.pids.length > 0 ? withAncestors(request.pids) : allPids();
}

function requestFacts(
	request: RecordingRequest,
	command: HeldCommand | undefined,
): Omit<RequestMetadata, "sources"> {
	return {
		command: request.command,
		commandPid: command?.pid ?? 0,
		pids: request.pids,
		recorderPid: process.pid,
		fromBoot: request.fromBoot === true,
	};
}
