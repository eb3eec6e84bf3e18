/** Which filter goes to which source, and the programs that come of it. */
import { canAsk, checkFilter, type FilterHost, noSuchField, unknownField } from "./check.js";
import { compileFilter } from "./compile.js";
import { allOf, type Condition, earlyPart, isDecidedEarly } from "./condition.js";
import type { FilterSource } from "./fields.js";
import { badFilter } from "./filter-error.js";
import { parseFilter } from "./parse.js";
import type { Program } from "./program.js";
import type { ParsedFilter } from "./syntax.js";

/** `--filter 'EXPR'` or `--filter SOURCE:EXPR`. */
export interface FilterRequest {
	/** Undefined: every source that has its fields. */
	readonly source: string | undefined;
	readonly filter: ParsedFilter;
}

/** What the kernel is given for a source; undefined: nothing is left to be asked then. */
export interface SourceFilter {
	readonly source: string;
	/** All that was asked of the source, as one expression. */
	readonly text: string;
	/** Before there is a record, or when a call begins. */
	readonly early: Program | undefined;
	/** Over all of the event. */
	readonly whole: Program | undefined;
}

export interface SourceTrigger {
	readonly source: string;
	readonly text: string;
	readonly program: Program;
}

const WITH_SOURCE = /^\s*([a-z][a-z0-9_-]*):(.*)$/s;

/** @throws RelayscopeError BAD_FILTER */
export function parseFilterRequest(text: string): FilterRequest {
	const [, source, expression] = WITH_SOURCE.exec(text) ?? [];
	return { source, filter: parseFilter((expression ?? text).trim()) };
}

/** Several of one source must all hold. @throws RelayscopeError BAD_FILTER */
export function filtersOf(
	requests: readonly FilterRequest[],
	sources: readonly FilterSource[],
	host: FilterHost,
): readonly SourceFilter[] {
	const asked = distribute(requests, sources);
	return sources.flatMap((source): readonly SourceFilter[] => {
		const filters = asked.get(source.name) ?? [];
		if (filters.length === 0) return [];
		const condition = allOf(filters.map((filter) => checkFilter(filter, source, host)));
		return [{ source: source.name, ...programsOf(condition, joined(filters, "and")) }];
	});
}

/** Several of one source: any may hold. @throws RelayscopeError BAD_FILTER */
export function triggersOf(
	requests: readonly FilterRequest[],
	sources: readonly FilterSource[],
	host: FilterHost,
): readonly SourceTrigger[] {
	const asked = distribute(requests, sources);
	return sources.flatMap((source): readonly SourceTrigger[] => {
		const filters = asked.get(source.name) ?? [];
		const [first, ...others] = filters.map((filter) => checkFilter(filter, source, host));
		if (first === undefined) return [];
		const condition: Condition =
			others.length === 0 ? first : { kind: "or", parts: [first, ...others] };
		const text = joined(filters, "or");
		return [{ source: source.name, text, program: compileFilter(condition, text) }];
	});
}

function programsOf(condition: Condition, text: string): Omit<SourceFilter, "source"> {
	const early = earlyPart(condition);
	const asksEarly = early.kind !== "always" || !early.holds;
	const asksWhole = !isDecidedEarly(condition);
	return {
		text,
		early: asksEarly || !asksWhole ? compileFilter(early, text) : undefined,
		whole: asksWhole ? compileFilter(condition, text) : undefined,
	};
}

function distribute(
	requests: readonly FilterRequest[],
	sources: readonly FilterSource[],
): ReadonlyMap<string, readonly ParsedFilter[]> {
	const asked = new Map<string, ParsedFilter[]>();
	for (const { source, filter } of requests) {
		for (const { name } of sourcesFor(source, filter, sources)) {
			const before = asked.get(name);
			if (before === undefined) asked.set(name, [filter]);
			else before.push(filter);
		}
	}
	return asked;
}

function sourcesFor(
	wanted: string | undefined,
	filter: ParsedFilter,
	sources: readonly FilterSource[],
): readonly FilterSource[] {
	const all = { start: 0, end: filter.text.length };
	if (wanted !== undefined) {
		const source = sources.find(({ name }) => name === wanted);
		if (source !== undefined) return [source];
		const known = sources.map(({ name }) => name).join(", ");
		const problem = `source ${wanted} is not recorded`;
		throw badFilter(filter.text, all, problem, `Recorded are: ${known}; add it with --sources.`);
	}
	const able = sources.filter((source) => canAsk(filter, source));
	if (able.length > 0) return able;
	const unknown = unknownField(filter, sources);
	if (unknown !== undefined) throw noSuchField(filter.text, unknown, sources);
	throw badFilter(
		filter.text,
		all,
		"no source has all of these fields",
		"Give each source its own: --filter 'syscalls:ret < 0' --filter 'sched:next_tid == 7'.",
	);
}

function joined(filters: readonly ParsedFilter[], word: "and" | "or"): string {
	const [first, ...others] = filters;
	if (first !== undefined && others.length === 0) return first.text;
	return filters.map(({ text }) => `(${text})`).join(` ${word} `);
}
