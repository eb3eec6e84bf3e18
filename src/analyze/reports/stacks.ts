import { assertUnreachable } from "../../base/assert.js";
import type { QueryDatabase } from "../query/query-database.js";
import { defineReport, filterOf, limited, type ReportTable, type Scope } from "./report.js";

interface StackRow {
	readonly count: number;
	/** Of all that carry such a stack. */
	readonly share: number;
	readonly event: string;
	readonly comm: string | null;
	/** Innermost first. */
	readonly frames: readonly string[];
	/** `comm;outermost;...;innermost`: a line for flame graph tools, with the count behind it. */
	readonly folded: string;
}

interface StacksResult {
	readonly by: string;
	/** Records that carry such a stack. */
	readonly records: number;
	readonly stacks: readonly StackRow[];
	readonly omitted: number;
}

const BY = ["kernel", "user", "both"] as const;
type By = (typeof BY)[number];

/** How the kernel got to what was recorded, and what programs were doing, commonest first. */
export const stacks = defineReport<StacksResult>({
	name: "stacks",
	summary: "commonest stacks, where --context stack or ustack was recorded",
	by: BY,
	filters: ["pid", "comm"],

	build(database, scope) {
		const by = BY.find((each) => each === scope.by) ?? "kernel";
		const found = database.has("context") ? countStacks(database, scope, by) : [];
		const records = found.reduce((sum, { count }) => sum + count, 0);
		const { rows, omitted } = limited(found, scope.limit);
		const frames = new Frames(database);
		return { by, records, stacks: rows.map((each) => describe(each, records, frames)), omitted };
	},

	tables(result) {
		return [stackTable(result)];
	},
});

interface Counted {
	readonly kernel: bigint | null;
	readonly user: bigint | null;
	readonly event: string;
	readonly comm: string | null;
	readonly count: number;
}

function countStacks(database: QueryDatabase, scope: Scope, by: By): Counted[] {
	const { where, values } = filterOf(scope);
	const rows = database.rows<[bigint | null, bigint | null, string, string | null, bigint]>(
		`SELECT kernel, user, event, comm, count(*) FROM (
			SELECT ${columnOf("kernel", by)} AS kernel, ${columnOf("user", by)} AS user, event, comm
			FROM context ${where})
		 WHERE kernel IS NOT NULL OR user IS NOT NULL
		 GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 3, 4`,
		...values,
	);
	return [...rows].map(([kernel, user, event, comm, count]) => ({
		...{ kernel, user, event, comm },
		count: Number(count),
	}));
}

function columnOf(kind: "kernel" | "user", by: By): string {
	switch (by) {
		case "both":
			return `${kind}_stack`;
		case "kernel":
		case "user":
			return by === kind ? `${kind}_stack` : "NULL";
		default:
			return assertUnreachable(by);
	}
}

function describe(counted: Counted, records: number, frames: Frames): StackRow {
	const { kernel, user, event, comm, count } = counted;
	const inKernel = kernel === null ? [] : frames.of(kernel);
	const inUser = user === null ? [] : frames.of(user);
	// As perf's tools mark them, where both are in one line.
	const marked = inUser.length === 0 ? inKernel : inKernel.map((name) => `${name}_[k]`);
	const folded = [comm ?? "?", ...[...marked, ...inUser].reverse()];
	return {
		...{ count, share: records === 0 ? 0 : count / records, event, comm },
		frames: [...inKernel, ...inUser],
		folded: folded.map((name) => name.replaceAll(";", ":")).join(";"),
	};
}

/** Names of a stack's frames, read once a stack. */
class Frames {
	readonly #database: QueryDatabase;
	readonly #known = new Map<bigint, readonly string[]>();

	constructor(database: QueryDatabase) {
		this.#database = database;
	}

	of(stack: bigint): readonly string[] {
		let names = this.#known.get(stack);
		if (names === undefined) {
			const rows = this.#database.rows<[bigint, string | null, string | null, bigint | null]>(
				"SELECT address, symbol, object, object_offset FROM stacks WHERE stack = ? ORDER BY level",
				stack,
			);
			names = [...rows].map(frameName);
			this.#known.set(stack, names);
		}
		return names;
	}
}

function frameName([address, symbol, object, offset]: readonly [
	bigint,
	string | null,
	string | null,
	bigint | null,
]): string {
	if (symbol !== null) return symbol;
	if (object === null || offset === null) return `0x${BigInt.asUintN(64, address).toString(16)}`;
	return `${object.slice(object.lastIndexOf("/") + 1)}+0x${offset.toString(16)}`;
}

function stackTable({ by, records, stacks, omitted }: StacksResult): ReportTable {
	return {
		title: `Stacks of ${records} records (${by})`,
		columns: [
			{ title: "records", kind: "count" },
			{ title: "share", kind: "percent" },
			{ title: "event", kind: "text" },
			{ title: "comm", kind: "text" },
			{ title: "stack, innermost first", kind: "text", shrinks: true },
		],
		rows: stacks.map(({ count, share, event, comm, frames }) => [
			...[count, share, event, comm],
			frames.join(" < "),
		]),
		omitted,
		whenEmpty:
			"No stacks: none in this range, or none were asked for (record --context stack,ustack).",
		notes: ['For a flame graph: --json, then `.stacks[] | "\\(.folded) \\(.count)"` with jq.'],
	};
}
