import type { Bench } from "./bench.js";
import type { Guest, GuestWork } from "./guest-work.js";
import { median, ratios, relativeSpread } from "./statistics.js";

/** One line of the results. `ratio` is ours to the peer's; a figure without a peer has none. */
export interface Result {
	readonly name: string;
	readonly value: number;
	readonly unit: string;
	readonly peer: string | null;
	readonly peerValue: number | null;
	readonly ratio: number | null;
	/** How many runs the medians are of. */
	readonly runs: number;
	/** Half the range of the ratio (or value) over the runs, as a share of its median; one run has none. */
	readonly spread: number | null;
	/** In words; null where a figure is given for information. */
	readonly target: string | null;
	readonly met: boolean | null;
	/** Which direction is better, for the comparison with stored results. */
	readonly better: "lower" | "higher";
	readonly workload: string;
	/** Measured without the other rows, since the last run of all. */
	readonly apart?: true;
}

/** What a figure is called among all results. */
export function keyOf(result: Result): string {
	return result.peer === null ? result.name : `${result.name} vs ${result.peer}`;
}

export interface Row {
	readonly name: string;
	/** What it needs done in the guest. */
	work(bench: Bench): readonly GuestWork[];
	/**
	 * Figures that are made one by one, so that one that cannot be does not take the others along.
	 * @throws when none of them could be measured.
	 */
	measure(bench: Bench, guest: Guest): Promise<readonly (() => Figure)[]>;
}

export interface Target {
	readonly of: "value" | "ratio";
	readonly atMost?: number;
	readonly atLeast?: number;
}

export interface Figure {
	readonly name: string;
	readonly unit: string;
	readonly workload: string;
	readonly better?: "lower" | "higher";
	readonly target?: Target;
	/** A value a round; ratios are taken round by round. */
	readonly ours: readonly number[];
	readonly peer?: { readonly name: string; readonly values: readonly number[] };
}

/** @throws when a value is none that a measurement can give. */
export function resultOf(figure: Figure): Result {
	const { name, unit, workload, ours, peer, target } = figure;
	requireMeasured(name, ours);
	if (peer !== undefined) requireMeasured(`${name}, ${peer.name}`, peer.values);
	const rounds = peer === undefined ? [] : ratios(ours, peer.values);
	const value = median(ours);
	const ratio = peer === undefined ? null : median(rounds);
	const checked = target?.of === "ratio" ? ratio : value;
	const compared = peer === undefined ? ours : rounds;
	return {
		...{ name, value, unit, workload },
		peer: peer?.name ?? null,
		peerValue: peer === undefined ? null : median(peer.values),
		ratio,
		runs: compared.length,
		spread: compared.length > 1 ? relativeSpread(compared) : null,
		target: target === undefined ? null : describe(target, unit),
		met: target === undefined || checked === null ? null : meets(checked, target),
		better: figure.better ?? "lower",
	};
}

/** Costs, times, rates and sizes are more than nothing; what is not was taken from a failed run. */
function requireMeasured(name: string, values: readonly number[]): void {
	const wrong = values.find((value) => !(Number.isFinite(value) && value > 0));
	if (values.length === 0) throw new Error(`${name}: no run gave a value`);
	if (wrong !== undefined) throw new Error(`${name}: ${wrong} is not a measurement`);
}

function describe({ of, atMost, atLeast }: Target, unit: string): string {
	const what = of === "ratio" ? "ratio" : unit;
	return atMost === undefined ? `${what} ≥ ${atLeast}` : `${what} ≤ ${atMost}`;
}

function meets(value: number, { atMost, atLeast }: Target): boolean {
	return value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? 0);
}

/** A target set for the whole benchmark's size: of a smaller session, start-up is most. */
export function atFullSize(bench: Bench, target: Target): { readonly target?: Target } {
	return bench.quick ? {} : { target };
}
