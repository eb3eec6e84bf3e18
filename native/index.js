// SPDX-License-Identifier: MIT
import { createRequire } from "node:module";

const ADDON = "../build/Release/relayscope_native.node";

function load() {
	try {
		return createRequire(import.meta.url)(ADDON);
	} catch (cause) {
		throw new Error(
			"The native addon cannot be loaded (build/Release/relayscope_native.node). Run `npm run setup` to build it.",
			{ cause },
		);
	}
}

export const {
	abi,
	clockTicksPerSecond,
	readClocks,
	loadModule,
	Recorder,
	ChannelReader,
	SnapshotReader,
	BufflinkReader,
	RelayFileReader,
	BlockTrace,
	HeldCommand,
} = load();
