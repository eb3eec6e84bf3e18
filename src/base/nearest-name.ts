/** The candidate that `name` was most likely meant to be; undefined when none is close. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
	const wanted = name.toLowerCase();
	let best: string | undefined;
	// A third of the letters may be wrong: more, and a suggestion misleads more than it helps.
	let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
	for (const candidate of candidates) {
		const distance = editDistance(wanted, candidate.toLowerCase());
		if (distance < bestDistance) {
			best = candidate;
			bestDistance = distance;
		}
	}
	return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
	let beforePrevious: number[] = [];
	let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
	for (let i = 1; i <= a.length; i++) {
		const row = [i];
		for (let j = 1; j <= b.length; j++) {
			const same = a.charAt(i - 1) === b.charAt(j - 1);
			let cost = Math.min(
				(previous[j] ?? 0) + 1,
				(row[j - 1] ?? 0) + 1,
				(previous[j - 1] ?? 0) + (same ? 0 : 1),
			);
			const swapped =
				i > 1 &&
				j > 1 &&
				a.charAt(i - 1) === b.charAt(j - 2) &&
				a.charAt(i - 2) === b.charAt(j - 1);
			if (swapped) cost = Math.min(cost, (beforePrevious[j - 2] ?? 0) + 1);
			row.push(cost);
		}
		beforePrevious = previous;
		previous = row;
	}
	return previous[b.length] ?? 0;
}
