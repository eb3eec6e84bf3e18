/** The recording that the kernel module began when it was loaded, before there was a recorder. */
import { readFileSync } from "node:fs";
import type { AdoptedRecording, Recorder } from "#native";
import { RelayscopeError } from "../base/error.js";

const BOOT_STRINGS = "/sys/module/relayscope/parameters/boot_strings";

/** Whether its calls have their texts. */
export function hasBootStrings(): boolean {
	return readFileSync(BOOT_STRINGS, "utf8").trim() === "Y";
}

/** @throws RelayscopeError NO_BOOT_RECORDING when there is none, or nothing in it. */
export function adoptBoot(recorder: Recorder): AdoptedRecording {
	const boot = adopt(recorder);
	if (boot.sources.length > 0) return boot;
	throw new RelayscopeError(
		"NO_BOOT_RECORDING",
		"the boot recording has recorded nothing: none of its sources was there",
		{
			hint: "Load the modules of the sources after relayscope.ko, and before this: see docs/boot-recording.md.",
		},
	);
}

function adopt(recorder: Recorder): AdoptedRecording {
	try {
		return recorder.adoptBoot();
	} catch (error) {
		if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
		throw new RelayscopeError("NO_BOOT_RECORDING", "there is no boot recording to go on with", {
			hint: "Boot with relayscope.boot=syscalls,sched and relayscope.ko loaded early, see docs/boot-recording.md; only one recorder can have it.",
			cause: error,
		});
	}
}
