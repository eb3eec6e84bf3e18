import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface ProgramResult {
	readonly status: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs one of programs/ in a Node of its own: what it shows ends or collects a whole process. */
export async function runProgram(
	name: string,
	args: readonly string[] = [],
	nodeOptions: readonly string[] = [],
	command: readonly string[] = [],
): Promise<ProgramResult> {
	const program = fileURLToPath(new URL(`programs/${name}`, import.meta.url));
	const [file = process.execPath, ...before] = [...command, process.execPath];
	const child = spawn(file, [...before, ...nodeOptions, program, ...args], {
		stdio: ["ignore", "pipe", "pipe"],
	});
	let stdout = "";
	let stderr = "";
	child.stdout.on("data", (chunk) => {
		stdout += String(chunk);
	});
	child.stderr.on("data", (chunk) => {
		stderr += String(chunk);
	});
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (status, signal) => resolve({ status, signal, stdout, stderr }));
	});
}
