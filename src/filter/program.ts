/** A filter's program, as include/uapi/relayscope.h declares it; a test holds the two together. */

export const PROGRAM_MAX = 256;
export const PROGRAM_TEXT_MAX = 4096;
export const PATTERN_MAX = 128;
/** Of all patterns of a program: they are matched with interrupts off. */
export const PATTERNS_MAX = 512;
/** What lies behind these bytes of a text is not looked at. */
export const TEXT_SEEN_MAX = 4096;
/** Numbers of one call table among the keys of calls. */
export const CALL_KEYS = 1024;

export const OP = {
	accept: 1,
	refuse: 2,
	skip: 3,
	eq: 4,
	ne: 5,
	lt: 6,
	le: 7,
	gt: 8,
	ge: 9,
	bits: 10,
	noBits: 11,
	in: 12,
	notIn: 13,
	is: 14,
	isNot: 15,
	matches: 16,
	matchesNot: 17,
	under: 18,
	notUnder: 19,
} as const;

export type NumberOp = "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "bits" | "noBits";
export type SetOp = "in" | "notIn";
export type TextOp = "is" | "isNot" | "matches" | "matchesNot";
export type CgroupOp = "under" | "notUnder";

export const OPERAND = { none: 0, field: 1, chars: 2, tail: 3, subject: 4, call: 5 } as const;

export const SUBJECT = { event: 0, pid: 1, tid: 2, uid: 3, cpu: 4, comm: 5, cgroup: 6 } as const;

export const CALL = {
	nr: 0,
	abi: 1,
	key: 2,
	arg0: 3,
	ret: 9,
	errno: 10,
	dur: 11,
	path: 12,
	path2: 13,
} as const;

export const FLAG = { signed: 1, whole: 2 } as const;

/** Where a number comes from. */
export type NumberOperand =
	| {
			readonly kind: "field";
			readonly eventId: number;
			/** From the record's start. */
			readonly offset: number;
			readonly width: 1 | 2 | 4 | 8;
			readonly signed: boolean;
	  }
	| { readonly kind: "subject"; readonly id: "event" | "pid" | "tid" | "uid" | "cpu" }
	| {
			readonly kind: "call";
			/** CALL, or of an argument CALL.arg0 and its number. */
			readonly id: number;
			readonly signed: boolean;
	  };

export type TextOperand =
	| {
			readonly kind: "chars";
			readonly eventId: number;
			readonly offset: number;
			readonly size: number;
			/** Bytes: a NUL ends nothing. */
			readonly whole: boolean;
	  }
	| {
			readonly kind: "tail";
			readonly eventId: number;
			/** Of the first tail, from the record's start. */
			readonly offset: number;
			/** Where the lengths of the tails before it stand. */
			readonly skips: readonly number[];
			/** Where its length stands; undefined: it is the rest. */
			readonly lengthOffset: number | undefined;
			readonly whole: boolean;
	  }
	| { readonly kind: "comm" }
	/** CALL.path or CALL.path2. */
	| { readonly kind: "call-text"; readonly id: number };

/** One instruction, its jumps as how many instructions are left out. */
export interface Instruction {
	readonly op: keyof typeof OP;
	readonly operand: keyof typeof OPERAND;
	readonly width: number;
	readonly flags: number;
	readonly eventId: number;
	readonly offset: number;
	readonly size: number;
	readonly ifTrue: number;
	readonly ifFalse: number;
	readonly value: bigint;
	readonly textOffset: number;
	readonly textLength: number;
}

export interface Program {
	readonly instructions: readonly Instruction[];
	/** Patterns, texts and sets. */
	readonly text: Uint8Array;
	/** Of each instruction: the part of the expression it comes from. */
	readonly spans: readonly { readonly start: number; readonly end: number }[];
}

const INSTRUCTION_LENGTH = 24;
const U64 = 64;

/** As the kernel takes them. */
export function encodeInstructions(instructions: readonly Instruction[]): Uint8Array {
	const bytes = Buffer.alloc(instructions.length * INSTRUCTION_LENGTH);
	for (const [index, each] of instructions.entries()) {
		const at = index * INSTRUCTION_LENGTH;
		bytes.writeUInt8(OP[each.op], at);
		bytes.writeUInt8(OPERAND[each.operand], at + 1);
		bytes.writeUInt8(each.width, at + 2);
		bytes.writeUInt8(each.flags, at + 3);
		bytes.writeUInt16LE(each.eventId, at + 4);
		bytes.writeUInt16LE(each.offset, at + 6);
		bytes.writeUInt16LE(each.size, at + 8);
		bytes.writeUInt16LE(each.ifTrue, at + 10);
		bytes.writeUInt16LE(each.ifFalse, at + 12);
		if (each.textLength > 0 || each.textOffset > 0) {
			bytes.writeUInt32LE(each.textOffset, at + 16);
			bytes.writeUInt32LE(each.textLength, at + 20);
		} else {
			bytes.writeBigUInt64LE(BigInt.asUintN(U64, each.value), at + 16);
		}
	}
	return bytes;
}
