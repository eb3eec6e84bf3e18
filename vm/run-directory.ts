/** The files of one running machine, and the logs of those that failed. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot, isAlive, startTime } from "./cache.js";

const LOGS_KEPT = 10;

export class RunDirectory {
	readonly path: string;
	readonly console: string;

	constructor() {
		const runs = join(cacheRoot(), "runs");
		mkdirSync(runs, { recursive: true });
		removeAbandoned(runs);
		this.path = mkdtempSync(join(runs, `${process.pid}-${startTime(process.pid) ?? ""}-`));
		this.console = join(this.path, "console.log");
	}

	/** The kernel's console so far; a serial line ends its lines with CR LF. */
	readConsole(): string {
		try {
			return readFileSync(this.console, "latin1").replaceAll("\r", "");
		} catch {
			return "";
		}
	}

	/** Moves the console log to where it outlives the run, and tells where that is. */
	keepConsole(): string {
		const logs = join(cacheRoot(), "logs");
		mkdirSync(logs, { recursive: true });
		const stamp = new Date().toISOString().replace(/[:.]/g, "-");
		const kept = join(logs, `vm-${stamp}-${process.pid}.log`);
		renameSync(this.console, kept);
		for (const name of readdirSync(logs).sort().slice(0, -LOGS_KEPT)) {
			rmSync(join(logs, name), { force: true });
		}
		return kept;
	}

	remove(): void {
		rmSync(this.path, { recursive: true, force: true });
	}
}

/** A caller killed outright could not clean up after itself. */
function removeAbandoned(runs: string): void {
	for (const name of readdirSync(runs)) {
		const [pid = "", start = ""] = name.split("-");
		if (!isAlive(Number(pid), start)) rmSync(join(runs, name), { recursive: true, force: true });
	}
}
