import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { RelayscopeError } from "../base/error.js";
import { builtinSource } from "./builtin-source.js";
import { cHeader } from "./c-header.js";
import { eventDocs } from "./event-docs.js";
import type { EventSchema } from "./event-schema.js";
import { moduleHeader } from "./module-header.js";
import { BUILTIN_SOURCES, identifierProblem } from "./names.js";
import { type ParsedProto, type ProtoFile, parseProtoFiles } from "./parse-proto.js";

/** Declarations whose events any module may cause, with a header of their own. */
const OFFERED = "proto/klog.proto";

/** What a generated header for a module needs beside it: path there -> path below the package. */
const MODULE_FILES = {
	"relayscope/event.h": "include/relayscope/event.h",
	"relayscope/klog.h": "include/relayscope/klog.h",
	"relayscope/klog_events.h": "include/relayscope/klog_events.h",
	"relayscope/options.proto": "proto/options.proto",
	"uapi/relayscope.h": "include/uapi/relayscope.h",
} as const;

/** sizeof(relayscope_source_info.name) and description, less the NUL. */
const SOURCE_NAME_MAX = 31;
const DESCRIPTION_MAX = 127;

/** Everything that is derived from proto/ of a checkout: path below `root` -> content. */
export function generateAll(root: string): ReadonlyMap<string, string> {
	const parsed = parseOwn(root);
	const events = declaredEvents(parsed);
	const offered = parsed.filter((file) => file.path === OFFERED);
	const recorded = events.filter((event) => !offered.some((file) => file.events.includes(event)));
	return new Map([
		[
			"include/relayscope/events.h",
			cHeader(recorded, { uapi: '"../uapi/relayscope.h"', guard: "_RELAYSCOPE_EVENTS_H" }),
		],
		...offered.map((file) => {
			const source = sourceName(file.path);
			const options = { source, include: '"event.h"', ownIds: true };
			return [`include/relayscope/${source}_events.h`, headerOf(file, options)] as const;
		}),
		[
			"src/schema/generated/builtin-events.ts",
			builtinSource(
				events,
				Object.fromEntries(
					parsed
						.filter((file) => file.events.length > 0)
						.map((file) => [sourceName(file.path), file.events.map((event) => event.name)]),
				),
			),
		],
		["docs/events.md", eventDocs(parsed)],
	]);
}

export interface GenerateRequest {
	readonly root: string;
	readonly check: boolean;
	/** What is derived from the events outside this layer: path below `root` -> content. */
	readonly others?: (events: readonly EventSchema[]) => ReadonlyMap<string, string>;
}

/** Writes what is not as it should be, or with `check` only says what that is. */
export function runGenerate(request: GenerateRequest): {
	readonly written: readonly string[];
	readonly stale: readonly string[];
} {
	const { root, others } = request;
	const derived = [...generateAll(root), ...(others?.(declaredEvents(parseOwn(root))) ?? [])];
	const stale = derived.filter(([path, content]) => readIfThere(join(root, path)) !== content);
	const paths = stale.map(([path]) => path);
	if (request.check) return { written: [], stale: paths };
	for (const [path, content] of stale) {
		const file = join(root, path);
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, content);
	}
	return { written: paths, stale: [] };
}

export interface ModuleRequest {
	/** Holds include/ and proto/ of Relayscope itself. */
	readonly root: string;
	/** A user's declarations. */
	readonly proto: string;
	readonly builtin: readonly EventSchema[];
}

/** All that a user's module includes: path below the directory that is asked for -> content. */
export function generateModuleFiles({
	root,
	proto,
	builtin,
}: ModuleRequest): ReadonlyMap<string, string> {
	const [file] = parseProtoFiles([readProtoFile(proto, proto)], builtin);
	if (file === undefined || file.events.length === 0) {
		throw new RelayscopeError("BAD_SCHEMA", `${proto}: there is no event in it.`, {
			hint: "Declare a message for each event; docs/add-an-event.md shows how.",
		});
	}
	const source = sourceName(proto);
	const problem = sourceProblem(source);
	if (problem !== undefined) {
		throw new RelayscopeError("BAD_SCHEMA", `${proto}: the file's name ${problem}.`, {
			hint: "The file's name becomes the source's, as `record --sources` takes it: rename the file.",
		});
	}
	const header = headerOf(file, { source, include: '"relayscope/event.h"', ownIds: false });
	return new Map([
		[`${source}_events.h`, header],
		...Object.entries(MODULE_FILES).map(
			([to, from]) => [to, readFileSync(join(root, from), "utf8")] as const,
		),
	]);
}

/** Writes what generateModuleFiles makes; the paths of what was not there in that form. */
export function runGenerateModule(
	request: ModuleRequest & { readonly output: string },
): readonly string[] {
	return [...generateModuleFiles(request)].flatMap(([path, content]) => {
		const file = join(request.output, path);
		if (readIfThere(file) === content) return [];
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, content);
		return [file];
	});
}

function parseOwn(root: string): readonly ParsedProto[] {
	const names = readdirSync(join(root, "proto")).filter((name) => name.endsWith(".proto"));
	return parseProtoFiles(
		names.sort().map((name) => readProtoFile(join(root, "proto", name), `proto/${name}`)),
	);
}

function declaredEvents(parsed: readonly ParsedProto[]): readonly EventSchema[] {
	return parsed.flatMap((file) => file.events).sort((a, b) => a.id - b.id);
}

function headerOf(
	file: ParsedProto,
	options: { readonly source: string; readonly include: string; readonly ownIds: boolean },
): string {
	const { source } = options;
	const names = file.events.map((event) => event.name).join(", ");
	const [sentence = ""] = file.doc.split(/(?<=\.)\s/);
	const description = sentence.replace(/\.$/, "") || `events ${names}`;
	const guard = `_RELAYSCOPE_${source.toUpperCase()}_EVENTS_H`;
	return moduleHeader(file.events, {
		...options,
		description: description.slice(0, DESCRIPTION_MAX),
		guard,
	});
}

function sourceName(path: string): string {
	return basename(path, ".proto");
}

function sourceProblem(source: string): string | undefined {
	const problem = identifierProblem(source);
	if (problem !== undefined) return problem;
	if (source.length > SOURCE_NAME_MAX) return `is longer than ${SOURCE_NAME_MAX} characters`;
	return BUILTIN_SOURCES.includes(source) ? "is that of a source of Relayscope's own" : undefined;
}

function readProtoFile(file: string, path: string): ProtoFile {
	try {
		return { path, text: readFileSync(file, "utf8") };
	} catch (cause) {
		throw new RelayscopeError("BAD_ARGUMENT", `cannot read ${path}.`, {
			hint: "Give the path of a .proto file that declares events.",
			cause,
		});
	}
}

function readIfThere(file: string): string | undefined {
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
		throw error;
	}
}
