import { readFileSync } from "node:fs";
import type { SyscallMetadata } from "../session/metadata.js";

/** The recorded kernel's own call tables, as relayscope_syscalls.ko was built with. */
export function readSyscallTable(debugfs: string): SyscallMetadata[] {
	const text = readFileSync(`${debugfs}/relayscope/syscalls`, "utf8");
	return text
		.trimEnd()
		.split("\n")
		.map((line) => {
			const [abi, nr, name, argCount] = line.split(" ");
			return { abi: Number(abi), nr: Number(nr), name: name ?? "", argCount: Number(argCount) };
		});
}
