// Run under a file size limit of 1000 bytes: the second 800 do not fit.
import { execFileSync } from "node:child_process";
import { constants, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BufflinkReader } from "../../../native/index.js";

const [directory] = process.argv.slice(2);
const device = join(directory, "bufflink");
const output = join(directory, "bufflink.raw");
execFileSync("mkfifo", [device]);
const writer = openSync(device, constants.O_RDWR);
const reader = new BufflinkReader(device, output);
const failure = (error) => ({ code: error.code, errno: error.errno, syscall: error.syscall });
// The reader does not keep the process alive, so something must while it is waited for.
const alive = setInterval(() => undefined, 1000);
const early = new Promise((resolve) => reader.onError((error) => resolve(failure(error))));
writeSync(writer, "x".repeat(800));
while (statSync(output).size < 800) await sleep(5);
writeSync(writer, "y".repeat(800));
const result = { early: await early };

const second = new BufflinkReader(device, join(directory, "second.raw"));
writeSync(writer, "z".repeat(2000));
await sleep(100);
result.late = await new Promise((resolve) => second.onError((error) => resolve(failure(error))));
result.finished = (await reader.finish()).error.code;
result.size = statSync(output).size;
clearInterval(alive);
process.stdout.write(JSON.stringify(result));
