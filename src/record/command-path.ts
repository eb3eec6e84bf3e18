import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { RelayscopeError } from "../base/error.js";

/**
 * The program that a shell would run for `name`, absolute. Looked up before the command is held, so
 * that its first recorded system call is the one execve that succeeds.
 */
export function resolveCommand(name: string, path = process.env["PATH"] ?? ""): string {
	if (name.includes("/")) {
		if (isProgram(name)) return resolve(name);
	} else {
		for (const directory of path.split(delimiter)) {
			const candidate = resolve(join(directory === "" ? "." : directory, name));
			if (isProgram(candidate)) return candidate;
		}
	}
	throw new RelayscopeError("COMMAND_NOT_FOUND", `${name}: command not found`, {
		hint: "Nothing was recorded. Give a program on the PATH or its path after `--`.",
	});
}

function isProgram(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return statSync(path).isFile();
	} catch {
		// Whatever the reason, it cannot be run.
		return false;
	}
}
