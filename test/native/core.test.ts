import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("../../build/Release/native_test", import.meta.url));

test("the core, without Node", { timeout: 120_000 }, async () => {
	const { stdout } = await promisify(execFile)(program).catch((error: unknown) => {
		// A failed case ends with status 1; its TAP says which.
		if (error instanceof Error && "stdout" in error) return { stdout: String(error.stdout) };
		throw error;
	});
	expect(stdout).not.toMatch(/^not ok/m);
	const count = Number(/^1\.\.(\d+)$/m.exec(stdout)?.[1]);
	expect(stdout.match(/^ok /gm)).toHaveLength(count);
	expect(count).toBeGreaterThan(15);
});
