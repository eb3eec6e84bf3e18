declare const nanoseconds: unique symbol;

/** CLOCK_MONOTONIC nanoseconds of the recorded machine, exact. */
export type Ns = bigint & { readonly [nanoseconds]: true };

export function ns(value: bigint): Ns {
	return value as Ns;
}

const UNITS: readonly (readonly [string, number])[] = [
	["s", 1e9],
	["ms", 1e6],
	["µs", 1e3],
];

/** A duration as people read it: `1.24 ms`, `12 ns`, `3.00 s`. Three significant digits. */
export function formatDuration(duration: bigint | number): string {
	const value = Number(duration);
	for (const [unit, size] of UNITS) {
		if (Math.abs(value) >= size) return `${(value / size).toPrecision(3)} ${unit}`.replace(/(\d\.?\d*)e\+(\d+)/, (number) => String(Number(number)));
	}
	return `${value} ns`;
}
