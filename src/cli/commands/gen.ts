import { RelayscopeError } from "../../base/error.js";
import { packageRoot } from "../../base/package-root.js";
import { runGenerate, runGenerateModule } from "../../schema/generate.js";
import { BUILTIN_EVENTS } from "../../schema/generated/builtin-events.js";
import { VIEWS_PAGE, viewsPage } from "../../store/view-docs/views-page.js";
import { type CommandModule, examples } from "../command.js";

interface Options {
	readonly check?: true;
	readonly c?: string;
	readonly output?: string;
}

export const command: CommandModule = {
	define(command) {
		command
			.option("--c <file>", "a .proto of your own: write the C header of your module's events")
			.option("-o, --output <dir>", "with --c: where to write it and what it includes")
			.option("--check", "write nothing; fail when a derived file is stale")
			.addHelpText(
				"after",
				examples(
					[
						"relayscope gen --c my_driver.proto -o .",
						"my_driver_events.h with trace_<event>() functions; see docs/add-an-event.md",
					],
					["relayscope gen", "derive C headers, decoder schema and docs from Relayscope's proto/"],
				),
			)
			.action((options: Options) => {
				for (const path of generate(options)) process.stdout.write(`wrote ${path}\n`);
			});
	},
};

function generate({ c: proto, output, check }: Options): readonly string[] {
	const root = packageRoot();
	if (proto === undefined && output === undefined) return generateOwn(root, check === true);
	if (proto === undefined || output === undefined || check === true) {
		throw new RelayscopeError("BAD_ARGUMENT", "--c and --output go together, and without --check", {
			hint: "As in: relayscope gen --c my_driver.proto -o .",
		});
	}
	return runGenerateModule({ root, proto, output, builtin: BUILTIN_EVENTS });
}

function generateOwn(root: string, check: boolean): readonly string[] {
	const { written, stale } = runGenerate({
		root,
		check,
		others: (events) => new Map([[VIEWS_PAGE, viewsPage(events)]]),
	});
	if (stale.length > 0) {
		throw new RelayscopeError("BAD_SCHEMA", `stale: ${stale.join(", ")}`, {
			hint: "Run `relayscope gen` and commit what it writes.",
		});
	}
	return written;
}
