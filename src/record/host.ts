/** Facts of the recorded machine that a session keeps. */
import { readFileSync } from "node:fs";
import { endianness, hostname, machine, release, version } from "node:os";
import { clockTicksPerSecond } from "#native";
import type { HostMetadata } from "../session/metadata.js";

export function hostFacts(cpuIds: number): HostMetadata {
	return {
		hostname: hostname(),
		kernelRelease: release(),
		kernelVersion: version(),
		machine: machine(),
		cpuIds,
		littleEndian: endianness() === "LE",
		clockTicksPerSecond,
	};
}

/** CPUs are numbered below this, those among them that may come online later. */
export function possibleCpus(): number {
	const text = readFileSync("/sys/devices/system/cpu/possible", "utf8");
	return Math.max(...text.trim().split(/[,-]/).map(Number)) + 1;
}

/** MemAvailable, bytes. */
export function availableMemory(): number {
	const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"));
	return Number(match?.[1] ?? 0) * 1024;
}
