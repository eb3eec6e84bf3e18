import { assertUnreachable } from "../base/assert.js";
import { RelayscopeError } from "../base/error.js";
import type { EventSchema } from "./event-schema.js";
import { RECORD_HEADER_LENGTH } from "./layout.js";
import { schemaFromJson } from "./schema-json.js";

/** What a module that has events of its own says of them. */
export interface ModuleSchema {
	readonly source: string;
	/** The numbers that its events are recorded under begin here. */
	readonly firstEventId: number;
	/** A list of event schemas. */
	readonly json: string;
}

/**
 * Relayscope's own events and those of modules, as one schema for a session. A module's say is
 * checked as any input is: nothing of it may take the place of an event or a view of ours.
 */
export function moduleEvents(
	modules: readonly ModuleSchema[],
	builtin: readonly EventSchema[],
): readonly EventSchema[] {
	const events = [...builtin];
	for (const module of modules) {
		for (const event of readModule(module)) {
			const known = events.find(({ id, name }) => id === event.id || name === event.name);
			if (known === undefined) events.push(checked(event, module.source));
			// A module that logs brings our own declaration of that.
			else if (!isSame(known, event)) throw taken(event, known, module.source);
		}
	}
	return events;
}

/** A module's events under the numbers they are recorded by. */
export function readModule({ source, firstEventId, json }: ModuleSchema): readonly EventSchema[] {
	try {
		const list: unknown = JSON.parse(json);
		if (!Array.isArray(list)) throw new Error("it is not a list");
		const numbered = list.map((event: unknown, index) =>
			typeof event === "object" ? { ...event, id: firstEventId + index } : event,
		);
		return schemaFromJson(JSON.stringify(numbered));
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw bad(source, `its events cannot be understood: ${reason.replace(/\.$/, "")}`, cause);
	}
}

function checked(event: EventSchema, source: string): EventSchema {
	if (event.view !== event.name) {
		throw bad(source, `its event ${event.name} claims the view ${event.view}`);
	}
	if (event.headerLength !== RECORD_HEADER_LENGTH) {
		throw bad(source, `its event ${event.name} is not laid out as a record`);
	}
	return event;
}

function isSame(a: EventSchema, b: EventSchema): boolean {
	return layoutOf(a) === layoutOf(b);
}

/** All that decoding depends on; wording may differ. */
function layoutOf({ name, id, view, headerLength, fixedLength, fields }: EventSchema): string {
	const places = fields.map((field) => {
		switch (field.kind) {
			case "fixed":
				return [field.name, field.type, field.offset];
			case "chars":
				return [field.name, field.text, field.offset, field.size];
			case "tail":
				return [field.name, field.type, field.lengthOffset ?? null];
			default:
				return assertUnreachable(field);
		}
	});
	return JSON.stringify([name, id, view, headerLength, fixedLength, places]);
}

function taken(event: EventSchema, known: EventSchema, source: string): RelayscopeError {
	const what =
		known.id < 1000 ? "Relayscope's own event of that name" : "an event of another source";
	return bad(source, `its event ${event.name} is not the same as ${what}`);
}

function bad(source: string, problem: string, cause?: unknown): RelayscopeError {
	return new RelayscopeError("BAD_SCHEMA", `source ${source} cannot be recorded: ${problem}`, {
		hint: "Generate the module's header again with `relayscope gen --c` of this version, and rebuild the module.",
		cause,
	});
}
