import { readFileSync } from "node:fs";

/** The recorded kernel's own call tables, as relayscope_syscalls.ko was built with. */
export function readSyscallTable(debugfs: string): string {
	return readFileSync(`${debugfs}/relayscope/syscalls`, "utf8");
}
