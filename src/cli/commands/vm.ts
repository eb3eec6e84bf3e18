import { DEFAULT_KERNEL, KERNELS } from "../../../vm/kernel-cache.js";
import { runVm } from "../../../vm/machine.js";
import { type CommandModule, examples } from "../command.js";
import { StatusLine } from "../output/status-line.js";

interface Options {
	readonly kernel: string;
	readonly share?: string;
}

export const command: CommandModule = {
	define(command) {
		command
			.argument("<command...>", "what to run in the virtual machine, as root")
			.passThroughOptions()
			.option("--kernel <version>", `kernel to boot: ${KERNELS.join(", ")}`, DEFAULT_KERNEL)
			.option(
				"--share <dir>",
				"directory that is writable in the machine, at its own path (default: the current one)",
			)
			.addHelpText(
				"after",
				examples(
					[
						"relayscope vm -- relayscope record -o session -- ls -l /etc",
						"record on a machine whose own kernel cannot be",
					],
					["relayscope vm --kernel 6.12 -- relayscope doctor", "on another kernel"],
					[
						"relayscope vm -- bash -c 'modprobe null_blk; lsblk'",
						"anything else: the host's files are there, read-only underneath",
					],
				),
			)
			.action(async (words: readonly string[], options: Options) => {
				const status = new StatusLine();
				const result = await runVm({
					command: words,
					kernel: options.kernel,
					...(options.share === undefined ? {} : { share: options.share }),
					streams: "inherit",
					progress: (line) => {
						if (status.enabled) status.show(line);
						else process.stderr.write(`relayscope: ${line}\n`);
					},
					onBoot: (line) => status.show(line),
					onStart: () => status.clear(),
				});
				process.exitCode = result.status;
			});
	},
};
