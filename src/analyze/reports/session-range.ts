import type { Scope } from "./report.js";

/** ns from the session's start. */
export interface SessionRange {
	readonly from: number;
	readonly to: number;
}

/** A share of time in which a CPU's records are not there would be too low. */
export function wholeScope(asked: Scope): Scope {
	const { facts, range } = asked;
	if (range.since !== undefined || facts.wholeFrom <= facts.start) return asked;
	return { ...asked, range: { ...range, since: facts.wholeFrom } };
}

/** The asked range within the session: time outside it was not recorded and has no share. */
export function sessionRange({ facts, range }: Scope): SessionRange {
	const length = facts.end - facts.start;
	const clamp = (offset: bigint): number =>
		Number(offset < 0n ? 0n : offset > length ? length : offset);
	return {
		from: clamp((range.since ?? facts.start) - facts.start),
		to: clamp((range.until ?? facts.end) - facts.start),
	};
}
