import commander = require("commander");

import { RelayscopeError } from "../base/error.js";
import { EXIT_STATUS, type ExitStatus, exitStatusOf } from "./exit-status.js";

/** What is told about an error, and the status it ends the program with. */
export interface Failure {
	readonly text: string;
	readonly status: ExitStatus;
}

export function failureOf(error: unknown, wraps: boolean): Failure {
	if (error instanceof commander.CommanderError) {
		// Commander has printed its message (or the help that was asked for) already.
		const usage = wraps ? EXIT_STATUS.wrapperFailed : EXIT_STATUS.usage;
		return { text: "", status: error.exitCode === 0 ? EXIT_STATUS.success : usage };
	}
	if (error instanceof RelayscopeError) {
		const status = exitStatusOf(error.code, wraps);
		return { text: `relayscope: ${withHint(error)}\n`, status };
	}
	if (isBrokenPipe(error)) return { text: "", status: EXIT_STATUS.brokenPipe };
	const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
	const text = `relayscope: unexpected error: this is a bug in relayscope; please report it with what follows\n${stack}\n`;
	return { text, status: wraps ? EXIT_STATUS.wrapperFailed : EXIT_STATUS.bug };
}

/** The sentence and, on a line of its own, what to do next. */
export function withHint(error: RelayscopeError): string {
	return error.hint === undefined ? error.message : `${error.message}\n  ${error.hint}`;
}

function isBrokenPipe(error: unknown): boolean {
	return error instanceof Error && "code" in error && error.code === "EPIPE";
}
