/** `record --sources relay:PATH`: other drivers' channels, with nothing of ours in the kernel. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { RelayscopeError } from "../base/error.js";
import { packageVersion } from "../base/package-version.js";
import { requireChecks } from "../record/checks.js";
import { RelayCapture } from "../record/relay-capture.js";
import { relayChannelAt } from "../record/relay-files.js";
import { captureStatus, drainedSummary } from "./output/recording-text.js";
import { StatusLine } from "./output/status-line.js";

const PREFIX = "relay:";

export interface RelayRecordingOptions {
	readonly directory: string;
	/** Run while recording, which ends with it; empty: until `ended`. */
	readonly command: readonly string[];
	readonly quiet: boolean;
	readonly ended: Promise<void>;
}

/**
 * Paths of the relay channels among the sources; undefined when there is none.
 * @throws RelayscopeError BAD_ARGUMENT when there are other sources beside them.
 */
export function relayPaths(sources: readonly string[]): readonly string[] | undefined {
	const paths = sources.filter((source) => source.startsWith(PREFIX));
	if (paths.length === 0) return undefined;
	if (paths.length < sources.length) {
		throw new RelayscopeError(
			"BAD_ARGUMENT",
			"relay channels of other drivers are recorded in a session of their own",
			{ hint: "Run two `relayscope record`, one with the relay: sources and one with the others." },
		);
	}
	return paths.map((source) => source.slice(PREFIX.length));
}

/** Returns the status to end with: the command's, or 0. */
export async function recordRelay(
	paths: readonly string[],
	options: RelayRecordingOptions,
): Promise<number> {
	requireChecks(["root", "debugfs"]);
	const { directory, quiet } = options;
	const capture = RelayCapture.start({
		directory,
		channels: paths.map(relayChannelAt),
		toolVersion: packageVersion(),
	});
	using status = new StatusLine();
	const started = Date.now();
	const tick = setInterval(() => {
		if (!quiet) status.show(captureStatus(capture.progress(), Date.now() - started));
	}, 500);
	let commandStatus = 0;
	const ended =
		options.command.length === 0
			? options.ended
			: run(options.command).then((result) => {
					commandStatus = result;
				});
	let failure: unknown;
	try {
		await capture.untilEnd(ended);
	} catch (error) {
		failure = error;
	}
	clearInterval(tick);
	const counters = await capture.stop();
	status.clear();
	if (!quiet) process.stderr.write(drainedSummary(capture.directory, counters));
	if (failure !== undefined) throw failure;
	if (capture.failure !== undefined) throw capture.failure;
	return commandStatus;
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
