import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where tracefs is, the usual place first. */
const TRACEFS = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"] as const;

/** Calls whose function in the kernel has another name. */
const FUNCTION_NAMES: Readonly<Record<string, string>> = {
	fstat: "newfstat",
	lstat: "newlstat",
	sendfile: "sendfile64",
	stat: "newstat",
	umount2: "umount",
	uname: "newuname",
};

/**
 * Names and types of the arguments of this kernel's 64-bit calls, a line each; empty where its
 * tracefs is not to be had. `syscallTable`: a line a call: ABI, number, name, argument count.
 */
export function readSyscallArguments(
	syscallTable: string,
	places: readonly string[] = TRACEFS,
): string {
	const events = places
		.map((place) => join(place, "events", "syscalls"))
		.find((directory) => existsSync(directory));
	if (events === undefined) return "";
	const lines: string[] = [];
	for (const line of syscallTable.split("\n")) {
		const [abi, , name] = line.split(" ");
		if (abi !== "0" || name === undefined) continue;
		const format = readIfThere(join(events, `sys_enter_${FUNCTION_NAMES[name] ?? name}`, "format"));
		if (format !== undefined) lines.push(`${name} ${argumentsOf(format)}`.trimEnd());
	}
	return lines.join("\n");
}

/** Of a call's entry as tracefs describes it. What follows the arguments are copies of texts. */
function argumentsOf(format: string): string {
	const fields = [...format.matchAll(/^\tfield:(.*?)\s*(\w+);/gm)];
	const first = fields.findIndex(([, , name]) => name === "__syscall_nr") + 1;
	return fields
		.slice(first)
		.filter(([, type = ""]) => !type.startsWith("__data_loc"))
		.map(([, type, name]) => `${type} ${name}`)
		.join(", ");
}

function readIfThere(path: string): string | undefined {
	try {
		return readFileSync(path, "utf8");
	} catch {
		// Not every call is made so that the kernel could describe it.
		return undefined;
	}
}
