/**
 * One recording, from the held command to the closed session. Everything that is bulk happens in
 * the kernel and in the native reader threads; this only starts, watches and ends them.
 */
import { join } from "node:path";
import {
	BufflinkReader,
	ChannelReader,
	type CpuStats,
	HeldCommand,
	type NativeError,
	type ReaderProgress,
	Recorder,
	readClocks,
} from "#native";
import { ERRNO_NAMES } from "../base/errno.js";
import { RelayscopeError } from "../base/error.js";
import { BUILTIN_EVENTS } from "../schema/generated/builtin-events.js";
import { moduleEvents } from "../schema/module-events.js";
import { schemaToJson } from "../schema/schema-json.js";
import type {
	CpuCounters,
	EndingMetadata,
	ProcessSnapshot,
	RequestMetadata,
} from "../session/metadata.js";
import { SessionWriter } from "../session/session-writer.js";
import { DEBUGFS } from "./checks.js";
import { resolveCommand } from "./command-path.js";
import { hostFacts } from "./host.js";
import { explainNativeError, explainReaderError } from "./native-failure.js";
import { addNewborn, allPids, snapshotProcesses, withAncestors } from "./process-snapshot.js";
import { readSyscallTable } from "./syscall-table.js";

export type { ReaderProgress };

export interface RecordingRequest {
	readonly directory: string;
	readonly sources: readonly string[];
	/** Recorded with its descendants, from its own execve on. Empty: processes or the system. */
	readonly command: readonly string[];
	/** Recorded with what they start from now on; none and no command: the whole system. */
	readonly pids: readonly number[];
	/** Bytes. */
	readonly subbufSize: number;
	readonly subbufCount: number;
	readonly flushIntervalMs: number;
	readonly toolVersion: string;
}

export interface CommandEnd {
	/** As a shell reports it. */
	readonly status: number;
}

const CHANNEL = "kernel";

export class Recording {
	readonly #recorder: Recorder;
	readonly #reader: ChannelReader;
	readonly #bufflink: BufflinkReader;
	readonly #session: SessionWriter;
	readonly #command: HeldCommand | undefined;
	readonly #channelId: number;
	readonly #cpuIds: number;
	#failure: RelayscopeError | undefined;
	#commandEnd: CommandEnd | undefined;

	/** Prepares, turns the probes on and lets the command go. */
	static start(request: RecordingRequest): Recording {
		const program =
			request.command[0] === undefined ? undefined : resolveCommand(request.command[0]);
		// Before the command is held: it waits in user space, at the cost of a CPU.
		const before = snapshotProcesses(withAncestors(watchedPids(request)));
		const command = program === undefined ? undefined : holdCommand(program, request.command);
		try {
			return new Recording(request, command, before);
		} catch (error) {
			command?.kill(9);
			throw explainNativeError(error);
		}
	}

	private constructor(
		request: RecordingRequest,
		command: HeldCommand | undefined,
		before: readonly ProcessSnapshot[],
	) {
		this.#command = command;
		this.#recorder = new Recorder();
		const info = this.#recorder.info();
		this.#cpuIds = info.cpuIds;
		const options = {
			name: CHANNEL,
			subbufSize: request.subbufSize,
			subbufCount: request.subbufCount,
			flushIntervalMs: request.flushIntervalMs,
		};
		try {
			const channel = this.#recorder.createChannel(options);
			this.#channelId = channel.id;
			for (const source of request.sources) this.#recorder.attachSource(channel.id, source);
			const schemas = moduleEvents(
				request.sources.flatMap((source) => {
					const schema = this.#recorder.sourceSchema(channel.id, source);
					return schema === undefined ? [] : [{ source, ...schema }];
				}),
				BUILTIN_EVENTS,
			);
			this.#restrict(request, command);
			const snapshot =
				command === undefined ? before : [...before, ...snapshotProcesses([command.pid])];
			this.#session = SessionWriter.create(request.directory, {
				toolVersion: request.toolVersion,
				host: hostFacts(info.cpuIds),
				start: readClocks(),
				channels: [{ ...options, id: channel.id, epoch: channel.epoch, sources: request.sources }],
				schemaJson: schemaToJson(schemas),
				syscallTable: request.sources.includes("syscalls") ? readSyscallTable(DEBUGFS) : "",
				processes: snapshot,
				request: requestFacts(request, command),
			});
			this.#reader = new ChannelReader(this.#recorder, options, {
				channelId: channel.id,
				dataDirectory: join(DEBUGFS, channel.directory),
				outputPrefix: join(this.#session.directory, `${CHANNEL}.cpu`),
				outputSuffix: ".raw",
			});
			this.#bufflink = new BufflinkReader(
				`/dev/bufflink${info.bufflinkMinor}`,
				this.#session.bufflinkFile,
			);
			this.#recorder.start();
			// A held command cannot have started anything; the rest of the system can.
			if (command === undefined) {
				const pids = request.pids.length > 0 ? request.pids : allPids();
				this.#session.setProcesses(addNewborn(snapshot, pids));
			}
		} catch (error) {
			this.#recorder.close();
			throw error;
		}
		command?.release();
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
			this.#reader.onError(fail);
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

	progress(): ReaderProgress[] {
		return this.#reader.progress();
	}

	/** Probes off, buffers drained, the session closed. */
	async stop(): Promise<readonly CpuCounters[]> {
		this.#recorder.stop();
		const unread = new Map((await this.#reader.finish()).map(({ cpu, unread }) => [cpu, unread]));
		const { refused } = await this.#bufflink.finish();
		const counters: CpuCounters[] = [];
		for (let cpu = 0; cpu < this.#cpuIds; cpu++) {
			const stats = this.#cpuStats(cpu);
			if (stats === undefined) continue;
			counters.push({ channelId: this.#channelId, cpu, ...stats, unread: unread.get(cpu) ?? 0n });
		}
		this.#recorder.close();
		this.#session.finish(this.#ending(counters, refused));
		return counters;
	}

	#ending(counters: readonly CpuCounters[], refused: bigint): EndingMetadata {
		return {
			stop: readClocks(),
			counters,
			bufflinkRefused: refused,
			errorCode: this.#failure?.code ?? "",
			errorMessage: this.#failure?.message ?? "",
			commandStatus: this.#commandEnd?.status ?? 0,
			commandEnded: this.#commandEnd !== undefined,
		};
	}

	/** Undefined for a number below the limit that no CPU of this machine has. */
	#cpuStats(cpu: number): CpuStats | undefined {
		try {
			return this.#recorder.stats(this.#channelId, cpu);
		} catch (error) {
			if (error instanceof Error && "code" in error && error.code === "EINVAL") return undefined;
			throw error;
		}
	}

	#restrict(request: RecordingRequest, command: HeldCommand | undefined): void {
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

/** A command's parent is the recorder, whose own parents tell who recorded. */
function watchedPids(request: RecordingRequest): readonly number[] {
	if (request.command.length > 0) return [process.pid];
	return request.pids.length > 0 ? request.pids : allPids();
}

function requestFacts(
	request: RecordingRequest,
	command: HeldCommand | undefined,
): RequestMetadata {
	return {
		command: request.command,
		commandPid: command?.pid ?? 0,
		pids: request.pids,
		sources: request.sources,
		recorderPid: process.pid,
	};
}
