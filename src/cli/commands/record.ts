import { constants } from "node:os";
import { RelayscopeError } from "../../base/error.js";
import { packageVersion } from "../../base/package-version.js";
import { checkBufferSize } from "../../record/buffer-size.js";
import { DEFAULT_SUBBUF_SIZE, DEFAULT_SUBBUFS, requireRecordable } from "../../record/checks.js";
import { loadModulesFor } from "../../record/kernel-modules.js";
import { Recording, type RecordingRequest } from "../../record/recording.js";
import { knownSources, unknownSources } from "../../record/sources.js";
import { type CommandModule, examples } from "../command.js";
import { EXIT_STATUS } from "../exit-status.js";
import { parseByteSize, parseCount, parseDuration } from "../option-values.js";
import { recordingStatus, recordingSummary } from "../output/recording-text.js";
import { StatusLine } from "../output/status-line.js";
import { recordRelay, relayPaths } from "../relay-recording.js";

interface Options {
	readonly output?: string;
	readonly sources?: string;
	readonly pid: readonly number[];
	readonly all?: true;
	readonly duration?: number;
	readonly subbufSize: number;
	readonly subbufs: number;
	readonly flushInterval: number;
	readonly quiet?: true;
}

const DEFAULT_SOURCES = ["syscalls", "sched"];
const DEFAULT_FLUSH_INTERVAL_MS = 200;

export const command: CommandModule = {
	define(command) {
		command
			.argument("[command...]", "record this command and what it starts, from its own execve on")
			.passThroughOptions()
			.option("-o, --output <dir>", "session directory to make (default: relayscope-DATE-TIME)")
			.option(
				"--sources <names>",
				"comma-separated; see `relayscope sources`",
				DEFAULT_SOURCES.join(","),
			)
			.option(
				"-p, --pid <pid>",
				"record this process and what it starts; repeatable",
				collectPid,
				[],
			)
			.option("-a, --all", "record the whole system")
			.option("-d, --duration <time>", "stop after this long: 10s, 500ms, 2m", parseDuration)
			.option(
				"--subbuf-size <bytes>",
				"size of a sub-buffer: 256K, 1M",
				parseByteSize,
				DEFAULT_SUBBUF_SIZE,
			)
			.option("--subbufs <count>", "sub-buffers a CPU", parseCount, DEFAULT_SUBBUFS)
			.option(
				"--flush-interval <ms>",
				"hand over a sub-buffer that is not full after this long; 0: never",
				parseCount,
				DEFAULT_FLUSH_INTERVAL_MS,
			)
			.option("-q, --quiet", "say nothing but errors")
			.addHelpText(
				"after",
				examples(
					[
						"relayscope record -o session -- make -j4",
						"a command and its descendants; ends with its exit status",
					],
					["relayscope record --pid 1234 --duration 10s", "a running process"],
					["relayscope record -a --sources sched", "the whole system until Ctrl-C"],
					[
						"relayscope record --sources relay:/sys/kernel/debug/block/sda/trace",
						"the bytes of another driver's relay channel",
					],
				),
			)
			.action(async (words: readonly string[], options: Options) => {
				const relay = relayPaths(sourcesOf(options));
				if (relay !== undefined) {
					process.exitCode = await recordOthers(relay, words, options);
					return;
				}
				const request = requestOf(words, options);
				requireRecordable();
				const unknown = unknownSources(request.sources);
				if (unknown.length > 0) throw unknownSource(unknown);
				loadModulesFor(request.sources);
				process.exitCode = await record(request, options);
			});
	},
};

function sourcesOf({ sources = "" }: Options): readonly string[] {
	return sources
		.split(",")
		.map((name) => name.trim())
		.filter((name) => name !== "");
}

/** Channels of other drivers: nothing chooses processes there. */
async function recordOthers(
	paths: readonly string[],
	command: readonly string[],
	options: Options,
): Promise<number> {
	if (options.pid.length > 0) {
		throw new RelayscopeError("BAD_ARGUMENT", "a relay channel cannot be restricted to a process", {
			hint: "Leave out --pid: what the driver wrote is recorded as it is.",
		});
	}
	const { promise: ended, resolve: end } = deferred();
	const timer =
		options.duration === undefined ? undefined : setTimeout(end, options.duration / 1e6);
	const forget = onSignals(() => {
		if (command.length === 0) end();
	});
	try {
		return await recordRelay(paths, {
			directory: options.output ?? defaultDirectory(new Date()),
			command,
			quiet: options.quiet === true,
			ended,
		});
	} finally {
		clearTimeout(timer);
		forget();
	}
}

function requestOf(words: readonly string[], options: Options): RecordingRequest {
	const targets =
		Number(words.length > 0) + Number(options.pid.length > 0) + Number(options.all === true);
	if (targets !== 1) {
		throw new RelayscopeError(
			"BAD_ARGUMENT",
			targets === 0
				? "there is nothing to record"
				: "a command, --pid and --all exclude each other",
			{
				hint: "Give one of: a command after `--`, --pid PID, or --all; see relayscope record --help.",
			},
		);
	}
	checkBufferSize(options.subbufSize, options.subbufs);
	return {
		directory: options.output ?? defaultDirectory(new Date()),
		sources: sourcesOf(options),
		command: words,
		pids: options.pid,
		subbufSize: options.subbufSize,
		subbufCount: options.subbufs,
		flushIntervalMs: options.flushInterval,
		toolVersion: packageVersion(),
	};
}

async function record(request: RecordingRequest, options: Options): Promise<number> {
	const recording = Recording.start(request);
	using status = new StatusLine();
	const quiet = options.quiet === true;
	const started = Date.now();
	const tick = setInterval(() => {
		if (!quiet) status.show(recordingStatus(recording.progress(), request, Date.now() - started));
	}, 500);
	const { promise: ended, resolve: end } = deferred();
	const timer =
		options.duration === undefined ? undefined : setTimeout(end, options.duration / 1e6);
	const forget = onSignals((signal) => {
		// The terminal has sent its signals to the command too: it decides when it ends.
		if (!recording.commandRuns) end();
		else if (signal === "SIGTERM") recording.signalCommand(constants.signals.SIGTERM);
	});
	await recording.untilEnd(ended);
	clearInterval(tick);
	clearTimeout(timer);
	const counters = await recording.stop();
	forget();
	status.clear();
	if (!quiet) process.stderr.write(recordingSummary(recording.directory, counters));
	if (recording.failure !== undefined) throw recording.failure;
	return recording.commandEnd?.status ?? EXIT_STATUS.success;
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
	let resolve: () => void = () => undefined;
	const promise = new Promise<void>((settle) => {
		resolve = settle;
	});
	return { promise, resolve };
}

function onSignals(handle: (signal: NodeJS.Signals) => void): () => void {
	const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
	for (const signal of signals) process.on(signal, handle);
	return () => {
		for (const signal of signals) process.off(signal, handle);
	};
}

function collectPid(value: string, before: readonly number[]): number[] {
	return [...before, parseCount(value)];
}

/** `relayscope-20261121-154210`, local time. */
function defaultDirectory(now: Date): string {
	const two = (value: number): string => String(value).padStart(2, "0");
	const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
	return `relayscope-${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

function unknownSource(names: readonly string[]): RelayscopeError {
	return new RelayscopeError("UNKNOWN_SOURCE", `there is no source ${names.join(", ")}`, {
		hint: `This machine has: ${knownSources().join(", ")}. Load the module that brings the source first.`,
	});
}
