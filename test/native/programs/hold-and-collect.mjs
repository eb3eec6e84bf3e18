import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { HeldCommand } from "../../../native/index.js";

function hold() {
	return new HeldCommand({ file: "/bin/true", argv: ["true"], env: [], cwd: "/" }).pid;
}

const pid = hold();
if (!existsSync(`/proc/${pid}`)) throw new Error("it was not held");
for (let i = 0; i < 100 && existsSync(`/proc/${pid}`); i++) {
	globalThis.gc();
	await sleep(10);
}
if (existsSync(`/proc/${pid}`)) throw new Error("it is still there");
process.stdout.write("collected\n");
