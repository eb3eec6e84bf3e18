/** What an errno from the kernel side means to the user. */
import type { NativeError } from "#native";
import { RelayscopeError } from "../base/error.js";

/** An error while a recording is prepared. Errors of ours pass through. */
export function explainNativeError(error: unknown): unknown {
	if (error instanceof RelayscopeError || !isNativeError(error)) return error;
	const what = error.message;
	switch (error.code) {
		case "EPERM":
			return new RelayscopeError("LOCKDOWN", `the kernel refuses: ${what}`, {
				hint: "See `dmesg | tail` and `relayscope doctor`: a locked-down kernel forbids much in debugfs.",
				cause: error,
			});
		case "EACCES":
			return new RelayscopeError("NOT_ROOT", `recording needs root: ${what}`, {
				hint: "Run it with sudo.",
				cause: error,
			});
		case "ENOMEM":
			return new RelayscopeError(
				"RECORDING_FAILED",
				`there is not enough memory for the buffers: ${what}`,
				{
					hint: "Make them smaller: --subbuf-size 64K --subbufs 8",
					cause: error,
				},
			);
		case "ENOSPC":
		case "EDQUOT":
			return diskFull(error, "the session directory");
		default:
			return new RelayscopeError("RECORDING_FAILED", what, {
				hint: "See `relayscope doctor` and `dmesg | tail`.",
				cause: error,
			});
	}
}

/** A reader thread's error: the recording ends, what was written stays. */
export function explainReaderError(error: NativeError, directory: string): RelayscopeError {
	if (error.code === "ENOSPC" || error.code === "EDQUOT") return diskFull(error, directory);
	return new RelayscopeError("RECORDING_FAILED", `the recording was cut short: ${error.message}`, {
		hint: `What was recorded until then can be read: relayscope report ${directory} syscalls`,
		cause: error,
	});
}

/** A snapshot that could not be written; the recording goes on. */
export function explainSnapshotError(error: unknown, directory: string): unknown {
	if (!isNativeError(error)) return error;
	const full = error.code === "ENOSPC" || error.code === "EDQUOT";
	return new RelayscopeError(
		full ? "DISK_FULL" : "SNAPSHOT_FAILED",
		full
			? `the disk is full: there is no snapshot ${directory}`
			: `there is no snapshot ${directory}: ${error.message}`,
		{
			hint: full
				? "Free space and take another: relayscope snapshot"
				: "The recording goes on; see `dmesg | tail`.",
			cause: error,
		},
	);
}

function diskFull(cause: NativeError, directory: string): RelayscopeError {
	return new RelayscopeError(
		"DISK_FULL",
		`the disk is full: the recording to ${directory} was cut short`,
		{
			hint: "What was recorded until then can be read. Free space, or record to another disk with -o DIR.",
			cause,
		},
	);
}

export function isNativeError(error: unknown): error is NativeError {
	return error instanceof Error && "code" in error && "errno" in error && "syscall" in error;
}
