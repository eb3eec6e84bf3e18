import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { RelayscopeError } from "../base/error.js";
import { builtinSource } from "./builtin-source.js";
import { cHeader } from "./c-header.js";
import { eventDocs } from "./event-docs.js";
import type { EventSchema } from "./event-schema.js";
import { type ProtoFile, parseProto, parseProtoFiles } from "./parse-proto.js";

/** Everything that is derived from proto/ of a checkout: path below `root` -> content. */
export function generateAll(root: string): ReadonlyMap<string, string> {
	const names = readdirSync(join(root, "proto")).filter((name) => name.endsWith(".proto"));
	const files = names
		.sort()
		.map((name) => readProtoFile(join(root, "proto", name), `proto/${name}`));
	const parsed = parseProtoFiles(files);
	const events = parsed.flatMap((file) => file.events).sort((a, b) => a.id - b.id);
	return new Map([
		[
			"include/relayscope/events.h",
			cHeader(events, { uapi: '"../uapi/relayscope.h"', guard: "_RELAYSCOPE_EVENTS_H" }),
		],
		["src/schema/generated/builtin-events.ts", builtinSource(events)],
		["docs/events.md", eventDocs(parsed)],
	]);
}

/** Writes what is not as it should be, or with `check` only says what that is. */
export function runGenerate(request: { readonly root: string; readonly check: boolean }): {
	readonly written: readonly string[];
	readonly stale: readonly string[];
} {
	const stale = [...generateAll(request.root)].filter(
		([path, content]) => readIfThere(join(request.root, path)) !== content,
	);
	const paths = stale.map(([path]) => path);
	if (request.check) return { written: [], stale: paths };
	for (const [path, content] of stale) {
		const file = join(request.root, path);
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, content);
	}
	return { written: paths, stale: [] };
}

/** A user's own events: for their module the C header, for their recording the schemas. */
export function generateUserEvents(
	paths: readonly string[],
	builtin: readonly EventSchema[],
): { readonly events: readonly EventSchema[]; readonly header: string } {
	const events = parseProto(
		paths.map((path) => readProtoFile(path, path)),
		builtin,
	);
	const stem = basename(paths[0] ?? "events", ".proto")
		.toUpperCase()
		.replace(/[^A-Z0-9]/g, "_");
	const guard = `_RELAYSCOPE_${stem}_EVENTS_H`;
	return { events, header: cHeader(events, { uapi: "<uapi/relayscope.h>", guard }) };
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
