import type { Command } from "commander";

/**
 * What a file in commands/ exports as `command`. An action parses its options, calls what does the
 * work and prints the result; to end with a status of its own it sets process.exitCode. It throws
 * RelayscopeError for everything a user can act on.
 */
export interface CommandModule {
	/** Adds arguments, options, examples and the action. */
	define(command: Command): void;
}

/** One line of the registry: enough for `relayscope --help` without loading the command. */
export interface CommandEntry {
	readonly name: string;
	readonly summary: string;
	/** Ends with the status of the command it runs: failures of its own are then 125. */
	readonly wraps?: boolean;
	readonly load: () => Promise<{ readonly command: CommandModule }>;
}

/** The `Examples:` block under a command's options. */
export function examples(...lines: readonly (readonly [string, string])[]): string {
	const rows = lines.map(([call, meaning]) => `  # ${meaning}\n  ${call}`);
	return `\nExamples:\n${rows.join("\n\n")}\n`;
}
