import { constants } from "node:os";
import { RelayscopeError } from "../../base/error.js";
import { packageVersion } from "../../base/package-version.js";
import { type FilterRequest, parseFilterRequest } from "../../filter/source-filters.js";
import { type ChannelRequest, checkChannels } from "../../record/channel-request.js";
import { DEFAULT_SUBBUF_SIZE, DEFAULT_SUBBUFS, requireRecordable } from "../../record/checks.js";
import {
	CONTEXT_PARTS,
	type ContextRequest,
	checkContextSources,
	contextsOf,
	parseContext,
} from "../../record/context-request.js";
import { loadCore, loadModulesFor } from "../../record/kernel-modules.js";
import { Recording, type RecordingRequest } from "../../record/recording.js";
import { SnapshotSocket } from "../../record/snapshot-socket.js";
import type { TakenSnapshot } from "../../record/snapshots.js";
import { knownSources, unknownSources } from "../../record/sources.js";
import { withStrings } from "../../record/strings-request.js";
import { TriggerWatch } from "../../record/trigger-watch.js";
import type { SnapshotReason } from "../../session/metadata.js";
import {
	CHANNEL_HELP,
	CHANNEL_SYNTAX,
	type ChannelOption,
	parseChannel,
} from "../channel-option.js";
import { type CommandModule, examples } from "../command.js";
import { EXIT_STATUS } from "../exit-status.js";
import { failureOf } from "../failure.js";
import { parseByteSize, parseCount, parseDuration } from "../option-values.js";
import { recordingStatus, recordingSummary } from "../output/recording-text.js";
import { snapshotText } from "../output/snapshot-text.js";
import { StatusLine } from "../output/status-line.js";
import { type RelaySources, recordRelay, relaySources } from "../relay-recording.js";

interface Options {
	readonly output?: string;
	readonly sources?: string;
	readonly channel: readonly ChannelOption[];
	readonly context: readonly ContextRequest[];
	readonly strings?: true;
	readonly pid: readonly number[];
	readonly all?: true;
	readonly fromBoot?: true;
	readonly duration?: number;
	readonly subbufSize: number;
	readonly subbufs: number;
	/** Absent: the default of the channel's mode. */
	readonly flushInterval?: number;
	readonly flightRecorder?: true;
	readonly keep?: number;
	readonly snapshotAtEnd?: true;
	readonly filter: readonly FilterRequest[];
	readonly snapshotOn: readonly FilterRequest[];
	readonly snapshotCooldown?: number;
	readonly quiet?: true;
}

const HIDDEN_SYMBOLS = `relayscope: kernel stacks will have addresses without names: kernel.kptr_restrict is 2
  For names, record after: sysctl kernel.kptr_restrict=1
`;
const DEFAULT_SOURCES = ["syscalls", "sched"];
const DEFAULT_CHANNEL = "kernel";
const DEFAULT_FLUSH_INTERVAL_MS = 200;
const DEFAULT_COOLDOWN_NS = 10e9;

export const command: CommandModule = {
	define(command) {
		command
			.argument("[command...]", "record this command and what it starts, from its own execve on")
			.passThroughOptions()
			.option("-o, --output <dir>", "session directory to make (default: relayscope-DATE-TIME)")
			.option(
				"--sources <names>",
				`comma-separated; see \`relayscope sources\` (default: "${DEFAULT_SOURCES.join(",")}")`,
			)
			.option(
				"-p, --pid <pid>",
				"record this process and what it starts; repeatable",
				collectPid,
				[],
			)
			.option("-a, --all", "record the whole system")
			.option(
				"--from-boot",
				"go on with what relayscope.ko has recorded since it was loaded with boot=",
			)
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
				`hand over a sub-buffer that is not full after this long; 0: never (default: ${DEFAULT_FLUSH_INTERVAL_MS})`,
				parseCount,
			)
			.option(`--channel ${CHANNEL_SYNTAX}`, CHANNEL_HELP, collectChannel, [])
			.option(
				"--context <[source:]parts>",
				`what events carry beside their fields, of one source or of all: ${CONTEXT_PARTS.join(",")} (kernel stack, user stack, ...); repeatable`,
				collectContext,
				[],
			)
			.option(
				"--strings",
				"record what system calls name: paths, programs' arguments, socket addresses, files behind descriptors; docs/strings.md",
			)
			.option(
				"--flight-recorder",
				"keep the newest events in memory; write them on SIGUSR2, `relayscope snapshot`, or when the command fails",
			)
			.option("--keep <time>", "a snapshot goes back no further than this: 10s, 2m", parseDuration)
			.option("--snapshot-at-end", "take a snapshot when the recording ends, too")
			.option(
				"--snapshot-on <[source:]expr>",
				"take a snapshot when an event matches; repeatable; see --filter",
				collectFilter,
				[],
			)
			.option(
				"--snapshot-cooldown <time>",
				"from one such snapshot to the next at least (default: 10s)",
				parseDuration,
			)
			.option(
				"--filter <[source:]expr>",
				"record only what this holds for, decided in the kernel: ret < 0, comm ~ 'ssh*'; repeatable; docs/filters.md",
				collectFilter,
				[],
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
						`relayscope record -a --filter 'name in (openat, execve) and ret < 0'`,
						"failing opens and execs of the whole system, and nothing else of its calls",
					],
					[
						`relayscope record -a --filter 'syscalls:dur >= 10ms' --filter 'cgroup == "/system.slice"'`,
						"calls that took 10 ms and more, of one cgroup",
					],
					[
						`relayscope record --flight-recorder -a --snapshot-on 'ret == -ENOSPC'`,
						"the last seconds before a disk was full",
					],
					[
						"relayscope record --sources blktrace:/dev/sda,blktrace:/dev/sdb --duration 10s",
						"block requests of two disks by the kernel's own blktrace, without a module of ours",
					],
					[
						"relayscope record --sources relay:/sys/kernel/debug/block/sda/trace",
						"the bytes of another driver's relay channel",
					],
					[
						"relayscope record --flight-recorder --keep 10s -o flight -- ./flaky-test",
						"the last 10 s before a failure, as a session flight/snapshot-DATE-TIME",
					],
					[
						"relayscope record -a --channel calls,source=syscalls,size=1M --channel runs,source=sched,size=64K,count=8",
						"two channels, so that many calls cannot crowd out the scheduler",
					],
					[
						"relayscope record --context syscalls:stack,ustack --context sched:stack -- ./server",
						"the way to every call and into every sleep; see `report stacks`",
					],
					[
						"relayscope record -a --channel calls,source=syscalls --channel log,source=printk,size=16K,global",
						"the kernel's log in one buffer for all CPUs",
					],
					[
						"relayscope record --strings -- ./install.sh",
						"with every path, argument and address: what did it open, and fail to open?",
					],
					[
						"relayscope record --from-boot --duration 10s -o boot",
						"since relayscope.boot=syscalls,sched on the kernel's command line, and 10 s more",
					],
				),
			)
			.action(async (words: readonly string[], options: Options) => {
				const relay = relaySources(sourcesOf(options));
				if (relay !== undefined) {
					process.exitCode = await recordOthers(relay, words, options);
					return;
				}
				const request = requestOf(words, options);
				requireRecordable();
				if (request.fromBoot === true) {
					loadCore();
					process.exitCode = await record(request, options);
					return;
				}
				const sources = request.channels.flatMap((channel) => channel.sources);
				const unknown = unknownSources(sources);
				if (unknown.length > 0) throw unknownSource(unknown);
				loadModulesFor(sources);
				process.exitCode = await record(request, options);
			});
	},
};

function sourcesOf({ sources = DEFAULT_SOURCES.join(",") }: Options): readonly string[] {
	return sources
		.split(",")
		.map((name) => name.trim())
		.filter((name) => name !== "");
}

/** Channels of other drivers: nothing chooses processes there. */
async function recordOthers(
	sources: RelaySources,
	command: readonly string[],
	options: Options,
): Promise<number> {
	if (options.context.length > 0) {
		throw new RelayscopeError("BAD_ARGUMENT", "a relay channel of another driver has no context", {
			hint: "Leave out --context: what the driver wrote is recorded as it is.",
		});
	}
	if (options.strings === true) {
		throw new RelayscopeError("BAD_ARGUMENT", "a relay channel of another driver has no strings", {
			hint: "Leave out --strings: what the driver wrote is recorded as it is.",
		});
	}
	if (options.filter.length > 0) {
		throw new RelayscopeError("BAD_ARGUMENT", "a relay channel's bytes cannot be filtered", {
			hint: "Leave out --filter: what the driver wrote is recorded as it is.",
		});
	}
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
		return await recordRelay(sources, {
			directory: options.output ?? defaultDirectory(new Date()),
			command,
			quiet: options.quiet === true,
			ended,
			bufferSize: options.subbufSize,
			bufferCount: options.subbufs,
		});
	} finally {
		clearTimeout(timer);
		forget();
	}
}

function requestOf(words: readonly string[], options: Options): RecordingRequest {
	const fromBoot = options.fromBoot === true;
	const targets =
		Number(words.length > 0) +
		Number(options.pid.length > 0) +
		Number(options.all === true) +
		Number(fromBoot);
	if (targets !== 1) {
		throw new RelayscopeError(
			"BAD_ARGUMENT",
			targets === 0
				? "there is nothing to record"
				: "a command, --pid, --all and --from-boot exclude each other",
			{
				hint: "Give one of: a command after `--`, --pid PID, --all, or --from-boot; see relayscope record --help.",
			},
		);
	}
	if (fromBoot) refuseChannelOptions(options);
	const asked = fromBoot ? [] : channelsOf(options);
	checkChannels(asked);
	const channels = options.strings === true ? withStrings(asked) : asked;
	checkContextSources(
		options.context,
		channels.flatMap(({ sources }) => sources),
	);
	if (!fromBoot && !channels.some(({ overwrite }) => overwrite)) refuseSnapshotOptions(options);
	return {
		directory: options.output ?? defaultDirectory(new Date()),
		channels,
		keepNs: BigInt(options.keep ?? 0),
		command: words,
		pids: options.pid,
		fromBoot,
		toolVersion: packageVersion(),
		filters: options.filter,
		triggers: options.snapshotOn,
	};
}

function channelsOf(options: Options): ChannelRequest[] {
	if (options.channel.length > 0 && options.sources !== undefined) {
		throw new RelayscopeError("BAD_ARGUMENT", "--sources and --channel exclude each other", {
			hint: "Give each channel its sources: --channel calls,source=syscalls",
		});
	}
	const only: ChannelOption = { name: DEFAULT_CHANNEL, sources: sourcesOf(options) };
	return (options.channel.length > 0 ? options.channel : [only]).map(({ context, ...channel }) => {
		const overwrite = channel.overwrite ?? options.flightRecorder === true;
		const flushIntervalMs = options.flushInterval ?? (overwrite ? 0 : DEFAULT_FLUSH_INTERVAL_MS);
		const { subbufSize, subbufs: subbufCount } = options;
		const ofAll = context === undefined ? [] : [{ source: undefined, context }];
		const contexts = contextsOf(channel.sources, [...options.context, ...ofAll]);
		const global = channel.global === true;
		return { subbufSize, subbufCount, flushIntervalMs, ...channel, overwrite, global, contexts };
	});
}

/** What it records, and into which buffers, was said when the module was loaded. */
function refuseChannelOptions(options: Options): void {
	const given = [
		...(options.sources === undefined ? [] : ["--sources"]),
		...(options.channel.length === 0 ? [] : ["--channel"]),
		...(options.flightRecorder === undefined ? [] : ["--flight-recorder"]),
		...(options.flushInterval === undefined ? [] : ["--flush-interval"]),
		...(options.context.length === 0 ? [] : ["--context"]),
		...(options.strings === undefined ? [] : ["--strings"]),
		...(options.filter.length === 0 ? [] : ["--filter"]),
		...(options.snapshotOn.length === 0 ? [] : ["--snapshot-on"]),
	];
	if (given[0] === undefined) return;
	throw new RelayscopeError("BAD_ARGUMENT", `--from-boot and ${given[0]} exclude each other`, {
		hint: "Its sources and buffers are relayscope.ko's parameters boot, boot_size, boot_count, boot_mode and boot_strings.",
	});
}

function refuseSnapshotOptions(options: Options): void {
	const asked = [
		...(options.keep === undefined ? [] : ["--keep"]),
		...(options.snapshotAtEnd === undefined ? [] : ["--snapshot-at-end"]),
		...(options.snapshotOn.length === 0 ? [] : ["--snapshot-on"]),
	];
	const [given] = asked;
	if (given === undefined) return;
	throw new RelayscopeError("BAD_ARGUMENT", `${given} is for a flight recorder`, {
		hint: "Add --flight-recorder, or mode=overwrite to a --channel.",
	});
}

async function record(request: RecordingRequest, options: Options): Promise<number> {
	const recording = Recording.start(request);
	using status = new StatusLine();
	const quiet = options.quiet === true;
	const started = Date.now();
	const tick = setInterval(() => {
		if (!quiet) status.show(recordingStatus(recording.progress(), Date.now() - started));
	}, 500);
	const say = (text: string): void => {
		status.clear();
		process.stderr.write(text);
	};
	if (!quiet && recording.kernelSymbolsHidden) say(HIDDEN_SYMBOLS);
	const snapshot = async (reason: SnapshotReason): Promise<TakenSnapshot> => {
		const taken = await recording.snapshot(reason);
		if (!quiet) say(snapshotText(taken));
		return taken;
	};
	const socket = recording.hasFlightRecorder
		? await SnapshotSocket.open(recording.directory, () => snapshot("request"))
		: undefined;
	const onSnapshotSignal = (): void => {
		snapshot("signal").catch((error: unknown) => say(failureOf(error, true).text));
	};
	if (recording.hasFlightRecorder) process.on("SIGUSR2", onSnapshotSignal);
	// Without a listener Node would open its debugger's port.
	const onFlushSignal = (): void => recording.flush();
	process.on("SIGUSR1", onFlushSignal);
	const watch = new TriggerWatch((options.snapshotCooldown ?? DEFAULT_COOLDOWN_NS) / 1e6, () =>
		recording.hasTriggered(),
	);
	if (options.snapshotOn.length > 0) {
		watch.start(() =>
			snapshot("trigger").catch((error: unknown) => say(failureOf(error, true).text)),
		);
	}
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
	socket?.close();
	const triggered = watch.stop();
	const ending = await recording.stop(lastSnapshot(recording, options, triggered));
	process.off("SIGUSR2", onSnapshotSignal);
	process.off("SIGUSR1", onFlushSignal);
	forget();
	status.clear();
	if (!quiet) {
		if (ending.lastSnapshot !== undefined) say(snapshotText(ending.lastSnapshot));
		say(recordingSummary(recording.directory, recording.channels, ending));
	}
	if (recording.failure !== undefined) throw recording.failure;
	return recording.commandEnd?.status ?? EXIT_STATUS.success;
}

/** Why one is taken when the recording ends, if it is. */
function lastSnapshot(
	recording: Recording,
	options: Options,
	triggered: boolean,
): SnapshotReason | undefined {
	if (!recording.hasFlightRecorder) return undefined;
	if ((recording.commandEnd?.status ?? 0) !== 0) return "command-failed";
	if (triggered) return "trigger";
	return options.snapshotAtEnd === true ? "end" : undefined;
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

function collectChannel(value: string, before: readonly ChannelOption[]): ChannelOption[] {
	return [...before, parseChannel(value)];
}

function collectContext(value: string, before: readonly ContextRequest[]): ContextRequest[] {
	return [...before, parseContext(value)];
}

function collectFilter(value: string, before: readonly FilterRequest[]): FilterRequest[] {
	return [...before, parseFilterRequest(value)];
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
