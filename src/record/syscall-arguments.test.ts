import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSyscallArguments } from "./syscall-arguments.js";

/** As Linux 7.2 has it; before, nothing stands for the texts. */
const ACCESS = `name: sys_enter_access
ID: 717
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:int __syscall_nr;	offset:8;	size:4;	signed:1;
	field:const char * filename;	offset:16;	size:8;	signed:0;
	field:int mode;	offset:24;	size:8;	signed:0;
	field:__data_loc char[] __filename_val;	offset:32;	size:4;	signed:0;

print fmt: "filename: 0x%08lx \\"%s\\", mode: 0x%08lx", ((unsigned long)(REC->filename)), __get_str(__filename_val), ((unsigned long)(REC->mode))
`;

const NO_ARGUMENTS = `name: sys_enter_getppid
format:
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:int __syscall_nr;	offset:8;	size:4;	signed:1;

print fmt: ""
`;

test("arguments are what stands behind the call's number, but for copies of texts", () => {
	const tracefs = mkdtempSync(join(tmpdir(), "relayscope-tracefs-"));
	try {
		for (const [name, format] of [
			["access", ACCESS],
			["getppid", NO_ARGUMENTS],
			["newstat", ACCESS],
		] as const) {
			const event = join(tracefs, "events", "syscalls", `sys_enter_${name}`);
			mkdirSync(event, { recursive: true });
			writeFileSync(join(event, "format"), format);
		}
		const table = "0 21 access 2\n0 110 getppid 0\n0 4 stat 2\n0 12 brk 1\n1 33 access 2\n";
		expect(readSyscallArguments(table, ["/nowhere", tracefs]).split("\n")).toEqual([
			"access const char * filename, int mode",
			"getppid",
			"stat const char * filename, int mode",
		]);
		expect(readSyscallArguments(table, ["/nowhere"])).toBe("");
		expect(readSyscallArguments("", [tracefs])).toBe("");
	} finally {
		rmSync(tracefs, { recursive: true });
	}
});
