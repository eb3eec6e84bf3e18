import commander = require("commander");

import { packageVersion } from "../base/package-version.js";
import type { CommandEntry } from "./command.js";
import { HELP_OPTION, programHelp, VERSION_OPTION } from "./help.js";
import { COMMANDS } from "./registry.js";

/** The parser of the command line, with the options of the one command that is wanted. */
export async function programFor(wanted: CommandEntry | undefined): Promise<commander.Command> {
	const program = new commander.Command("relayscope")
		.version(packageVersion(), VERSION_OPTION)
		.helpOption(HELP_OPTION)
		.helpCommand("help [command]")
		.enablePositionalOptions()
		.exitOverride()
		.configureOutput({
			outputError: (text, write) => write(text.replace(/^error: /, "relayscope: ")),
		});
	program.helpInformation = programHelp;
	for (const entry of COMMANDS) {
		const command = program.command(entry.name).description(entry.summary);
		if (entry !== wanted) continue;
		command.showHelpAfterError(`  See: relayscope ${entry.name} --help`);
		(await entry.load()).command.define(command);
	}
	return program;
}
