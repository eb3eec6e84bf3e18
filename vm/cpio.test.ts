import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeCpio } from "./cpio.js";
import { findExecutable } from "./tools.js";

const ENTRIES = [
	{ path: "d", kind: "directory", mode: 0o750 },
	{ path: "d/odd", kind: "file", mode: 0o755, content: Buffer.from("12345") },
	{ path: "d/empty", kind: "file", mode: 0o600 },
] as const;

test("headers, names and contents are where the format has them", () => {
	const archive = writeCpio(ENTRIES);
	expect(archive.length % 512).toBe(0);
	const found: [string, number, number][] = [];
	let offset = 0;
	for (;;) {
		expect(archive.toString("latin1", offset, offset + 6)).toBe("070701");
		const field = (index: number): number =>
			Number.parseInt(
				archive.toString("latin1", offset + 6 + index * 8, offset + 14 + index * 8),
				16,
			);
		const nameStart = offset + 110;
		const name = archive.toString("utf8", nameStart, nameStart + field(11) - 1);
		if (name === "TRAILER!!!") break;
		found.push([name, field(1), field(6)]);
		const align = (value: number): number => Math.ceil(value / 4) * 4;
		offset = align(align(nameStart + field(11)) + field(6));
	}
	expect(found).toEqual([
		["d", 0o040750, 0],
		["d/odd", 0o100755, 5],
		["d/empty", 0o100600, 0],
	]);
});

test.skipIf(findExecutable("cpio") === undefined)("cpio unpacks it", () => {
	const directory = mkdtempSync(join(tmpdir(), "relayscope-cpio-"));
	const result = spawnSync("cpio", ["-id", "--quiet"], {
		cwd: directory,
		input: writeCpio(ENTRIES),
	});
	expect(result.stderr.toString()).toBe("");
	expect(readFileSync(join(directory, "d/odd"), "utf8")).toBe("12345");
	expect(statSync(join(directory, "d/odd")).mode & 0o777).toBe(0o755);
	expect(statSync(join(directory, "d/empty")).size).toBe(0);
	rmSync(directory, { recursive: true });
});
