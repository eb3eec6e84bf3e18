/**
 * An error a user can act on: a stable code for programs, one sentence that says what is wrong,
 * and what to do next. Everything else that is thrown is a bug.
 */
export class RelayscopeError extends Error {
	override readonly name = "RelayscopeError";

	constructor(
		readonly code: ErrorCode,
		message: string,
		options?: { readonly hint?: string; readonly cause?: unknown },
	) {
		super(message, options?.cause === undefined ? undefined : { cause: options.cause });
		this.hint = options?.hint;
	}

	/** What the user can do about it, as a sentence. */
	readonly hint: string | undefined;
}

/** Stable: programs match on these. A code may be added, never renamed. */
export type ErrorCode =
	| "NOT_ROOT"
	| "NO_MODULES"
	| "MODULE_LOAD"
	| "ABI_MISMATCH"
	| "NO_DEBUGFS"
	| "LOCKDOWN"
	| "NO_QEMU"
	| "VM_FAILED"
	| "NO_KERNEL"
	| "UNKNOWN_SOURCE"
	| "SOURCE_UNAVAILABLE"
	| "BAD_ARGUMENT"
	| "BAD_FILTER"
	| "BAD_SCHEMA"
	| "BAD_SQL"
	| "BAD_TRACE"
	| "BAD_RULE"
	| "NO_SESSION"
	| "NOT_A_SESSION"
	| "SESSION_VERSION"
	| "OUTPUT_NOT_EMPTY"
	| "DISK_FULL"
	| "NO_SUCH_PROCESS"
	| "COMMAND_NOT_FOUND"
	| "COMMAND_NOT_EXECUTABLE"
	| "RECORDING_FAILED"
	| "NO_RECORDER"
	| "NO_BOOT_RECORDING"
	| "SNAPSHOT_FAILED"
	| "DATABASE";
