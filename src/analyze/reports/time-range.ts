import { RelayscopeError } from "../../base/error.js";

/** Half-open, CLOCK_MONOTONIC ns; an end that is not given is open. */
export interface TimeRange {
	readonly since: bigint | undefined;
	readonly until: bigint | undefined;
}

/** The two clocks read together at the session's start. */
export interface ClockOrigin {
	readonly start: bigint;
	readonly wallClockStart: bigint;
}

const UNIT_NS: Readonly<Record<string, bigint>> = {
	ns: 1n,
	us: 1_000n,
	µs: 1_000n,
	ms: 1_000_000n,
	s: 1_000_000_000n,
	m: 60_000_000_000n,
	min: 60_000_000_000n,
	h: 3_600_000_000_000n,
};

/**
 * A point in time as --since and --until take it, exact to the nanosecond:
 * `1.5s`, `250ms`, `+2s` from the session's start; `81723000000ns` as in the column ts;
 * `2026-11-21T04:46:47.5Z` on the wall clock (without a zone: the local one).
 */
export function parseTime(text: string, origin: ClockOrigin): bigint {
	const relative = /^(\+?)(\d+)(?:\.(\d+))?\s*(ns|us|µs|ms|s|min|m|h)$/.exec(text.trim());
	if (relative !== null) {
		const [, plus, whole = "0", fraction = "", unit = "s"] = relative;
		const value = scaled(whole, fraction, UNIT_NS[unit] ?? 1n);
		return unit === "ns" && plus === "" ? value : origin.start + value;
	}
	const wall = wallClockNs(text.trim());
	if (wall !== undefined) return origin.start + (wall - origin.wallClockStart);
	throw new RelayscopeError("BAD_ARGUMENT", `"${text}" is not a time`, {
		hint: "Use 1.5s, 250ms or +2s (from the session's start), 81723000000ns (as in the column ts), or 2026-11-21T04:46:47Z.",
	});
}

export function parseRange(
	since: string | undefined,
	until: string | undefined,
	origin: ClockOrigin,
): TimeRange {
	const range = {
		since: since === undefined ? undefined : parseTime(since, origin),
		until: until === undefined ? undefined : parseTime(until, origin),
	};
	if (range.since !== undefined && range.until !== undefined && range.since >= range.until) {
		throw new RelayscopeError("BAD_ARGUMENT", `--since ${since} is not before --until ${until}`, {
			hint: "The range takes in --since and leaves out --until.",
		});
	}
	return range;
}

/** A fraction finer than a nanosecond is cut. */
function scaled(whole: string, fraction: string, unit: bigint): bigint {
	return BigInt(whole) * unit + (BigInt(`0${fraction}`) * unit) / 10n ** BigInt(fraction.length);
}

const ISO =
	/^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

function wallClockNs(text: string): bigint | undefined {
	const match = ISO.exec(text);
	if (match === null) return undefined;
	const [, date, minutes = "00:00", seconds = "00", fraction = "", zone = ""] = match;
	const written = zone.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
	const ms = Date.parse(`${date}T${minutes}:${seconds}${written}`);
	if (Number.isNaN(ms)) return undefined;
	return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** A wall-clock time as text, in UTC, to the microsecond. */
export function formatWallClock(realtimeNs: bigint): string {
	const seconds = realtimeNs / 1_000_000_000n;
	const micros = (realtimeNs % 1_000_000_000n) / 1_000n;
	const date = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
	return `${date}.${String(micros).padStart(6, "0")}Z`;
}
