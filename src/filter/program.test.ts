import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as program from "./program.js";

const header = readFileSync(new URL("../../include/uapi/relayscope.h", import.meta.url), "utf8");

/** Names in the order of an enum of the header, with their numbers. */
function enumOf(name: string): readonly (readonly [string, number])[] {
	const [, body = ""] = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(header) ?? [];
	let next = 0;
	return [...body.replaceAll(/\/\*.*?\*\//gs, "").matchAll(/RELAYSCOPE_(\w+)([^,]*)/g)].map(
		([, item = "", rest = ""]) => {
			const [, base, plus = "0"] = /=\s*(\w+)(?:\s*\+\s*(\d+))?/.exec(rest) ?? [];
			if (base !== undefined && /^\d+$/.test(base)) next = Number(base);
			else if (base !== undefined) next += Number(plus) - 1;
			return [item, next++] as const;
		},
	);
}

function snake(name: string): string {
	return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).toUpperCase();
}

it.each([
	["relayscope_program_op", "OP_", program.OP],
	["relayscope_program_operand", "OPERAND_", program.OPERAND],
	["relayscope_program_subject", "SUBJECT_", program.SUBJECT],
	["relayscope_program_call", "CALL_", program.CALL],
])("the numbers of %s are those of the kernel's header", (name, prefix, ours) => {
	const theirs = Object.fromEntries(enumOf(name));
	const expected = Object.fromEntries(
		Object.entries(ours).map(([key, number]) => [prefix + snake(key), number]),
	);
	expect(theirs).toMatchObject(expected);
});

it.each([
	["PROGRAM_MAX", program.PROGRAM_MAX],
	["PROGRAM_TEXT_MAX", program.PROGRAM_TEXT_MAX],
	["PATTERN_MAX", program.PATTERN_MAX],
	["PATTERNS_MAX", program.PATTERNS_MAX],
	["TEXT_SEEN_MAX", program.TEXT_SEEN_MAX],
	["CALL_KEYS", program.CALL_KEYS],
	["NUMBER_SIGNED", program.FLAG.signed],
	["CHARS_WHOLE", program.FLAG.whole],
])("%s is that of the kernel's header", (name, ours) => {
	expect(new RegExp(`#define RELAYSCOPE_${name} (\\d+)u`).exec(header)?.[1]).toBe(String(ours));
});
