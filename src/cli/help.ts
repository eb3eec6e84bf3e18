import { EXIT_STATUS_HELP } from "./exit-status.js";
import { COMMANDS } from "./registry.js";

/** What `relayscope --help` prints. Written here, so that printing it loads no command line parser. */
export function programHelp(): string {
	const commands = [...COMMANDS, { name: "help [command]", summary: "show a command's help" }];
	return `Usage: relayscope COMMAND [options]

${PURPOSE}

Options:
${table([
	[VERSION_OPTION, "output the version number"],
	[HELP_OPTION, "show help"],
])}

Commands:
${table(commands.map(({ name, summary }) => [name, summary]))}

${EXIT_STATUS_HELP}
${EXAMPLES}`;
}

/** Whether that is all that is wanted. */
export function asksForHelp(args: readonly string[]): boolean {
	return args.length === 1 && ["--help", "-h", "help"].includes(args[0] ?? "");
}

const PURPOSE = "Record what a Linux kernel does, keep it as a session, and ask it questions.";
export const VERSION_OPTION = "-V, --version";
export const HELP_OPTION = "-h, --help";

const EXAMPLES = `Examples:
  relayscope record -o session -- make -j4
  relayscope vm -- relayscope record -o session -- ls /etc
  relayscope report ./session syscalls
  relayscope query ./session "SELECT name, count(*) FROM syscalls GROUP BY name"
  relayscope COMMAND --help
`;

const TERM_WIDTH = 16;

function table(rows: readonly (readonly [term: string, meaning: string])[]): string {
	return rows.map(([term, meaning]) => `  ${term.padEnd(TERM_WIDTH)}${meaning}`).join("\n");
}
