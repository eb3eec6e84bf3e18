/**
 * The command line: finds the command, loads only its file, runs it, and turns whatever it throws
 * into a message and an exit status. `relayscope --help` loads no command at all.
 */
import commander = require("commander");

import { packageVersion } from "../base/package-version.js";
import type { CommandEntry } from "./command.js";
import { EXIT_STATUS, EXIT_STATUS_HELP } from "./exit-status.js";
import { failureOf, isBrokenPipe } from "./failure.js";
import { COMMANDS } from "./registry.js";

/** Runs one command line (without node and script) and gives the exit status. */
export async function main(args: readonly string[]): Promise<number> {
	process.stdout.on("error", quietOnBrokenPipe);
	process.stderr.on("error", quietOnBrokenPipe);
	const wanted = wantedCommand(args);
	try {
		const program = await programFor(wanted);
		await program.parseAsync([...args], { from: "user" });
		return Number(process.exitCode ?? EXIT_STATUS.success);
	} catch (error) {
		const failure = failureOf(error, wanted?.wraps === true);
		process.stderr.write(failure.text);
		return failure.status;
	}
}

/** A reader that left, as `| head` does, is no error to tell anyone about. */
function quietOnBrokenPipe(error: Error): void {
	if (isBrokenPipe(error)) process.exit(EXIT_STATUS.brokenPipe);
	throw error;
}

function wantedCommand(args: readonly string[]): CommandEntry | undefined {
	const words = args[0] === "help" ? args.slice(1) : args;
	return COMMANDS.find((entry) => entry.name === words[0]);
}

async function programFor(wanted: CommandEntry | undefined): Promise<commander.Command> {
	const program = new commander.Command("relayscope")
		.description("Record what a Linux kernel does, keep it as a session, and ask it questions.")
		.usage("COMMAND [options]")
		.version(packageVersion(), "-V, --version")
		.helpOption("-h, --help", "show help")
		.helpCommand("help [command]", "show a command's help")
		.enablePositionalOptions()
		.exitOverride()
		.configureOutput({
			outputError: (text, write) => write(text.replace(/^error: /, "relayscope: ")),
		})
		.addHelpText("after", `\n${EXIT_STATUS_HELP}\n${EXAMPLES}`);
	for (const entry of COMMANDS) {
		const command = program.command(entry.name).description(entry.summary);
		if (entry !== wanted) continue;
		command.showHelpAfterError(`  See: relayscope ${entry.name} --help`);
		(await entry.load()).command.define(command);
	}
	return program;
}

const EXAMPLES = `Examples:
  relayscope record -o session -- make -j4
  relayscope vm -- relayscope record -o session -- ls /etc
  relayscope report ./session syscalls
  relayscope query ./session "SELECT name, count(*) FROM syscalls GROUP BY name"
  relayscope COMMAND --help
`;
