/** What a recording keeps so that its contexts can be named; nothing when none was asked for. */
import { CONTEXT } from "../base/context-parts.js";
import { CgroupPathKeeper } from "./cgroup-paths.js";
import type { ChannelRequest } from "./channel-request.js";
import { KernelSymbolKeeper } from "./kernel-symbols.js";
import { ProcessMapKeeper } from "./process-maps.js";

export interface SymbolPlaces {
	/** The session's. */
	readonly directory: string;
	readonly messages: string;
	/** Alive when the recording starts. */
	readonly pids: readonly number[];
}

export class SymbolKeeper {
	readonly #kernel: KernelSymbolKeeper | undefined;
	readonly #processes: ProcessMapKeeper | undefined;
	readonly #cgroups: CgroupPathKeeper | undefined;

	constructor(channels: readonly ChannelRequest[], { directory, messages, pids }: SymbolPlaces) {
		const contexts = channels.flatMap((channel) => channel.contexts ?? []);
		const wanted = contexts.reduce((bits, { context }) => bits | context, 0);
		if ((wanted & CONTEXT.KERNEL_STACK) !== 0) this.#kernel = new KernelSymbolKeeper(directory);
		if ((wanted & CONTEXT.USER_STACK) !== 0) {
			this.#processes = new ProcessMapKeeper(directory, messages, pids);
		}
		if ((wanted & CONTEXT.CGROUP) !== 0) this.#cgroups = new CgroupPathKeeper(directory);
	}

	/** The kernel shows its addresses to nobody: stacks will have no names. */
	get kernelHides(): boolean {
		return this.#kernel?.hidden === true;
	}

	/** It has just been let go. */
	commandStarts(pid: number): void {
		this.#processes?.followStart(pid);
	}

	/** Probes are off. */
	finish(): void {
		this.#kernel?.finish();
		this.#processes?.finish();
		this.#cgroups?.look();
	}
}
