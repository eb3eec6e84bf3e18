import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileWindow } from "./file-window.js";

let directory: string;
let path: string;
beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-window-"));
	path = join(directory, "file");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const PATTERN = new Uint8Array([0x52, 0x4c, 0x59, 0x53]);

test("a pattern is found wherever it lies, also across the edge of what was read", () => {
	for (let at = 0; at <= 96; at++) {
		const bytes = new Uint8Array(100);
		bytes.set(PATTERN, at);
		writeFileSync(path, bytes);
		const window = new FileWindow(path, undefined, 16);
		expect(window.find(PATTERN, 0, window.limit)).toBe(at);
		expect(window.find(PATTERN, at + 1, window.limit)).toBe(-1);
		expect(window.find(PATTERN, 0, at)).toBe(-1);
		window.close();
	}
});

test("loads forward, backward and more than it has room for", () => {
	const bytes = Uint8Array.from({ length: 250 }, (_, index) => index);
	writeFileSync(path, bytes);
	const window = new FileWindow(path, undefined, 16);
	for (const [offset, length] of [
		[0, 8],
		[4, 16],
		[60, 100],
		[10, 3],
		[240, 64],
		[0, 250],
	] as const) {
		const index = window.load(offset, length);
		const there = Math.min(length, bytes.length - offset);
		expect(window.loaded(offset)).toBeGreaterThanOrEqual(there);
		expect([...window.bytes.subarray(index, index + there)]).toEqual([
			...bytes.subarray(offset, offset + there),
		]);
	}
	window.close();
	window.close();
});

test("a file cut after it was opened ends where it ends now", () => {
	writeFileSync(path, new Uint8Array(100));
	const window = new FileWindow(path);
	truncateSync(path, 30);
	window.load(0, 100);
	expect([window.loaded(0), window.limit]).toEqual([30, 30]);
	window.close();
});
