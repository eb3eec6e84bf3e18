/** Block devices traced by the stock kernel's own blktrace, with nothing of ours in the kernel. */
import { realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { BlockTrace, type BlockTraceOptions, type NativeError } from "#native";
import { RelayscopeError } from "../base/error.js";
import { DEBUGFS } from "./checks.js";
import { explainNativeError, isNativeError } from "./native-failure.js";
import type { CaptureChannel } from "./relay-capture.js";
import { channelOf } from "./relay-files.js";

/** As `record --sources` names them. */
export const BLKTRACE_PREFIX = "blktrace:";

interface Traced {
	readonly device: string;
	readonly trace: BlockTrace;
}

export class BlockTraces {
	readonly #traced: Traced[] = [];

	/** @throws RelayscopeError when one of them cannot be traced; none is traced then. */
	constructor(devices: readonly string[], buffers: BlockTraceOptions) {
		const twice = devices.find((device, index) => devices.indexOf(device) < index);
		if (twice !== undefined) {
			throw new RelayscopeError("BAD_ARGUMENT", `${twice} is named twice`, {
				hint: `Give each device once: --sources ${BLKTRACE_PREFIX}${twice}`,
			});
		}
		try {
			for (const device of devices) {
				this.#traced.push({ device, trace: setUp(device, buffers) });
			}
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** Whose files are there already, and stay empty until `start`. */
	channels(): CaptureChannel[] {
		return this.#traced.map(({ device, trace }) => ({
			name: trace.name,
			source: `${BLKTRACE_PREFIX}${device}`,
			channel: channelOf(join(DEBUGFS, "block", trace.name, "trace")),
			blktrace: { device, version: trace.version, mask: trace.mask },
		}));
	}

	start(): void {
		for (const { device, trace } of this.#traced) {
			try {
				trace.start();
			} catch (error) {
				throw explain(device, error);
			}
		}
	}

	/** What the buffers hold can be read until `close`. */
	stop(): void {
		for (const { device, trace } of this.#traced) {
			try {
				trace.stop();
			} catch (error) {
				// Somebody else has taken it down; what was read is still a recording.
				if (!isNativeError(error)) throw explain(device, error);
			}
		}
	}

	close(): void {
		for (const { trace } of this.#traced) trace.close();
	}
}

function setUp(device: string, buffers: BlockTraceOptions): BlockTrace {
	try {
		return new BlockTrace(device, buffers);
	} catch (error) {
		throw explain(device, error);
	}
}

function explain(device: string, error: unknown): unknown {
	if (!isNativeError(error)) return error;
	switch (error.code) {
		case "ENOENT":
		case "ENXIO":
		case "ENODEV":
		case "ENOMEDIUM":
			return unusable("BAD_ARGUMENT", `there is no device at ${device}`, error);
		case "ENOTBLK":
			return unusable("BAD_ARGUMENT", `${device} is not a block device`, error);
		case "EBUSY":
			return new RelayscopeError("SOURCE_UNAVAILABLE", `${device} is being traced already`, {
				hint: `A device has one trace at a time: end the other recorder or blktrace. If none runs, one was killed and left its trace behind; take it down with: echo 0 > /sys/class/block/${kernelName(device)}/trace/enable`,
				cause: error,
			});
		case "ENOTTY":
		case "EINVAL":
			return new RelayscopeError("SOURCE_UNAVAILABLE", `the kernel cannot trace ${device}`, {
				hint: "It has to be built with CONFIG_BLK_DEV_IO_TRACE; source `block` of relayscope's modules does without.",
				cause: error,
			});
		default:
			return explainNativeError(error);
	}
}

function unusable(code: "BAD_ARGUMENT", message: string, cause: NativeError): RelayscopeError {
	return new RelayscopeError(code, message, {
		hint: `Name a disk or a partition, such as ${BLKTRACE_PREFIX}/dev/sda; lsblk lists them.`,
		cause,
	});
}

function kernelName(device: string): string {
	try {
		return basename(realpathSync(device));
	} catch {
		return basename(device);
	}
}
