/**
 * An event's schema as plain data. Everything about an event (C struct, decoder, table, docs)
 * derives from this; this derives from proto/.
 */
export interface EventSchema {
	readonly name: string;
	readonly id: number;
	readonly doc: string;
	/** Fields in declaration order; offsets count from the start of the payload. */
	readonly fields: readonly FieldSchema[];
	/** Bytes of the payload's fixed part: a shorter payload is a fault. */
	readonly fixedLength: number;
	/** Bytes of header the layout was made for: 12 in a sub-buffer, 24 in a bufflink message. */
	readonly headerLength: number;
	/** View the rows go into; the event's own name unless declared otherwise. */
	readonly view: string;
}

interface FieldBase {
	readonly name: string;
	readonly doc: string;
	readonly unit: string | undefined;
}

export type FieldSchema = FixedField | CharsField | TailField;

/** An integer at a fixed offset. */
export interface FixedField extends FieldBase {
	readonly kind: "fixed";
	readonly type: "u8" | "u16" | "u32" | "u64" | "s8" | "s16" | "s32" | "s64";
	readonly offset: number;
}

/** A text or bytes field of fixed size, NUL-padded. */
export interface CharsField extends FieldBase {
	readonly kind: "chars";
	readonly text: boolean;
	readonly offset: number;
	readonly size: number;
}

/**
 * A variable tail: tails follow the fixed part in declaration order. Every tail but the last has a
 * u16 with its length in bytes in the fixed part; the last one takes the rest of the record.
 */
export interface TailField extends FieldBase {
	readonly kind: "tail";
	readonly type: "string" | "bytes" | "u64[]";
	readonly lengthOffset: number | undefined;
}
