import { requireRecordable } from "../../record/checks.js";
import { listSources } from "../../record/sources.js";
import { type CommandModule, examples } from "../command.js";

export const command: CommandModule = {
	define(command) {
		command
			.option("--json", "print the sources as JSON")
			.addHelpText(
				"after",
				examples([
					"relayscope sources",
					"what `record --sources` takes on this kernel (loads the modules)",
				]),
			)
			.action((options: { json?: true }) => {
				requireRecordable();
				const sources = listSources();
				if (options.json === true) {
					process.stdout.write(`${JSON.stringify(sources, undefined, 2)}\n`);
					return;
				}
				for (const { name, description, tracepoints, missing } of sources) {
					const lack =
						missing === 0
							? ""
							: ` (this kernel lacks ${missing} of its ${tracepoints} tracepoints)`;
					process.stdout.write(`${name.padEnd(12)} ${description}${lack}\n`);
				}
			});
	},
};
