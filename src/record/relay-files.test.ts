import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findRelayChannels, RELAY_KINDS, relayChannelAt } from "./relay-files.js";

let root: string;

beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "relay-files-"));
});

afterEach(() => {
	rmSync(root, { recursive: true });
});

function make(...paths: readonly string[]): void {
	for (const path of paths) {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), "");
	}
}

const [blktrace] = RELAY_KINDS.filter(({ name }) => name === "blktrace");
if (blktrace === undefined) throw new Error("blktrace is no known kind");

test("finds the channels of a kind, each with its CPUs in order", () => {
	make("block/sda/trace10", "block/sda/trace2", "block/sda/dropped", "block/sdb/trace0");
	make("block/sdc/msg", "block/sda/trace_x", "block/sda/trace");
	const found = findRelayChannels(blktrace, root);
	expect(found.map(({ path }) => path.slice(root.length))).toEqual([
		"/block/sda/trace",
		"/block/sdb/trace",
	]);
	expect(found[0]?.files.map(({ cpu }) => cpu)).toEqual([2, 10]);
});

test("finds none where the driver is not there", () => {
	for (const kind of RELAY_KINDS) expect(findRelayChannels(kind, root)).toEqual([]);
});

test("a channel may be named with or without a CPU's number", () => {
	make("d/scan0", "d/scan1");
	const channel = relayChannelAt(join(root, "d", "scan"));
	expect(channel.files.map(({ cpu }) => cpu)).toEqual([0, 1]);
	expect(relayChannelAt(join(root, "d", "scan1"))).toEqual(channel);
});

test("a name may end with a digit of its own", () => {
	make("d/relay_ch10", "d/relay_ch11");
	expect(relayChannelAt(join(root, "d", "relay_ch1")).files.map(({ cpu }) => cpu)).toEqual([0, 1]);
});

test("what is not there is named, with what to do", () => {
	expect(() => relayChannelAt(join(root, "none"))).toThrow(
		expect.objectContaining({
			code: "SOURCE_UNAVAILABLE",
			message: expect.stringContaining("none"),
		}),
	);
});
