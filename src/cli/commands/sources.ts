import { requireRecordable, runChecks } from "../../record/checks.js";
import { listRelaySources, listSources } from "../../record/sources.js";
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
				const relay = listRelaySources();
				// Those need no module of ours: what is wrong with ours must not hide them.
				if (relay.length === 0) requireRecordable();
				const sources = runChecks().some(({ status }) => status === "problem") ? [] : listSources();
				if (options.json === true) {
					process.stdout.write(`${JSON.stringify([...sources, ...relay], undefined, 2)}\n`);
					return;
				}
				for (const { name, description, tracepoints, missing } of sources) {
					const lack =
						missing === 0
							? ""
							: ` (this kernel lacks ${missing} of its ${tracepoints} tracepoints)`;
					process.stdout.write(`${name.padEnd(12)} ${description}${lack}\n`);
				}
				for (const { name, description } of relay)
					process.stdout.write(`${name}  ${description}\n`);
			});
	},
};
