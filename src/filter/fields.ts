/** What filters of a source can ask about, by name. */
import { assertUnreachable } from "../base/assert.js";
import type { EventSchema, FieldSchema, FixedField } from "../schema/event-schema.js";
import { tailsOf, widthOf } from "../schema/layout.js";
import type { CallNames } from "./call-names.js";
import { CALL, type NumberOperand, type TextOperand } from "./program.js";

/** A source that filters are checked against. */
export interface FilterSource {
	readonly name: string;
	readonly events: readonly EventSchema[];
	/** Of source syscalls, whose filters are about calls instead of events. */
	readonly calls: CallNames | undefined;
	/** Whether texts of calls are recorded. */
	readonly strings?: boolean;
}

export interface NumberField {
	readonly kind: "number";
	/** One for each event that has the field. */
	readonly operands: readonly NumberOperand[];
	/** Written as MAJOR:MINOR, too. */
	readonly isDevice: boolean;
	/** Names that stand for numbers here, beside those of errnos. */
	readonly names: ReadonlyMap<string, bigint>;
}

export type Field =
	| NumberField
	| {
			readonly kind: "text";
			readonly operands: readonly TextOperand[];
			readonly lengthMax?: number;
	  }
	| { readonly kind: "call-name"; readonly calls: CallNames }
	| { readonly kind: "call-number"; readonly calls: CallNames }
	| { readonly kind: "cgroup" };

const NO_NAMES: ReadonlyMap<string, bigint> = new Map();
const ABI_NAMES: ReadonlyMap<string, bigint> = new Map([
	["x86_64", 0n],
	["ia32", 1n],
	["x32", 2n],
]);
/** TASK_COMM_LEN, less the NUL. */
const COMM_MAX = 15;
const ARGUMENTS = 6;

export function numberDomain(operand: NumberOperand): {
	readonly min: bigint;
	readonly max: bigint;
} {
	const bits = operand.kind === "field" ? operand.width * 8 : 64;
	const signed = operand.kind !== "subject" && operand.signed;
	return signed
		? { min: -(1n << BigInt(bits - 1)), max: (1n << BigInt(bits - 1)) - 1n }
		: { min: 0n, max: (1n << BigInt(bits)) - 1n };
}

/** Undefined: the source has no such field. `event.field` asks for the one of that event alone. */
export function findField(source: FilterSource, name: string): Field | undefined {
	const known = Object.hasOwn(CONTEXT_FIELDS, name) ? CONTEXT_FIELDS[name] : undefined;
	if (known !== undefined) return known;
	if (source.calls !== undefined) return callFields(source.calls, source.strings).get(name);
	if (name === "event") return eventField(source.events);
	const dot = name.indexOf(".");
	const events =
		dot < 0 ? source.events : source.events.filter((event) => event.name === name.slice(0, dot));
	return eventsField(events, name.slice(dot + 1));
}

export function fieldNames(source: FilterSource): readonly string[] {
	const context = Object.keys(CONTEXT_FIELDS);
	if (source.calls !== undefined) {
		return [...callFields(source.calls, source.strings).keys(), ...context];
	}
	const own = source.events.flatMap(({ fields }) => fields.map((field) => field.name));
	return [...new Set(own), ...context, "event"];
}

function context(id: "pid" | "tid" | "uid" | "cpu"): NumberField {
	return { kind: "number", operands: [{ kind: "subject", id }], isDevice: false, names: NO_NAMES };
}

const CONTEXT_FIELDS: Readonly<Record<string, Field>> = {
	pid: context("pid"),
	tid: context("tid"),
	uid: context("uid"),
	cpu: context("cpu"),
	comm: { kind: "text", operands: [{ kind: "comm" }], lengthMax: COMM_MAX },
	cgroup: { kind: "cgroup" },
};

/** There where texts of calls are recorded. */
const CALL_TEXTS = ["path", "path2"] as const;

export function isCallText(name: string): boolean {
	return CALL_TEXTS.some((each) => each === name);
}

function callFields(calls: CallNames, strings = false): ReadonlyMap<string, Field> {
	const number = (id: number, signed: boolean, names = NO_NAMES): NumberField => ({
		...{ kind: "number", operands: [{ kind: "call", id, signed }], isDevice: false, names },
	});
	const args = Array.from(
		{ length: ARGUMENTS },
		(_, index) => [`arg${index}`, number(CALL.arg0 + index, true)] as const,
	);
	return new Map<string, Field>([
		["name", { kind: "call-name", calls }],
		["nr", { kind: "call-number", calls }],
		["abi", number(CALL.abi, false, ABI_NAMES)],
		...args,
		...(strings ? CALL_TEXTS : []).map((id) => {
			const operand: TextOperand = { kind: "call-text", id: CALL[id] };
			return [id, { kind: "text", operands: [operand] }] as const;
		}),
		["ret", number(CALL.ret, true)],
		["errno", number(CALL.errno, false)],
		["dur", number(CALL.dur, false)],
	]);
}

/** The number of a call in its own table. */
export const CALL_NUMBER: NumberField = {
	kind: "number",
	operands: [{ kind: "call", id: CALL.nr, signed: true }],
	isDevice: false,
	names: NO_NAMES,
};

function eventField(events: readonly EventSchema[]): Field {
	return {
		kind: "number",
		operands: [{ kind: "subject", id: "event" }],
		isDevice: false,
		names: new Map(events.map(({ name, id }) => [name, BigInt(id)])),
	};
}

function eventsField(events: readonly EventSchema[], name: string): Field | undefined {
	const numbers: NumberOperand[] = [];
	const texts: TextOperand[] = [];
	let isDevice = false;
	for (const event of events) {
		const field = event.fields.find((each) => each.name === name);
		if (field === undefined) continue;
		if (field.kind === "fixed") {
			numbers.push(numberOperand(event, field));
			isDevice ||= field.unit === "dev" || /(^|_)dev$/.test(name);
		} else {
			texts.push(...textOperand(event, field));
		}
	}
	// Of one name in two events of one source, what is a number there is hardly a text here.
	if (numbers.length > 0) return { kind: "number", operands: numbers, isDevice, names: NO_NAMES };
	return texts.length > 0 ? { kind: "text", operands: texts } : undefined;
}

function numberOperand({ id, headerLength }: EventSchema, field: FixedField): NumberOperand {
	return {
		...{ kind: "field", eventId: id, offset: headerLength + field.offset },
		...{ width: widthOf(field.type) as 1 | 2 | 4 | 8, signed: field.type.startsWith("s") },
	};
}

/** None for a list, which is no text. */
function textOperand(
	event: EventSchema,
	field: Exclude<FieldSchema, FixedField>,
): readonly TextOperand[] {
	const { id: eventId, headerLength } = event;
	switch (field.kind) {
		case "chars": {
			const { size } = field;
			const offset = headerLength + field.offset;
			return [{ kind: "chars", eventId, offset, size, whole: !field.text }];
		}
		case "tail": {
			if (field.type === "u64[]") return [];
			const tails = tailsOf(event.fields);
			const before = tails.slice(0, tails.indexOf(field));
			const skips = before.flatMap(({ lengthOffset }) =>
				lengthOffset === undefined ? [] : [headerLength + lengthOffset],
			);
			const lengthOffset =
				field.lengthOffset === undefined ? undefined : headerLength + field.lengthOffset;
			const offset = headerLength + event.fixedLength;
			return [
				{
					...{ kind: "tail", eventId, offset, skips, lengthOffset },
					whole: field.type === "bytes",
				},
			];
		}
		default:
			return assertUnreachable(field);
	}
}
