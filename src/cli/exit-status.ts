import type { ErrorCode } from "../base/error.js";

/**
 * Every exit status of `relayscope`, and the only place where an error becomes one. Documented in
 * `relayscope --help`; scripts depend on it.
 */
export const EXIT_STATUS = {
	success: 0,
	/** What was asked could not be done. */
	failure: 1,
	/** The command line is wrong. */
	usage: 2,
	/** SESSION is not there, or not a session this version can read. */
	session: 3,
	/** The SQL, the event declaration or the audit rule handed in is wrong. */
	input: 4,
	/** This machine lacks what the command needs: rights, modules, QEMU. */
	environment: 5,
	/** A bug in relayscope. */
	bug: 70,
	/** `record` or `vm` failed itself; every other status of theirs is the command's own. */
	wrapperFailed: 125,
	/** The command given to `record` was found and cannot be run. */
	commandNotExecutable: 126,
	/** The command given to `record` or `vm` was not found. */
	commandNotFound: 127,
	/** Whoever read the output stopped reading: what a shell reports for SIGPIPE. */
	brokenPipe: 141,
} as const;

export type ExitStatus = (typeof EXIT_STATUS)[keyof typeof EXIT_STATUS];

const OF_CODE: Readonly<Record<ErrorCode, keyof typeof EXIT_STATUS>> = {
	NOT_ROOT: "environment",
	NO_MODULES: "environment",
	MODULE_LOAD: "environment",
	ABI_MISMATCH: "environment",
	NO_DEBUGFS: "environment",
	LOCKDOWN: "environment",
	NO_QEMU: "environment",
	VM_FAILED: "failure",
	NO_KERNEL: "environment",
	UNKNOWN_SOURCE: "usage",
	SOURCE_UNAVAILABLE: "environment",
	BAD_ARGUMENT: "usage",
	BAD_FILTER: "usage",
	BAD_SCHEMA: "input",
	BAD_SQL: "input",
	BAD_TRACE: "input",
	BAD_RULE: "input",
	NO_SESSION: "session",
	NOT_A_SESSION: "session",
	SESSION_VERSION: "session",
	OUTPUT_NOT_EMPTY: "usage",
	DISK_FULL: "failure",
	NO_SUCH_PROCESS: "failure",
	COMMAND_NOT_FOUND: "commandNotFound",
	COMMAND_NOT_EXECUTABLE: "commandNotExecutable",
	RECORDING_FAILED: "wrapperFailed",
	NO_RECORDER: "failure",
	NO_BOOT_RECORDING: "failure",
	SNAPSHOT_FAILED: "failure",
	DATABASE: "failure",
};

/**
 * Status of an error with a code. A command that ends with its child's status (`wraps`) must not
 * have its own failures taken for the child's: they are all 125, as with env and timeout.
 */
export function exitStatusOf(code: ErrorCode, wraps: boolean): ExitStatus {
	const kind = OF_CODE[code];
	const asAShell = kind === "commandNotFound" || kind === "commandNotExecutable";
	return wraps && !asAShell ? EXIT_STATUS.wrapperFailed : EXIT_STATUS[kind];
}

export const EXIT_STATUS_HELP = `Exit status:
  0    done
  1    what was asked could not be done
  2    the command line is wrong
  3    SESSION is not there or is not a session this version reads
  4    the SQL, event declaration, audit rule or trace to import is wrong
  5    this machine lacks what is needed (rights, modules, QEMU)
  70   a bug in relayscope
  125  record, vm: relayscope itself failed; otherwise they end with the command's status
  126  record: the command cannot be run
  127  record, vm: the command was not found
  141  the reader of the output stopped reading
`;
