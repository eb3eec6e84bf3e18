import { runChecks } from "../../record/checks.js";
import { type CommandModule, examples } from "../command.js";
import { EXIT_STATUS } from "../exit-status.js";

const MARK = { ok: "ok     ", warning: "warning", problem: "PROBLEM" } as const;

export const command: CommandModule = {
	define(command) {
		command
			.option("--json", "print the checks as JSON")
			.addHelpText(
				"after",
				examples(
					["relayscope doctor", "can this machine be recorded, and if not, what to do"],
					[
						"relayscope vm -- relayscope doctor",
						"the same for a virtual machine of a stock kernel",
					],
				),
			)
			.action((options: { json?: true }) => {
				const results = runChecks();
				const failed = results.some((result) => result.status === "problem");
				if (options.json === true) {
					process.stdout.write(
						`${JSON.stringify({ recordable: !failed, checks: results }, undefined, 2)}\n`,
					);
				} else {
					for (const { name, status, detail, hint } of results) {
						process.stdout.write(`${MARK[status]}  ${name.padEnd(9)} ${detail}\n`);
						if (hint !== undefined) process.stdout.write(`${" ".repeat(19)}${hint}\n`);
					}
					process.stdout.write(
						failed ? "This machine cannot be recorded as it is.\n" : "Ready to record.\n",
					);
				}
				if (failed) process.exitCode = EXIT_STATUS.environment;
			});
	},
};
