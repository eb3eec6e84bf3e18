import { spawn } from "node:child_process";

export interface SubprocessResult {
	readonly status: number;
	readonly stdout: string;
	/** Both streams in the order they came, for error messages. */
	readonly transcript: string;
}

/** Runs a build-time tool to its end. The event loop stays free for progress and signals. */
export function runTool(
	command: string,
	args: readonly string[],
	options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<SubprocessResult> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, {
			cwd: options.cwd,
			// The C locale, because messages end up in errors and package fields are parsed.
			env: { ...(options.env ?? process.env), LC_ALL: "C.UTF-8" },
			stdio: ["ignore", "pipe", "pipe"],
		});
		const stdout: Buffer[] = [];
		const transcript: Buffer[] = [];
		child.stdout.on("data", (chunk: Buffer) => {
			stdout.push(chunk);
			transcript.push(chunk);
		});
		child.stderr.on("data", (chunk: Buffer) => transcript.push(chunk));
		child.on("error", reject);
		child.on("close", (status) => {
			resolve({
				status: status ?? -1,
				stdout: Buffer.concat(stdout).toString("utf8"),
				transcript: Buffer.concat(transcript).toString("utf8"),
			});
		});
	});
}

/** The last lines of a transcript, where tools say what went wrong. */
export function lastLines(text: string, count: number): string {
	return text.trimEnd().split("\n").slice(-count).join("\n");
}
