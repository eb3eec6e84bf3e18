import { requestSnapshot } from "../../record/snapshot-socket.js";
import { type CommandModule, examples } from "../command.js";
import { reachText } from "../output/snapshot-text.js";

export const command: CommandModule = {
	define(command) {
		command
			.argument("[session]", "directory of the recording; not needed when only one is running")
			.option("--json", "print directory, records, torn and reach as JSON")
			.addHelpText(
				"after",
				`
Prints the directory of the snapshot: a session of its own. The recording goes on.
${examples(
	["relayscope record --flight-recorder -a -o flight &", "keep the last events in memory"],
	['relayscope report "$(relayscope snapshot flight)" syscalls', "see what has just happened"],
)}`,
			)
			.action(async (session: string | undefined, options: { readonly json?: true }) => {
				const taken = await requestSnapshot(session);
				if (options.json === true) {
					process.stdout.write(`${JSON.stringify(taken, undefined, 2)}\n`);
					return;
				}
				process.stdout.write(`${taken.directory}\n`);
				const reach = taken.reach_ns === null ? undefined : BigInt(taken.reach_ns);
				process.stderr.write(
					`relayscope: ${reachText({ reachNs: reach, keepNs: BigInt(taken.keep_ns) })}\n`,
				);
			});
	},
};
