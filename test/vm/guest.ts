/**
 * Runs a script in the virtual machine and gives back what it printed and the directory it wrote
 * to. Test programs are compiled on the host, which is faster by far.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/base/package-root.js";
import { DEFAULT_KERNEL } from "../../vm/kernel-cache.js";
import { runVm, type VmOptions } from "../../vm/machine.js";
import type { VmResult } from "../../vm/vm-process.js";

/** The kernel under test; test:kernels runs the same tests on each. */
export const TESTED_KERNEL = process.env["RELAYSCOPE_TEST_KERNEL"] ?? DEFAULT_KERNEL;

export interface GuestRun extends VmResult {
	/** Writable in the guest at the same path; `$OUT` in the script. */
	readonly directory: string;
}

export async function inGuest(
	name: string,
	script: string,
	options: Pick<VmOptions, "timeoutSeconds" | "memoryMiB" | "kernel" | "cpus" | "append"> = {},
): Promise<GuestRun> {
	const directory = join(packageRoot(), "out", "test", name);
	rmSync(directory, { recursive: true, force: true });
	mkdirSync(directory, { recursive: true });
	const result = await runVm({
		command: ["bash", "-euo", "pipefail", "-c", script],
		kernel: TESTED_KERNEL,
		timeoutSeconds: 420,
		...options,
		share: directory,
		streams: "collect",
		environment: { OUT: directory, PROGRAMS: testPrograms() },
	});
	return { ...result, directory };
}

/** Compiles test/programs once a run; the directory of the binaries. */
export function testPrograms(): string {
	const sources = join(packageRoot(), "test", "programs");
	const output = join(packageRoot(), "out", "test-programs");
	mkdirSync(output, { recursive: true });
	for (const file of readdirSync(sources).filter((name) => name.endsWith(".c"))) {
		const flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread"];
		const binary = join(output, file.slice(0, -2));
		execFileSync("gcc", [...flags, "-o", binary, join(sources, file)]);
	}
	return output;
}

/** Runs this checkout's relayscope on the host, as a user would. */
export function relayscope(...args: readonly string[]): {
	status: number;
	stdout: string;
	stderr: string;
} {
	try {
		const stdout = execFileSync(
			process.execPath,
			[join(packageRoot(), "bin", "relayscope.js"), ...args],
			{
				encoding: "utf8",
				stdio: ["ignore", "pipe", "pipe"],
				maxBuffer: 256 << 20,
			},
		);
		return { status: 0, stdout, stderr: "" };
	} catch (error) {
		if (!isExecError(error)) throw error;
		return { status: error.status, stdout: error.stdout, stderr: error.stderr };
	}
}

function isExecError(error: unknown): error is { status: number; stdout: string; stderr: string } {
	return error instanceof Error && "status" in error && typeof error.status === "number";
}

/** Rows of a query over a session; integers beyond 2^53 as bigint. */
export function ask(session: string, sql: string): Record<string, unknown>[] {
	const { status, stdout, stderr } = relayscope("query", session, sql, "--json");
	if (status !== 0) throw new Error(`query failed: ${stderr}`);
	// JSON.parse would round what JSON can write exactly.
	const quoted = stdout.replace(/(?<=[:\s[,])-?\d{16,}(?=[,\s\]}])/g, '"bigint:$&"');
	return JSON.parse(quoted, (_key, value: unknown) =>
		typeof value === "string" && value.startsWith("bigint:") ? BigInt(value.slice(7)) : value,
	);
}
