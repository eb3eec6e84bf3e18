/** Filters and triggers of a recording: checked against what is recorded, and given to the kernel. */
import type { Recorder } from "#native";
import { CallNames } from "../filter/call-names.js";
import type { FilterSource } from "../filter/fields.js";
import { badFilter } from "../filter/filter-error.js";
import { encodeInstructions, type Program } from "../filter/program.js";
import { type FilterRequest, filtersOf, triggersOf } from "../filter/source-filters.js";
import { BUILTIN_EVENTS, EVENTS_BY_FILE } from "../schema/generated/builtin-events.js";
import { type ModuleSchema, readModule } from "../schema/module-events.js";
import type { ChannelMetadata, FilterMetadata } from "../session/metadata.js";
import { cgroupId } from "./cgroup.js";

export interface FilterRequests {
	readonly filters: readonly FilterRequest[];
	/** Of flight recorders: what a snapshot is taken on. */
	readonly triggers: readonly FilterRequest[];
}

export interface FilteredChannels {
	readonly channels: readonly ChannelMetadata[];
	readonly moduleSchemas: readonly ModuleSchema[];
	/** Empty when calls are not recorded. */
	readonly syscallTable: string;
}

/** Before the recording starts. @throws RelayscopeError BAD_FILTER */
export function loadFilters(
	recorder: Recorder,
	{ filters, triggers }: FilterRequests,
	recorded: FilteredChannels,
): readonly FilterMetadata[] {
	const flights = recorded.channels.filter(({ overwrite }) => overwrite);
	return [
		...filtersOf(filters, sourcesOf(recorded.channels, recorded), { cgroupId }).map(
			({ source, text, early, whole }) => {
				for (const { id } of channelsOf(source, recorded.channels)) {
					load(recorder, { channelId: id, source, kind: "early", text }, early);
					load(recorder, { channelId: id, source, kind: "whole", text }, whole);
				}
				return { source, expression: text, trigger: false };
			},
		),
		...triggersOf(triggers, sourcesOf(flights, recorded), { cgroupId }).map(
			({ source, text, program }) => {
				for (const { id } of channelsOf(source, flights)) {
					load(recorder, { channelId: id, source, kind: "trigger", text }, program);
				}
				return { source, expression: text, trigger: true };
			},
		),
	];
}

function channelsOf(source: string, channels: readonly ChannelMetadata[]): ChannelMetadata[] {
	return channels.filter(({ sources }) => sources.includes(source));
}

function sourcesOf(
	channels: readonly ChannelMetadata[],
	{ moduleSchemas, syscallTable }: FilteredChannels,
): readonly FilterSource[] {
	const names = [...new Set(channels.flatMap(({ sources }) => sources))];
	return names.map((name): FilterSource => {
		const module = moduleSchemas.find(({ source }) => source === name);
		if (module !== undefined) return { name, events: readModule(module), calls: undefined };
		const declared: readonly string[] = EVENTS_BY_FILE[name] ?? [];
		return {
			name,
			events: BUILTIN_EVENTS.filter((event) => declared.includes(event.name)),
			calls: name === "syscalls" ? new CallNames(syscallTable) : undefined,
			strings: channels.some(({ sources, strings }) => strings === true && sources.includes(name)),
		};
	});
}

interface Place {
	readonly channelId: number;
	readonly source: string;
	readonly kind: "early" | "whole" | "trigger";
	readonly text: string;
}

function load(
	recorder: Recorder,
	{ channelId, source, kind, text }: Place,
	program: Program | undefined,
): void {
	if (program === undefined) return;
	const instructions = encodeInstructions(program.instructions);
	const refused = recorder.loadProgram(channelId, source, kind, instructions, program.text);
	if (refused === undefined) return;
	const all = { start: 0, end: text.length };
	const span = program.spans[refused];
	throw badFilter(
		text,
		span !== undefined && span.end > 0 ? span : all,
		`the kernel refuses the program for source ${source}`,
		"The modules are of another version than this program: see `relayscope doctor`.",
	);
}
