/** What `record --context` asks for: parts of context, of one source or of all. */
import { CONTEXT } from "../base/context-parts.js";
import { RelayscopeError } from "../base/error.js";
import type { SourceContext } from "../session/metadata.js";

export interface ContextRequest {
	/** Undefined: every source. */
	readonly source: string | undefined;
	/** RELAYSCOPE_CONTEXT_* bits. */
	readonly context: number;
}

const PARTS: ReadonlyMap<string, number> = new Map([
	["stack", CONTEXT.KERNEL_STACK],
	["ustack", CONTEXT.USER_STACK],
	["cgroup", CONTEXT.CGROUP],
	["ns", CONTEXT.NAMESPACES],
]);

export const CONTEXT_PARTS: readonly string[] = [...PARTS.keys()];

/** `[SOURCE:]stack,ustack,cgroup,ns`. @throws RelayscopeError BAD_ARGUMENT */
export function parseContext(text: string): ContextRequest {
	const at = text.lastIndexOf(":");
	const source = at < 0 ? undefined : text.slice(0, at);
	return { source, context: contextBits(text.slice(at + 1).split(",")) };
}

/** @throws RelayscopeError BAD_ARGUMENT */
export function contextBits(names: readonly string[]): number {
	let context = 0;
	for (const name of names) {
		const bit = PARTS.get(name.trim());
		if (bit === undefined) {
			throw new RelayscopeError("BAD_ARGUMENT", `there is no context "${name}"`, {
				hint: `Known: ${CONTEXT_PARTS.join(", ")}; as in --context syscalls:stack,cgroup.`,
			});
		}
		context |= bit;
	}
	return context;
}

/** What each of the sources is to carry; those without are left out. */
export function contextsOf(
	sources: readonly string[],
	requests: readonly ContextRequest[],
): SourceContext[] {
	return sources.flatMap((source) => {
		const context = requests
			.filter((request) => request.source === undefined || request.source === source)
			.reduce((bits, request) => bits | request.context, 0);
		return context === 0 ? [] : [{ source, context }];
	});
}

/** @throws RelayscopeError BAD_ARGUMENT when a source that is named is not recorded. */
export function checkContextSources(
	requests: readonly ContextRequest[],
	sources: readonly string[],
): void {
	for (const { source } of requests) {
		if (source === undefined || sources.includes(source)) continue;
		throw new RelayscopeError("BAD_ARGUMENT", `--context names ${source}, which is not recorded`, {
			hint: `Recorded are: ${sources.join(", ")}. Add it to --sources, or leave the name out for all of them.`,
		});
	}
}
