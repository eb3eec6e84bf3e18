import { Recorder, type SourceInfo } from "#native";
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

/** Relay channels of other drivers that are there now, as sources. */
export function listRelaySources(): { readonly name: string; readonly description: string }[] {
	return RELAY_KINDS.flatMap((kind) =>
		findRelayChannels(kind).map(({ path }) => ({
			name: `relay:${path}`,
			description: `${kind.description} (${kind.name})`,
		})),
	);
}
