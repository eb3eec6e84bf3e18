import { assertUnreachable } from "../base/assert.js";
import type {
	CharsField,
	EventSchema,
	FieldSchema,
	FixedField,
	TailField,
} from "./event-schema.js";

/** sizeof(struct relayscope_record_header): what a payload follows in a sub-buffer. */
export const RECORD_HEADER_LENGTH = 12;
/** sizeof(struct relayscope_message_header): what a payload follows in a bufflink. */
export const MESSAGE_HEADER_LENGTH = 24;
/** A header and fixed part that fit the smallest sub-buffer, a page of 4096 less its own header. */
export const FIXED_PART_MAX = 4096 - 64;

/** A field as declared: everything but its place. */
export type DeclaredField =
	| Omit<FixedField, "offset">
	| Omit<CharsField, "offset">
	| Omit<TailField, "lengthOffset">;

const WIDTHS = { u8: 1, u16: 2, u32: 4, u64: 8, s8: 1, s16: 2, s32: 4, s64: 8 } as const;

/** Bytes of an integer; also its alignment. */
export function widthOf(type: FixedField["type"]): number {
	return WIDTHS[type];
}

export function alignUp(value: number, alignment: number): number {
	return Math.ceil(value / alignment) * alignment;
}

/**
 * Gives every field its place. Alignment is natural and relative to the record's start, which lies
 * on a multiple of 8, so that the C struct needs no packing and a CPU never an unaligned access.
 */
export function layOut(
	declared: readonly DeclaredField[],
	headerLength: number,
): Pick<EventSchema, "fields" | "fixedLength"> {
	let end = 0;
	const place = (size: number, alignment: number): number => {
		const offset = alignUp(headerLength + end, alignment) - headerLength;
		end = offset + size;
		return offset;
	};
	const lastTail = declared.findLastIndex((field) => field.kind === "tail");
	const fields = declared.map((field, index): FieldSchema => {
		switch (field.kind) {
			case "fixed": {
				const width = widthOf(field.type);
				return { ...field, offset: place(width, width) };
			}
			case "chars":
				return { ...field, offset: place(field.size, 1) };
			case "tail":
				return { ...field, lengthOffset: index === lastTail ? undefined : place(2, 2) };
			default:
				return assertUnreachable(field);
		}
	});
	if (declared.some((field) => field.kind === "tail" && field.type === "u64[]")) place(0, 8);
	return { fields, fixedLength: end };
}

/** One run of bytes in the fixed part, as a C struct member. */
export interface Slot {
	readonly name: string;
	readonly offset: number;
	readonly size: number;
	readonly field: FieldSchema;
}

/** The fixed part in the order of its bytes; a tail with a length counts as `<name>_length`. */
export function fixedSlots(fields: readonly FieldSchema[]): readonly Slot[] {
	const slots: Slot[] = [];
	for (const field of fields) {
		const { name } = field;
		switch (field.kind) {
			case "fixed":
				slots.push({ name, offset: field.offset, size: widthOf(field.type), field });
				break;
			case "chars":
				slots.push({ name, offset: field.offset, size: field.size, field });
				break;
			case "tail":
				if (field.lengthOffset === undefined) break;
				slots.push({ name: `${name}_length`, offset: field.lengthOffset, size: 2, field });
				break;
			default:
				assertUnreachable(field);
		}
	}
	return slots.sort((a, b) => a.offset - b.offset);
}

export function tailsOf(fields: readonly FieldSchema[]): readonly TailField[] {
	return fields.filter((field) => field.kind === "tail");
}
