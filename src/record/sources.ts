import { Recorder, type SourceInfo } from "#native";
import { availableSources, loadModulesFor } from "./kernel-modules.js";
import { findRelayChannels, RELAY_KINDS } from "./relay-files.js";

/** What this kernel offers to record; loads the modules to ask them. */
export function listSources(): SourceInfo[] {
	loadModulesFor(availableSources());
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
