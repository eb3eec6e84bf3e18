/**
 * What a machine must have to be recorded. `doctor` shows all of it; `record` stops at the first
 * problem. One check, one function, one line in CHECKS.
 */
import { readFileSync, statfsSync } from "node:fs";
import { availableParallelism, machine, release } from "node:os";
import { type ErrorCode, RelayscopeError } from "../base/error.js";
import { availableMemory } from "./host.js";
import { loadedModules, moduleLocation } from "./kernel-modules.js";
import { lockdownMode } from "./lockdown.js";

export const DEBUGFS = "/sys/kernel/debug";

export interface CheckResult {
	readonly name: string;
	/** `problem`: recording cannot work; `warning`: it can, but not at its best. */
	readonly status: "ok" | "warning" | "problem";
	readonly detail: string;
	/** What to do about it. */
	readonly hint: string | undefined;
	readonly code: ErrorCode | undefined;
}

type Finding = Omit<CheckResult, "name">;

const ok = (detail: string): Finding => ({
	status: "ok",
	detail,
	hint: undefined,
	code: undefined,
});
const warning = (detail: string, hint: string): Finding => ({
	status: "warning",
	detail,
	hint,
	code: undefined,
});
const problem = (code: ErrorCode, detail: string, hint: string): Finding => ({
	status: "problem",
	detail,
	hint,
	code,
});

const IN_A_VM = "or record in a virtual machine: relayscope vm -- relayscope record ...";

function checkKernel(): Finding {
	const [major = 0, minor = 0] = release().split(".").map(Number);
	if (machine() !== "x86_64") {
		return problem(
			"NO_MODULES",
			`${release()} on ${machine()}`,
			"Only x86_64 is supported so far.",
		);
	}
	if (major < 6 || (major === 6 && minor < 1)) {
		return problem(
			"NO_MODULES",
			`${release()} is older than 6.1`,
			`Boot a kernel from 6.1 on, ${IN_A_VM}`,
		);
	}
	return ok(release());
}

function checkRoot(): Finding {
	if (process.getuid?.() === 0) return ok("root");
	return problem(
		"NOT_ROOT",
		`recording needs root, this is user ${process.getuid?.() ?? "?"}`,
		`Run it with sudo, ${IN_A_VM}`,
	);
}

function checkLockdown(): Finding {
	const mode = lockdownMode();
	if (mode === "none") return ok("none");
	if (loadedModules().has("relayscope")) {
		return warning(
			`the kernel is locked down (${mode}): buffers are copied, not mapped`,
			"Nothing is lost by it. Other drivers' relay channels cannot be read.",
		);
	}
	return problem(
		"LOCKDOWN",
		`the kernel is locked down (${mode}): it takes signed modules only`,
		`Sign and load them (docs/install-modules.md), boot without lockdown, ${IN_A_VM}`,
	);
}

function checkModules(): Finding {
	if (readOptional("/proc/modules") === undefined) {
		return problem(
			"NO_MODULES",
			"this kernel has no module support",
			`Boot a stock kernel, ${IN_A_VM}`,
		);
	}
	const location = moduleLocation();
	if (location !== undefined)
		return ok(location === "loaded" ? "relayscope is loaded" : `in ${location}`);
	return problem(
		"NO_MODULES",
		`there are no relayscope modules for ${release()}`,
		`Install the headers (apt-get install linux-headers-${release()}) and run npm run setup, ${IN_A_VM}`,
	);
}

function checkDebugfs(): Finding {
	const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
	if (mounts.some((line) => line.split(" ")[1] === DEBUGFS)) return ok(`mounted at ${DEBUGFS}`);
	return problem(
		"NO_DEBUGFS",
		`debugfs is not mounted at ${DEBUGFS}`,
		`Run: mount -t debugfs none ${DEBUGFS}`,
	);
}

function checkClock(): Finding {
	const source = readOptional(
		"/sys/devices/system/clocksource/clocksource0/current_clocksource",
	)?.trim();
	if (source === undefined) return warning("the clock source is unknown", "Mount sysfs at /sys.");
	if (source !== "hpet" && source !== "acpi_pm") return ok(source);
	return warning(
		`${source}: reading the time is slow, every record costs more`,
		"Boot with tsc=reliable if the processor's TSC is sound.",
	);
}

function checkMemory(): Finding {
	const wanted = availableParallelism() * DEFAULT_BUFFER_BYTES;
	const available = availableMemory();
	const text = `${mebibytes(available)} available, ${mebibytes(wanted)} for default buffers`;
	if (available > 4 * wanted) return ok(text);
	return warning(text, "Make the buffers smaller: record --subbuf-size 64K --subbufs 8");
}

function checkDisk(): Finding {
	const { bavail, bsize } = statfsSync(".");
	const free = bavail * bsize;
	if (free > 1 << 30) return ok(`${mebibytes(free)} free in the current directory`);
	return warning(
		`only ${mebibytes(free)} free in the current directory`,
		"Record to another disk with -o DIR.",
	);
}

/** Bytes of buffer a CPU that `record` asks for unless told otherwise. */
export const DEFAULT_SUBBUF_SIZE = 256 * 1024;
export const DEFAULT_SUBBUFS = 32;
const DEFAULT_BUFFER_BYTES = DEFAULT_SUBBUF_SIZE * DEFAULT_SUBBUFS;

const CHECKS: readonly (readonly [string, () => Finding])[] = [
	["kernel", checkKernel],
	["root", checkRoot],
	["lockdown", checkLockdown],
	["modules", checkModules],
	["debugfs", checkDebugfs],
	["clock", checkClock],
	["memory", checkMemory],
	["disk", checkDisk],
];

export function runChecks(): CheckResult[] {
	return CHECKS.map(([name, check]) => ({ name, ...check() }));
}

/** @throws RelayscopeError for the first problem. */
export function requireRecordable(): void {
	// Signed modules load under lockdown; others are refused with that reason when they are loaded.
	requireChecks(CHECKS.map(([name]) => name).filter((name) => name !== "lockdown"));
}

/** @throws RelayscopeError for the first of these that is a problem. */
export function requireChecks(names: readonly string[]): void {
	for (const [name, check] of CHECKS) {
		if (!names.includes(name)) continue;
		const { status, code, detail, hint } = check();
		if (status === "problem" && code !== undefined) {
			throw new RelayscopeError(code, detail, hint === undefined ? {} : { hint });
		}
	}
}

function readOptional(path: string): string | undefined {
	try {
		return readFileSync(path, "utf8");
	} catch {
		// Not there or not for us: the caller knows what that means.
		return undefined;
	}
}

function mebibytes(bytes: number): string {
	return `${Math.round(bytes / (1 << 20))} MiB`;
}
