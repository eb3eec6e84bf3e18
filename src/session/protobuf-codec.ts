/**
 * Protobuf messages by their descriptor, on protobufjs' wire reader and writer. protobufjs' own
 * messages compile an encoder for each type when first used, which costs a recording that starts
 * more than everything else; ours are few and written thrice. 64-bit values are bigint.
 */
import protobuf from "protobufjs/minimal.js";

export type FieldType = "uint32" | "fixed64" | "bool" | "string" | "bytes";

export interface FieldDescriptor {
	/** A FieldType, or another message of the set. */
	readonly type: string;
	readonly id: number;
	readonly rule?: "repeated";
}

export interface MessageDescriptor {
	readonly fields: Readonly<Record<string, FieldDescriptor>>;
}

export type Descriptors = Readonly<Record<string, MessageDescriptor>>;

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;

/** How a scalar travels; all of these but string and bytes are packed when repeated. */
interface Scalar<T> {
	readonly wire: number;
	readonly empty: () => T;
	readonly write: (writer: protobuf.Writer, value: T) => void;
	readonly read: (reader: protobuf.Reader) => T;
}

const SCALARS: Readonly<Record<FieldType, Scalar<never>>> = {
	uint32: scalar<number>(
		VARINT,
		() => 0,
		(w, v) => w.uint32(v),
		(r) => r.uint32(),
	),
	bool: scalar<boolean>(
		VARINT,
		() => false,
		(w, v) => w.bool(v),
		(r) => r.bool(),
	),
	string: scalar<string>(
		DELIMITED,
		() => "",
		(w, v) => w.string(v),
		(r) => r.string(),
	),
	bytes: scalar<Uint8Array>(
		DELIMITED,
		() => new Uint8Array(),
		(w, v) => w.bytes(v),
		(r) => new Uint8Array(r.bytes()),
	),
	// Two halves: the writer takes a 64-bit value as a double or as its own Long.
	fixed64: scalar<bigint>(
		FIXED64,
		() => 0n,
		(w, v) => w.fixed32(Number(v & 0xffffffffn)).fixed32(Number(v >> 32n)),
		(r) => BigInt(r.fixed32()) | (BigInt(r.fixed32()) << 32n),
	),
};

function scalar<T>(
	wire: number,
	empty: () => T,
	write: (writer: protobuf.Writer, value: T) => void,
	read: (reader: protobuf.Reader) => T,
): Scalar<never> {
	return { wire, empty, write, read } as unknown as Scalar<never>;
}

function scalarOf(type: string): Scalar<never> | undefined {
	return type in SCALARS ? SCALARS[type as FieldType] : undefined;
}

/** `value` must be of the message's shape: its fields by name, absent ones undefined. */
export function encodeMessage(types: Descriptors, name: string, value: object): Uint8Array {
	const writer = protobuf.Writer.create();
	writeFields(types, name, value, writer);
	return writer.finish();
}

function writeFields(
	types: Descriptors,
	name: string,
	value: object,
	writer: protobuf.Writer,
): void {
	const values = new Map<string, unknown>(Object.entries(value));
	for (const [key, field] of Object.entries(messageOf(types, name).fields)) {
		const item = values.get(key);
		if (item === undefined) continue;
		const kind = scalarOf(field.type);
		if (!Array.isArray(item)) writeOne(types, field, kind, item, writer);
		else if (kind === undefined || kind.wire === DELIMITED) {
			for (const one of item) writeOne(types, field, kind, one, writer);
		} else if (item.length > 0) {
			writer.uint32((field.id << 3) | DELIMITED).fork();
			for (const one of item) kind.write(writer, one as never);
			writer.ldelim();
		}
	}
}

function writeOne(
	types: Descriptors,
	field: FieldDescriptor,
	kind: Scalar<never> | undefined,
	value: unknown,
	writer: protobuf.Writer,
): void {
	writer.uint32((field.id << 3) | (kind?.wire ?? DELIMITED));
	if (kind !== undefined) {
		kind.write(writer, value as never);
		return;
	}
	writer.fork();
	writeFields(types, field.type, value as object, writer);
	writer.ldelim();
}

/**
 * Every field of the message present: scalars at their default, lists empty; an absent message is
 * undefined. Unknown fields are skipped. @throws on bytes that are not protobuf.
 */
export function decodeMessage(types: Descriptors, name: string, bytes: Uint8Array): object {
	return readFields(types, name, protobuf.Reader.create(bytes), bytes.length);
}

function readFields(
	types: Descriptors,
	name: string,
	reader: protobuf.Reader,
	end: number,
): object {
	const { fields } = messageOf(types, name);
	const values: Record<string, unknown> = {};
	const byId = new Map<number, [string, FieldDescriptor]>();
	for (const [key, field] of Object.entries(fields)) {
		byId.set(field.id, [key, field]);
		values[key] = field.rule === "repeated" ? [] : scalarOf(field.type)?.empty();
	}
	while (reader.pos < end) {
		const tag = reader.uint32();
		const [key, field] = byId.get(tag >>> 3) ?? [];
		if (key === undefined || field === undefined) {
			reader.skipType(tag & 7);
			continue;
		}
		const found = readField(types, field, tag & 7, reader);
		const list = values[key];
		if (field.rule === "repeated" && Array.isArray(list)) list.push(...found);
		else values[key] = found[0];
	}
	if (reader.pos !== end) throw new RangeError("a field runs past the end of its message");
	return values;
}

/** The values that one tag brings: several when packed. */
function readField(
	types: Descriptors,
	field: FieldDescriptor,
	wire: number,
	reader: protobuf.Reader,
): unknown[] {
	const kind = scalarOf(field.type);
	if (kind === undefined) {
		expectWire(wire, DELIMITED);
		const length = reader.uint32();
		return [readFields(types, field.type, reader, reader.pos + length)];
	}
	if (wire === kind.wire) return [kind.read(reader)];
	expectWire(wire, DELIMITED);
	const end = reader.uint32() + reader.pos;
	const values: unknown[] = [];
	while (reader.pos < end) values.push(kind.read(reader));
	return values;
}

function expectWire(found: number, expected: number): void {
	if (found !== expected) throw new RangeError(`wire type ${found} instead of ${expected}`);
}

function messageOf(types: Descriptors, name: string): MessageDescriptor {
	const message = types[name];
	if (message === undefined) throw new Error(`no message type ${name}`);
	return message;
}
