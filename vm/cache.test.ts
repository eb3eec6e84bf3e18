import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withLock } from "./cache.js";

let directory = "";

beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-lock-"));
});

afterAll(() => rmSync(directory, { recursive: true }));

test("work under one lock never overlaps, and the lock is gone afterwards", async () => {
	const path = join(directory, "lock");
	let inside = 0;
	let waits = 0;
	const onWait = (): void => {
		waits += 1;
	};
	const work = async (): Promise<number> => {
		inside += 1;
		const seen = inside;
		await sleep(20);
		inside -= 1;
		return seen;
	};
	const seen = await Promise.all([1, 2, 3].map(() => withLock(path, onWait, work)));
	expect(seen).toEqual([1, 1, 1]);
	expect(waits).toBe(2);
	expect(existsSync(path)).toBe(false);
});

test("a lock whose owner is gone is taken over, also when its process id lives again", async () => {
	const { pid } = spawnSync("true");
	for (const owner of [`${pid} 12345 aa\n`, `${process.pid} 12345 aa\n`]) {
		const path = join(directory, "stale");
		writeFileSync(path, owner);
		let waited = false;
		const onWait = (): void => {
			waited = true;
		};
		expect(await withLock(path, onWait, async () => "done")).toBe("done");
		expect(waited).toBe(false);
	}
});

test("work that throws gives the lock back", async () => {
	const path = join(directory, "thrown");
	const failing = withLock(
		path,
		() => undefined,
		async () => {
			throw new Error("inside");
		},
	);
	await expect(failing).rejects.toThrow("inside");
	expect(existsSync(path)).toBe(false);
});
