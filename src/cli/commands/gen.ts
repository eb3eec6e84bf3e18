import { RelayscopeError } from "../../base/error.js";
import { packageRoot } from "../../base/package-root.js";
import { runGenerate } from "../../schema/generate.js";
import { type CommandModule, examples } from "../command.js";

export const command: CommandModule = {
	define(command) {
		command
			.option("--check", "write nothing; fail when a derived file is stale")
			.addHelpText(
				"after",
				examples([
					"relayscope gen",
					"derive C header, decoder schema and docs/events.md from proto/",
				]),
			)
			.action((options: { check?: true }) => {
				const { written, stale } = runGenerate({
					root: packageRoot(),
					check: options.check === true,
				});
				for (const path of written) process.stdout.write(`wrote ${path}\n`);
				if (stale.length > 0) {
					throw new RelayscopeError("BAD_SCHEMA", `stale: ${stale.join(", ")}`, {
						hint: "Run `relayscope gen` and commit what it writes.",
					});
				}
			});
	},
};
