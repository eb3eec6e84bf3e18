import { Recorder, type SourceInfo } from "#native";
import { availableSources, loadModulesFor } from "./kernel-modules.js";

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
