/** Facts of the recorded machine that a session keeps. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { endianness, hostname, machine, release, version } from "node:os";
import type { HostMetadata } from "../session/metadata.js";

export function hostFacts(cpuIds: number): HostMetadata {
	return {
		hostname: hostname(),
		kernelRelease: release(),
		kernelVersion: version(),
		machine: machine(),
		cpuIds,
		littleEndian: endianness() === "LE",
		clockTicksPerSecond: clockTicks(),
	};
}

/** USER_HZ, the unit of /proc: a constant of the architecture that only libc tells. */
function clockTicks(): number {
	return Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
}

/** MemAvailable, bytes. */
export function availableMemory(): number {
	const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"));
	return Number(match?.[1] ?? 0) * 1024;
}
