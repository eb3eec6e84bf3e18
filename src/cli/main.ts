/**
 * The command line: finds the command, loads only its file, runs it, and turns whatever it throws
 * into a message and an exit status. `relayscope --help` loads no command and no parser at all.
 */
import type { CommandEntry } from "./command.js";
import { EXIT_STATUS } from "./exit-status.js";
import { asksForHelp, programHelp } from "./help.js";
import { COMMANDS } from "./registry.js";

/** Runs one command line (without node and script) and gives the exit status. */
export async function main(args: readonly string[]): Promise<number> {
	process.stdout.on("error", quietOnBrokenPipe);
	process.stderr.on("error", quietOnBrokenPipe);
	if (asksForHelp(args)) {
		process.stdout.write(programHelp());
		return EXIT_STATUS.success;
	}
	const wanted = wantedCommand(args);
	try {
		const { programFor } = await import("./program.js");
		const program = await programFor(wanted);
		await program.parseAsync([...args], { from: "user" });
		return Number(process.exitCode ?? EXIT_STATUS.success);
	} catch (error) {
		const { failureOf } = await import("./failure.js");
		const failure = failureOf(error, wanted?.wraps === true);
		process.stderr.write(failure.text);
		return failure.status;
	}
}

/** A reader that left, as `| head` does, is no error to tell anyone about. */
function quietOnBrokenPipe(error: Error): void {
	if ("code" in error && error.code === "EPIPE") process.exit(EXIT_STATUS.brokenPipe);
	throw error;
}

function wantedCommand(args: readonly string[]): CommandEntry | undefined {
	const words = args[0] === "help" ? args.slice(1) : args;
	return COMMANDS.find((entry) => entry.name === words[0]);
}
