import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CONTEXT } from "../base/context-parts.js";
import { CPU_ALL } from "../base/cpu.js";
import * as abi from "./abi.js";

const header = readFileSync(new URL("../../include/uapi/relayscope.h", import.meta.url), "utf8");

function offsetsOf(struct: string): Record<string, number> {
	const found = header.matchAll(new RegExp(`RELAYSCOPE_AT\\(${struct}, (\\w+), (\\d+)\\)`, "g"));
	return Object.fromEntries([...found].map(([, field, at]) => [field, Number(at)]));
}

function sizeOf(struct: string): number {
	return Number(new RegExp(`sizeof\\(struct ${struct}\\) == (\\d+)`).exec(header)?.[1]);
}

function constant(name: string): number {
	return Number(new RegExp(`#define ${name} (\\w+?)u?\\b`).exec(header)?.[1]);
}

test("offsets and sizes are those of the kernel's header", () => {
	expect(abi.SUBBUF).toEqual(offsetsOf("relayscope_subbuf_header"));
	expect(abi.RECORD).toEqual(offsetsOf("relayscope_record_header"));
	expect(abi.MESSAGE).toEqual(offsetsOf("relayscope_message_header"));
	expect(abi.CONTEXT_FOOTER).toEqual(offsetsOf("relayscope_context_footer"));
	expect(abi.CONTEXT_NAMESPACES).toEqual(offsetsOf("relayscope_context_namespaces"));
	expect(abi.CONTEXT_FOOTER_SIZE).toBe(sizeOf("relayscope_context_footer"));
	expect(abi.CONTEXT_NAMESPACES_SIZE).toBe(sizeOf("relayscope_context_namespaces"));
	expect(abi.GLOBAL_RECORD).toEqual(offsetsOf("relayscope_global_record_header"));
	expect(abi.GLOBAL_RECORD_HEADER_SIZE).toBe(sizeOf("relayscope_global_record_header"));
	expect(abi.SUBBUF_HEADER_SIZE).toBe(sizeOf("relayscope_subbuf_header"));
	expect(abi.RECORD_HEADER_SIZE).toBe(sizeOf("relayscope_record_header"));
	expect(abi.MESSAGE_HEADER_SIZE).toBe(sizeOf("relayscope_message_header"));
});

test("constants are those of the kernel's header", () => {
	expect(abi.ABI_VERSION).toBe(constant("RELAYSCOPE_ABI_VERSION"));
	expect(abi.RECORD_ALIGN).toBe(constant("RELAYSCOPE_RECORD_ALIGN"));
	expect(abi.SUBBUF_MAGIC).toBe(constant("RELAYSCOPE_SUBBUF_MAGIC"));
	expect(abi.MESSAGE_MAGIC).toBe(constant("RELAYSCOPE_MESSAGE_MAGIC"));
	expect(abi.RECORD_CONTEXT).toBe(constant("RELAYSCOPE_RECORD_CONTEXT"));
	for (const [name, bit] of [...Object.entries(CONTEXT), ...Object.entries(abi.CONTEXT_FLAG)]) {
		expect(bit, name).toBe(constant(`RELAYSCOPE_CONTEXT_${name}`));
	}
	expect(header).toMatch(/^#define RELAYSCOPE_CPU_ALL \(~\(__u32\)0\)$/m);
	expect(CPU_ALL).toBe(2 ** 32 - 1);
});

test("records are aligned from the start of the sub-buffer", () => {
	expect([0, 1, 8, 9, 65_535].map(abi.alignRecord)).toEqual([0, 8, 8, 16, 65_536]);
});
