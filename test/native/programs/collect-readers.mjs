import { execFileSync } from "node:child_process";
import { constants, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BufflinkReader, Recorder } from "../../../native/index.js";

const [directory] = process.argv.slice(2);
const device = join(directory, "bufflink");
execFileSync("mkfifo", [device]);
openSync(device, constants.O_RDWR);

const threads = () => readdirSync("/proc/self/task").length;
const descriptors = () => readdirSync("/proc/self/fd").length;

function make(i) {
	const reader = new BufflinkReader(device, join(directory, `out-${i}`));
	// A callback that refers to its own reader must not keep it.
	reader.onError(() => reader.close());
	return new Recorder("/dev/null");
}

const before = { threads: threads(), descriptors: descriptors() };
for (let i = 0; i < 20; i++) make(i);
if (threads() < before.threads + 20) throw new Error("the threads did not start");
for (let i = 0; i < 200; i++) {
	globalThis.gc();
	await sleep(10);
	if (threads() <= before.threads && descriptors() <= before.descriptors) break;
}
if (threads() > before.threads) throw new Error(`${threads()} threads, ${before.threads} before`);
if (descriptors() > before.descriptors)
	throw new Error(`${descriptors()} descriptors, ${before.descriptors} before`);
process.stdout.write("collected\n");
