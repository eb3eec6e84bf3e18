import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Recorder, type SourceInfo } from "#native";
import { BLKTRACE_PREFIX } from "./block-traces.js";
import { availableSources, loadCore, loadModulesFor } from "./kernel-modules.js";
import { findRelayChannels, RELAY_KINDS } from "./relay-files.js";

/** What this kernel offers to record, by modules of any origin; loads ours to ask them. */
export function listSources(): SourceInfo[] {
	loadModulesFor(availableSources());
	return offeredSources();
}

/** Of the names, those that no module on this machine, loaded or not, is a source of. */
export function unknownSources(names: readonly string[]): string[] {
	const installed = new Set(availableSources());
	const others = names.filter((name) => !installed.has(name));
	if (others.length === 0) return [];
	loadCore();
	const offered = new Set(offeredSources().map(({ name }) => name));
	return others.filter((name) => !offered.has(name));
}

/** Every name that can be recorded now. */
export function knownSources(): string[] {
	const names = new Set([...availableSources(), ...offeredSources().map(({ name }) => name)]);
	return [...names].sort();
}

function offeredSources(): SourceInfo[] {
	const recorder = new Recorder();
	try {
		return recorder.sources();
	} finally {
		recorder.close();
	}
}

interface RelaySource {
	readonly name: string;
	readonly description: string;
}

const BLOCK_DEVICES = "/sys/block";

/** Relay channels of other drivers that are there now, as sources, and devices to trace. */
export function listRelaySources(): RelaySource[] {
	return [...relayChannels(), ...traceableDevices()];
}

/** Those of disks that a kernel with blktrace offers, and that hold anything. */
function traceableDevices(): RelaySource[] {
	if (!existsSync(BLOCK_DEVICES)) return [];
	return readdirSync(BLOCK_DEVICES)
		.sort()
		.filter((name) => {
			const size = join(BLOCK_DEVICES, name, "size");
			return (
				existsSync(join(BLOCK_DEVICES, name, "trace")) && readFileSync(size, "utf8").trim() !== "0"
			);
		})
		.map((name) => ({
			name: `${BLKTRACE_PREFIX}/dev/${name.replaceAll("!", "/")}`,
			description: "block requests of a device, by the kernel's own blktrace",
		}));
}

function relayChannels(): RelaySource[] {
	return RELAY_KINDS.flatMap((kind) =>
		findRelayChannels(kind).map(({ path }) => ({
			name: `relay:${path}`,
			description: `${kind.description} (${kind.name})`,
		})),
	);
}
