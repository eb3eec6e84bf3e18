import protobuf from "protobufjs";
import { RelayscopeError } from "../base/error.js";
import type { EventSchema } from "./event-schema.js";
import {
	type DeclaredField,
	FIXED_PART_MAX,
	fixedSlots,
	layOut,
	MESSAGE_HEADER_LENGTH,
	RECORD_HEADER_LENGTH,
} from "./layout.js";
import { BUILTIN_VIEWS, declaredEventProblem, declaredFieldProblem } from "./names.js";
import { lineOfDeclaration } from "./proto-lines.js";
import { ProtoOptions } from "./proto-options.js";

export interface ProtoFile {
	/** As the user knows it; stands in errors. */
	readonly path: string;
	readonly text: string;
}

/** The events of one file. */
export interface ParsedProto {
	readonly path: string;
	/** Comment at the head of the file. */
	readonly doc: string;
	readonly events: readonly EventSchema[];
}

const EVENT_ID_MAX = 65_535;
/** Ids below belong to Relayscope itself. */
const USER_EVENT_ID_MIN = 1000;
/** A user's record is put together on the stack of whatever kernel code calls it. */
const USER_FIXED_PART_MAX = 512;
const TAILS_MAX = 16;

/** Parses Relayscope's own declarations, or a user's when `builtin` names those they join. */
export function parseProtoFiles(
	files: readonly ProtoFile[],
	builtin?: readonly EventSchema[],
): readonly ParsedProto[] {
	const taken = new Map<string, string>();
	for (const event of builtin ?? []) {
		taken.set(`id ${event.id}`, `Relayscope's own event ${event.name}`);
		taken.set(`name ${event.name}`, "Relayscope's own event of that name");
	}
	let nextId = USER_EVENT_ID_MIN;
	return files.map((file) => {
		const events = eventTypes(file).map((type) => {
			const place = new Place(file, type.name);
			const event = parseEvent(place, type, builtin !== undefined, nextId);
			nextId = Math.max(nextId, event.id + 1);
			claim(taken, `id ${event.id}`, place);
			claim(taken, `name ${event.name}`, place);
			return event;
		});
		return { path: file.path, doc: fileDoc(file.text), events };
	});
}

/** All events of the files, in order of their ids. */
export function parseProto(
	files: readonly ProtoFile[],
	builtin?: readonly EventSchema[],
): readonly EventSchema[] {
	return parseProtoFiles(files, builtin)
		.flatMap((file) => file.events)
		.sort((a, b) => a.id - b.id);
}

/** Where in the declarations a mistake is; every BAD_SCHEMA names it. */
class Place {
	constructor(
		private readonly file: ProtoFile,
		private readonly message?: string,
		private readonly field?: string,
	) {}

	in(field: string): Place {
		return new Place(this.file, this.message, field);
	}

	toString(): string {
		const { path, text } = this.file;
		if (this.message === undefined) return path;
		const line = lineOfDeclaration(text, this.message, this.field);
		const event = `${line === undefined ? path : `${path}:${line}`}: event ${this.message}`;
		return this.field === undefined ? event : `${event}, field ${this.field}`;
	}

	error(problem: string, hint: string): RelayscopeError {
		return new RelayscopeError("BAD_SCHEMA", `${this}: ${problem}`, { hint });
	}
}

function claim(taken: Map<string, string>, what: string, place: Place): void {
	const owner = taken.get(what);
	if (owner !== undefined) {
		throw place.error(`${what} is taken by ${owner}.`, "Choose another that no event has.");
	}
	taken.set(what, place.toString());
}

function eventTypes(file: ProtoFile): readonly protobuf.Type[] {
	const place = new Place(file);
	// The parser would leave it out without a word.
	if (/^[^/]*\b__proto__\b/m.test(file.text)) {
		throw place.error("__proto__ is no name for an event or a field.", "Rename it.");
	}
	let root: protobuf.Root;
	try {
		root = protobuf.parse(file.text, new protobuf.Root(), {
			keepCase: true,
			alternateCommentMode: true,
		}).root;
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		const line = / \(line (\d+)\)$/.exec(reason);
		const at = line === null ? place : new Place({ ...file, path: `${file.path}:${line[1]}` });
		throw at.error(
			`not a valid .proto file: ${reason.slice(0, line?.index)}.`,
			'Correct the line; a file starts with `syntax = "proto3";` and declares one message per event.',
		);
	}
	return typesIn(root, place);
}

function typesIn(namespace: protobuf.NamespaceBase, place: Place): readonly protobuf.Type[] {
	return namespace.nestedArray.flatMap((node) => {
		if (node instanceof protobuf.Type) return [node];
		// Extensions declare options, as in options.proto.
		if (node instanceof protobuf.Field) return [];
		if (node instanceof protobuf.Enum || node instanceof protobuf.Service) {
			throw place.error(
				`${node.name} is no message.`,
				"Declare events as messages only; give an enum's values in the comment of a fixed32 field.",
			);
		}
		return node instanceof protobuf.Namespace ? typesIn(node, place) : [];
	});
}

/** A user's event needs no id: it gets one when it is recorded. Until then `nextId` tells it apart. */
function parseEvent(
	place: Place,
	type: protobuf.Type,
	byUser: boolean,
	nextId: number,
): EventSchema {
	const options = new ProtoOptions(type, ["event_id", "bufflink", "view"], (problem, hint) =>
		place.error(problem, hint),
	);
	const id = options.number("event_id") ?? (byUser ? nextId : undefined);
	if (id === undefined) {
		throw place.error(
			"no event id.",
			`Add \`option (event_id) = N;\` with a free N below ${USER_EVENT_ID_MIN}.`,
		);
	}
	if (!Number.isInteger(id) || id < 1 || id > EVENT_ID_MAX) {
		throw place.error(
			`event id ${id} is not 1 to ${EVENT_ID_MAX}.`,
			"Choose a free id in that range.",
		);
	}
	if (byUser && id < USER_EVENT_ID_MIN) {
		throw place.error(
			`event ids below ${USER_EVENT_ID_MIN} are Relayscope's own.`,
			`Choose an id from ${USER_EVENT_ID_MIN} to ${EVENT_ID_MAX}.`,
		);
	}
	const view = options.string("view") ?? type.name;
	const allowedView = view === type.name || (!byUser && BUILTIN_VIEWS.includes(view));
	if (!allowedView) {
		throw place.error(
			`the view ${view} cannot hold it.`,
			`Leave the option out: the rows go to a view of the event's own name, ${type.name}.`,
		);
	}
	const problem = declaredEventProblem(type.name, view);
	if (problem !== undefined) throw place.error(`the name ${problem}.`, "Rename the event.");
	const nested = type.nestedArray[0];
	if (nested !== undefined) {
		throw place.error(
			`${nested.name} is declared inside the event.`,
			"An event is flat: declare integers, strings and bytes as its own fields.",
		);
	}

	const declared = type.fieldsArray.map((field) => parseField(place.in(field.name), field));
	const headerLength = options.boolean("bufflink") ? MESSAGE_HEADER_LENGTH : RECORD_HEADER_LENGTH;
	const { fields, fixedLength } = layOut(declared, headerLength);
	checkMembers(place, fields);
	checkTails(place, declared);
	if (byUser && options.boolean("bufflink")) {
		throw place.error(
			"(bufflink) is for Relayscope's own events.",
			"Remove the option: an event of yours is a record.",
		);
	}
	const most = byUser ? USER_FIXED_PART_MAX : FIXED_PART_MAX;
	if (headerLength + fixedLength > most) {
		throw place.error(
			`its fixed part takes ${headerLength + fixedLength} bytes of a record, ${most} at most fit ${byUser ? "its caller's stack" : "the smallest sub-buffer"}.`,
			"Make fields smaller, or declare a string or bytes field without (size).",
		);
	}
	return {
		name: type.name,
		id,
		doc: paragraph(type.comment),
		fields,
		fixedLength,
		headerLength,
		view,
	};
}

function checkMembers(place: Place, fields: EventSchema["fields"]): void {
	const names = new Set(fields.map((field) => field.name));
	for (const slot of fixedSlots(fields)) {
		if (slot.name !== slot.field.name && names.has(slot.name)) {
			throw place
				.in(slot.name)
				.error(`the name is that of the length of ${slot.field.name}.`, "Rename one of the two.");
		}
	}
}

function checkTails(place: Place, declared: readonly DeclaredField[]): void {
	const tails = declared.filter((field) => field.kind === "tail");
	if (tails.length > TAILS_MAX) {
		throw place.error(
			`it has ${tails.length} variable fields.`,
			`Declare ${TAILS_MAX} at most; a string or bytes field with (size) is none.`,
		);
	}
	for (const tail of tails.slice(1)) {
		if (tail.type !== "u64[]") continue;
		throw place
			.in(tail.name)
			.error(
				"an array that is not the first variable field would not be aligned.",
				"Declare it before every string and bytes field; an event can have one array.",
			);
	}
}

function parseField(place: Place, field: protobuf.Field): DeclaredField {
	const problem = declaredFieldProblem(field.name);
	if (problem !== undefined) throw place.error(`the name ${problem}.`, "Rename the field.");
	const label = field.map ? "map" : field.partOf ? "optional or oneof" : field.rule;
	if (label !== undefined && !(label === "repeated" && field.type === "fixed64")) {
		throw place.error(
			`a ${label} field of ${field.type} has no place in a record.`,
			"A record's fields are all present; only fixed64 can be repeated.",
		);
	}
	const options = new ProtoOptions(field, ["bits", "unit", "size"], (message, hint) =>
		place.error(message, hint),
	);
	const base = {
		name: field.name,
		doc: paragraph(field.comment),
		unit: options.string("unit"),
	};
	const bits = options.number("bits");
	const size = options.number("size");
	if (bits !== undefined && field.type !== "fixed32" && field.type !== "sfixed32") {
		throw place.error(
			`(bits) says nothing about a ${field.type}.`,
			"Only fixed32 and sfixed32 can be narrowed: remove the option or change the type.",
		);
	}
	if (size !== undefined && field.type !== "string" && field.type !== "bytes") {
		throw place.error(
			`(size) says nothing about a ${field.type}.`,
			"Only string and bytes have a size: remove the option or change the type.",
		);
	}
	switch (field.type) {
		case "fixed32":
		case "sfixed32":
			if (bits !== undefined && bits !== 8 && bits !== 16 && bits !== 32) {
				throw place.error(`(bits) is ${bits}.`, "Give 8, 16 or 32.");
			}
			return {
				kind: "fixed",
				type: `${field.type === "fixed32" ? "u" : "s"}${bits ?? 32}`,
				...base,
			};
		case "fixed64":
			if (field.repeated) return { kind: "tail", type: "u64[]", ...base };
			return { kind: "fixed", type: "u64", ...base };
		case "sfixed64":
			return { kind: "fixed", type: "s64", ...base };
		case "string":
		case "bytes":
			if (size === undefined) return { kind: "tail", type: field.type, ...base };
			if (!Number.isInteger(size) || size < 1 || size > FIXED_PART_MAX) {
				throw place.error(`(size) is ${size}.`, `Give 1 to ${FIXED_PART_MAX} bytes.`);
			}
			return { kind: "chars", text: field.type === "string", size, ...base };
		default:
			throw place.error(
				`the type ${field.type} is not supported.`,
				"Use fixed32, sfixed32 (narrower with (bits)), fixed64, sfixed64, repeated fixed64, string or bytes.",
			);
	}
}

/** Comments are wrapped where the source is; a blank line alone ends a paragraph. */
function paragraph(comment: string | null | undefined): string {
	return (comment ?? "")
		.split(/\n\s*\n/)
		.map((part) => part.replace(/\s+/g, " ").trim())
		.filter((part) => part !== "")
		.join("\n\n");
}

function fileDoc(text: string): string {
	const head = /^(?:\/\/.*\n)+/.exec(text)?.[0] ?? "";
	return paragraph(head.replace(/^\/\/ ?/gm, ""));
}
