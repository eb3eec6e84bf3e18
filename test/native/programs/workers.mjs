import { execFileSync } from "node:child_process";
import { constants, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { BufflinkReader, HeldCommand } from "../../../native/index.js";

if (isMainThread) await terminateWorkers(process.argv[2]);
else useEverything(workerData);

async function terminateWorkers(directory) {
	const device = join(directory, "bufflink");
	execFileSync("mkfifo", [device]);
	openSync(device, constants.O_RDWR);
	for (let round = 0; round < 12; round++) {
		const workers = [0, 1].map(
			(i) =>
				new Worker(fileURLToPath(import.meta.url), {
					workerData: { device, output: join(directory, `out-${round}-${i}`) },
				}),
		);
		const pids = await Promise.all(
			workers.map((worker) => new Promise((resolve) => worker.once("message", resolve))),
		);
		await sleep(round);
		await Promise.all(workers.map((worker) => worker.terminate()));
		for (const { held, running } of pids) {
			if (isAlive(held)) throw new Error("a held child outlived its worker");
			process.kill(running, "SIGKILL");
		}
	}
	const left = readdirSync("/proc/self/task")
		.map((task) => readFileSync(`/proc/self/task/${task}/comm`, "utf8").trim())
		.filter((name) => name.startsWith("rs-"));
	process.stdout.write(left.length === 0 ? "no thread left\n" : `left: ${left}\n`);
}

function isAlive(pid) {
	try {
		return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
	} catch {
		return false;
	}
}

function useEverything({ device, output }) {
	globalThis.reader = new BufflinkReader(device, output);
	globalThis.reader.onError(() => undefined);
	const options = { file: "/bin/sleep", argv: ["sleep", "30"], env: [], cwd: "/" };
	globalThis.held = new HeldCommand(options);
	const running = new HeldCommand(options);
	running.release();
	// Pending when the worker is terminated.
	void running.wait();
	void globalThis.held.wait();
	setInterval(() => undefined, 1000);
	parentPort.postMessage({ held: globalThis.held.pid, running: running.pid });
}
