/** The little of a process that its place among its relatives depends on. */
export interface Relative {
	readonly upid: number;
	readonly pid: number;
	readonly ppid: number | null;
	readonly startNs: bigint | null;
}

/** Parents before their children, siblings by start; `depth` counts generations in the list. */
export function treeOrder<Row extends Relative>(rows: readonly Row[]): (Row & { depth: number })[] {
	const sorted = [...rows].sort(byStart);
	const withPid = new Map<number, Row[]>();
	for (const row of sorted) withPid.set(row.pid, [...(withPid.get(row.pid) ?? []), row]);
	const children = new Map<number, Row[]>();
	const roots: Row[] = [];
	for (const row of sorted) {
		const parent = parentOf(row, withPid);
		if (parent === undefined) roots.push(row);
		else children.set(parent.upid, [...(children.get(parent.upid) ?? []), row]);
	}
	const ordered: (Row & { depth: number })[] = [];
	const placed = new Set<number>();
	const waiting = roots.map((row) => ({ row, depth: 0 })).reverse();
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		const { row, depth } = next;
		placed.add(row.upid);
		ordered.push({ ...row, depth });
		for (const child of (children.get(row.upid) ?? []).reverse()) {
			waiting.push({ row: child, depth: depth + 1 });
		}
	}
	// A ring of parents is impossible on a real machine but not in a damaged recording.
	for (const row of sorted) if (!placed.has(row.upid)) ordered.push({ ...row, depth: 0 });
	return ordered;
}

/** The last process with the parent's pid that had begun when the child did. */
function parentOf<Row extends Relative>(
	row: Row,
	withPid: ReadonlyMap<number, readonly Row[]>,
): Row | undefined {
	if (row.ppid === null || row.ppid === row.pid) return undefined;
	let parent: Row | undefined;
	for (const candidate of withPid.get(row.ppid) ?? []) {
		if (candidate.startNs === null || (row.startNs !== null && candidate.startNs <= row.startNs)) {
			parent = candidate;
		}
	}
	return parent;
}

function byStart(a: Relative, b: Relative): number {
	const [x, y] = [a.startNs ?? -1n, b.startNs ?? -1n];
	return x < y ? -1 : x > y ? 1 : a.pid - b.pid || a.upid - b.upid;
}
