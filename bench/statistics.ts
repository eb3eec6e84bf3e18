export function median(values: readonly number[]): number {
	return quantile(values, 0.5);
}

/** Linear interpolation between the neighbours. */
export function quantile(values: readonly number[], share: number): number {
	if (values.length === 0) throw new Error("no values were measured");
	const sorted = [...values].sort((a, b) => a - b);
	const position = (sorted.length - 1) * share;
	const below = sorted[Math.floor(position)] ?? Number.NaN;
	const above = sorted[Math.ceil(position)] ?? below;
	return below + (above - below) * (position - Math.floor(position));
}

/** Half the range, as a share of the median: what one more run may be off by. */
export function relativeSpread(values: readonly number[]): number {
	return (Math.max(...values) - Math.min(...values)) / 2 / median(values);
}

/** Element by element: the runs of one round stand beside each other. */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
	return ours.flatMap((value, index) => {
		const other = theirs[index];
		return other === undefined ? [] : [value / other];
	});
}
