/**
 * `record --sources relay:PATH` and `blktrace:DEVICE`: relay channels of other drivers, with nothing
 * of ours in the kernel.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { RelayscopeError } from "../base/error.js";
import { packageVersion } from "../base/package-version.js";
import { BLKTRACE_PREFIX, BlockTraces } from "../record/block-traces.js";
import { requireChecks } from "../record/checks.js";
import { RelayCapture } from "../record/relay-capture.js";
import { relayChannelAt } from "../record/relay-files.js";
import { capturedSummary, captureStatus } from "./output/recording-text.js";
import { StatusLine } from "./output/status-line.js";

const RELAY_PREFIX = "relay:";

export interface RelaySources {
	readonly paths: readonly string[];
	/** To be traced by blktrace. */
	readonly devices: readonly string[];
}

export interface RelayRecordingOptions {
	readonly directory: string;
	/** Run while recording, which ends with it; empty: until `ended`. */
	readonly command: readonly string[];
	readonly quiet: boolean;
	readonly ended: Promise<void>;
	/** Of what is set up for the recording; those of channels that are there are the driver's. */
	readonly bufferSize: number;
	readonly bufferCount: number;
}

/**
 * The relay channels among the sources; undefined when there is none.
 * @throws RelayscopeError BAD_ARGUMENT when there are other sources beside them.
 */
export function relaySources(sources: readonly string[]): RelaySources | undefined {
	const paths = withoutPrefix(sources, RELAY_PREFIX);
	const devices = withoutPrefix(sources, BLKTRACE_PREFIX);
	const found = paths.length + devices.length;
	if (found === 0) return undefined;
	if (found < sources.length) {
		throw new RelayscopeError(
			"BAD_ARGUMENT",
			"relay channels of other drivers are recorded in a session of their own",
			{
				hint: "Run two `relayscope record`, one with the relay: and blktrace: sources and one with the others.",
			},
		);
	}
	return { paths, devices };
}

/** Returns the status to end with: the command's, or 0. */
export async function recordRelay(
	{ paths, devices }: RelaySources,
	options: RelayRecordingOptions,
): Promise<number> {
	requireChecks(["root", "debugfs"]);
	const { directory, command, bufferSize, bufferCount } = options;
	const relayed = paths.map((path, index) => ({
		name: `relay${index}`,
		source: `${RELAY_PREFIX}${path}`,
		channel: relayChannelAt(path),
	}));
	const traces = new BlockTraces(devices, { bufferSize, bufferCount });
	try {
		const capture = RelayCapture.start({
			directory,
			channels: [...relayed, ...traces.channels()],
			command,
			toolVersion: packageVersion(),
		});
		return await recordUntilEnd(capture, traces, options);
	} finally {
		traces.close();
	}
}

async function recordUntilEnd(
	capture: RelayCapture,
	traces: BlockTraces,
	{ command, quiet, ended }: RelayRecordingOptions,
): Promise<number> {
	using status = new StatusLine();
	const started = Date.now();
	const tick = setInterval(() => {
		if (!quiet) status.show(captureStatus(capture.progress(), Date.now() - started));
	}, 500);
	let commandStatus = 0;
	let failure: unknown;
	try {
		traces.start();
		await capture.untilEnd(
			command.length === 0
				? ended
				: run(command).then((result) => {
						commandStatus = result;
					}),
		);
	} catch (error) {
		failure = error;
	}
	clearInterval(tick);
	// Before what is left is taken: a busy device would never leave nothing.
	traces.stop();
	const end = await capture.stop();
	status.clear();
	if (!quiet) process.stderr.write(capturedSummary(capture.directory, end));
	if (failure !== undefined) throw failure;
	if (capture.failure !== undefined) throw capture.failure;
	return commandStatus;
}

function withoutPrefix(sources: readonly string[], prefix: string): string[] {
	return sources
		.filter((source) => source.startsWith(prefix))
		.map((source) => source.slice(prefix.length));
}

/** Resolves with the status as a shell reports it. */
function run([file = "", ...args]: readonly string[]): Promise<number> {
	return new Promise((resolve, reject) => {
		const child = spawn(file, args, { stdio: "inherit" });
		child.on("error", (cause) =>
			reject(
				new RelayscopeError("COMMAND_NOT_FOUND", `${file} cannot be run: ${cause.message}`, {
					hint: "Check its name and its rights.",
					cause,
				}),
			),
		);
		child.on("close", (code, signal) =>
			resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
		);
	});
}
