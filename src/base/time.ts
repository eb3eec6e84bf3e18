declare const nanoseconds: unique symbol;

/** CLOCK_MONOTONIC nanoseconds of the recorded machine, exact. */
export type Ns = bigint & { readonly [nanoseconds]: true };

export function ns(value: bigint): Ns {
	return value as Ns;
}

const UNITS: readonly (readonly [string, number])[] = [
	["ns", 1],
	["µs", 1e3],
	["ms", 1e6],
	["s", 1e9],
];

const LONG_UNITS: readonly (readonly [string, number, string, number])[] = [
	["d", 86_400, "h", 3_600],
	["h", 3_600, "min", 60],
	["min", 60, "s", 1],
];

/**
 * A duration as people read it, three significant digits: `1.24 ms`, `12 ns`, `3.00 s`; from two
 * minutes up as `2 min 05 s`. For reading only: exact values are printed by the data formats.
 */
export function formatDuration(duration: bigint | number): string {
	const value = Number(duration);
	const sign = value < 0 ? "-" : "";
	const size = Math.abs(value);
	if (size >= 119.5e9) return sign + formatLong(Math.round(size / 1e9));
	if (size < 1000 && Number.isInteger(size)) return `${sign}${size} ns`;
	for (const [unit, length] of UNITS) {
		const digits = (size / length).toPrecision(3);
		// Rounding may reach the next unit: 999.6 ns is 1.00 µs.
		if (Number(digits) < 1000) return `${sign}${digits} ${unit}`;
	}
	return `${sign}${size} ns`;
}

function formatLong(seconds: number): string {
	for (const [unit, length, lesser, lesserLength] of LONG_UNITS) {
		// Two of a unit and more: 90 minutes read better than 1 h 30 min, and 100 s than 1 min 40 s.
		if (seconds < 2 * length) continue;
		const whole = Math.floor(seconds / length);
		const rest = Math.floor((seconds % length) / lesserLength);
		return `${whole} ${unit} ${String(rest).padStart(2, "0")} ${lesser}`;
	}
	return `${seconds} s`;
}

/** A signed distance from the session's start: `+1.24 ms`. */
export function formatOffset(offset: bigint | number): string {
	const text = formatDuration(offset);
	return text.startsWith("-") ? text : `+${text}`;
}
