import { execFileSync } from "node:child_process";
import { constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { BufflinkReader, HeldCommand } from "../../../native/index.js";

const [directory, how] = process.argv.slice(2);
const device = join(directory, "bufflink");
execFileSync("mkfifo", [device]);
const writer = openSync(device, constants.O_RDWR);
const reader = new BufflinkReader(device, join(directory, "out"));
globalThis.reader = reader;
writeSync(writer, "some bytes");
process.exitCode = 7;

switch (how) {
	case "exit":
		setTimeout(() => process.exit(7), 50);
		break;
	case "end":
		break;
	case "exit-busy": {
		const options = { file: "/bin/sleep", argv: ["sleep", "5"], env: [], cwd: "/" };
		globalThis.held = new HeldCommand(options);
		// Its own streams: the test waits until everyone has closed them.
		const running = new HeldCommand({
			...options,
			file: "/bin/sh",
			argv: ["sh", "-c", "exec sleep 5 > /dev/null 2>&1"],
		});
		running.release();
		void running.wait();
		void reader.finish();
		setTimeout(() => process.exit(7), 50);
		break;
	}
	case "throw": {
		execFileSync("prlimit", ["--pid", String(process.pid), "--fsize=100:"]);
		reader.onError(() => {
			throw new Error("thrown by the callback");
		});
		writeSync(writer, "x".repeat(4000));
		setTimeout(() => undefined, 5000);
		break;
	}
	default:
		throw new Error(`unknown way to end: ${how}`);
}
