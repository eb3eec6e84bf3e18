/** What messages are made of, and how a field's value travels: what encoder and decoder share. */

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

export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;
export const FIXED32 = 5;

const WIRE_TYPES: Readonly<Record<FieldType, number>> = {
	uint32: VARINT,
	bool: VARINT,
	string: DELIMITED,
	bytes: DELIMITED,
	fixed64: FIXED64,
};

export function isScalar(type: string): type is FieldType {
	return type in WIRE_TYPES;
}

export function wireTypeOf(type: string): number {
	return isScalar(type) ? WIRE_TYPES[type] : DELIMITED;
}

export function messageOf(types: Descriptors, name: string): MessageDescriptor {
	const message = types[name];
	if (message === undefined) throw new Error(`no message type ${name}`);
	return message;
}
