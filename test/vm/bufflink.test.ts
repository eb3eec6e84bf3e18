import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/base/package-root.js";
import { inGuest } from "./guest.js";

test("bufflink keeps its specification in the kernel", async () => {
	const programs = join(packageRoot(), "out", "test-programs", "bufflink");
	mkdirSync(programs, { recursive: true });
	const sources = join(packageRoot(), "test", "vm", "bufflink");
	execFileSync("make", ["-s", "-C", sources, `OUT=${programs}`]);
	const guest = await inGuest(
		"bufflink",
		`cp -r ${programs} /run/bufflink
		 ${sources}/run.sh "$RELAYSCOPE_MODULES" /run/bufflink`,
		{ timeoutSeconds: 420 },
	);
	const failed = guest.stdout.split("\n").filter((line) => line.startsWith("not ok"));
	expect(failed).toEqual([]);
	expect(guest.status, guest.output).toBe(0);
	expect(guest.stdout.match(/^ok - /gm)?.length).toBeGreaterThan(100);
}, 480_000);
