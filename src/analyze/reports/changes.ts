import { ERRNO_MAX } from "../../base/errno.js";
import type { QueryDatabase } from "../query/query-database.js";
import { CHANGING_CALLS, effectsOf } from "./call-effects.js";
import { CALLER_OF_ROW, scanCondition } from "./call-rows-scan.js";
import { type Caller, readCallers } from "./callers.js";
import { ExactSum } from "./exact-sum.js";
import { hasFiles } from "./file-calls.js";
import { defineReport, limited, type Scope } from "./report.js";

interface ChangeRow {
	readonly pid: number;
	readonly upid: number | null;
	readonly uid: number | null;
	readonly comm: string | null;
	readonly path: string;
	/** The call, and what of it changes the file. */
	readonly how: string;
	/** Of a rename, a link: where the other name leads. */
	readonly other: string | null;
	readonly count: number;
	readonly bytesWritten: bigint;
	/** ns from the session's start. */
	readonly firstNs: number;
	readonly lastNs: number;
}

interface ChangesResult {
	readonly recorded: boolean;
	readonly changes: readonly ChangeRow[];
	readonly omitted: number;
}

/** Who changed which file, and how. */
export const changes = defineReport<ChangesResult>({
	name: "changes",
	summary: "who changed which file, and how: written, created, renamed, removed, ...",
	by: ["change"],
	filters: ["pid", "comm", "path"],

	build(database, scope) {
		if (!hasFiles(database)) return { recorded: false, changes: [], omitted: 0 };
		const found = findChanges(database, scope);
		found.sort((a, b) => a.firstNs - b.firstNs || (a.path < b.path ? -1 : 1));
		const { rows, omitted } = limited(found, scope.limit);
		return { recorded: true, changes: rows, omitted };
	},

	tables({ recorded, changes: rows, omitted }) {
		return [
			{
				title: "Changes, in the order of their first",
				columns: [
					{ title: "first", kind: "offset" },
					{ title: "last", kind: "offset" },
					{ title: "pid", kind: "id" },
					{ title: "uid", kind: "id" },
					{ title: "comm", kind: "text" },
					{ title: "how", kind: "text" },
					{ title: "times", kind: "count" },
					{ title: "written", kind: "bytes" },
					{ title: "file", kind: "text", shrinks: true },
				],
				rows: rows.map((row) => [
					...[row.firstNs, row.lastNs, row.pid, row.uid, row.comm, row.how, row.count],
					row.bytesWritten,
					row.other === null ? row.path : `${row.path} (${row.other})`,
				]),
				omitted,
				whenEmpty: recorded
					? "No file was changed by the calls asked about."
					: "Which files calls are about was not recorded: record with --strings.",
			},
		];
	},
});

class Change {
	readonly #bytes = new ExactSum();
	#count = 0;
	#first = Number.POSITIVE_INFINITY;
	#last = 0;

	constructor(readonly whose: Omit<ChangeRow, "count" | "bytesWritten" | "firstNs" | "lastNs">) {}

	add(ts: number, bytes: number): void {
		this.#count++;
		this.#bytes.add(bytes);
		if (ts < this.#first) this.#first = ts;
		if (ts > this.#last) this.#last = ts;
	}

	row(): ChangeRow {
		return {
			...this.whose,
			...{ count: this.#count, bytesWritten: this.#bytes.value() },
			...{ firstNs: this.#first, lastNs: this.#last },
		};
	}
}

/** Index of the argument that has an open's flags. */
const OPENS: Readonly<Record<string, "arg1" | "arg2">> = { open: "arg1", openat: "arg2" };
const O_CREAT = 0o100;
const O_TRUNC = 0o1000;
const PROT_WRITE = 2;
/** MAP_SHARED and MAP_SHARED_VALIDATE have it. */
const MAP_SHARED = 1;

/** What of a call beside its name changes the file; empty: the call itself; undefined: nothing does. */
function meansOf(name: string, arg1: number, arg2: number, arg3: number): string | undefined {
	const opens = OPENS[name];
	if (opens !== undefined) {
		const flags = opens === "arg1" ? arg1 : arg2;
		const means = [
			...((flags & O_CREAT) === 0 ? [] : ["O_CREAT"]),
			...((flags & O_TRUNC) === 0 ? [] : ["O_TRUNC"]),
		];
		return means.length === 0 ? undefined : means.join("|");
	}
	if (name === "mmap") {
		const writes = (arg2 & PROT_WRITE) !== 0 && (arg3 & MAP_SHARED) !== 0;
		return writes ? "PROT_WRITE, MAP_SHARED" : undefined;
	}
	return "";
}

const NAMES = [...CHANGING_CALLS, ...Object.keys(OPENS), "creat", "mmap"];

// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one pass over the rows, whose cases stand together
function findChanges(database: QueryDatabase, scope: Scope): ChangeRow[] {
	const { path, facts } = scope;
	const names = { sql: `name IN (${NAMES.map(() => "?").join(", ")})`, values: NAMES };
	const { sql, values } = scanCondition(scope, names);
	const asked = (column: string): string => (path === undefined ? "1" : path.condition(column));
	const rows = database.numberRows<
		[number, number, number, number, number, number, string | null, string | null, number, number]
	>(
		// An address that mmap returned is no number of bytes, nor a pointer a flag.
		`SELECT ts - ?, ${CALLER_OF_ROW}, CASE WHEN ret >= 0 THEN ret ELSE 0 END, arg1 & 65535, arg2 & 65535,
			arg3 & 65535, first, second, ${asked("first")}, ${asked("second")}
		 FROM (SELECT s.*, coalesce(p.path, p.fd_path) AS first, coalesce(p.path2, p.fd_path2) AS second
			FROM syscall_row s CROSS JOIN call_paths p ON p.id = s.paths
			WHERE s.paths <> 0 AND (s.ret >= 0 OR s.ret < -${ERRNO_MAX}) AND ${sql}) s`,
		...[facts.start, ...(path === undefined ? [] : [path.text, path.text]), ...values],
	);
	const callers: Caller[] = [];
	for (const caller of readCallers(database)) callers[caller.id] = caller;
	const users = readUsers(database);
	const found = new Map<string, Change>();
	for (const row of rows) {
		const [ts, id, ret, arg1, arg2, arg3, first, second, firstAsked, secondAsked] = row;
		const caller = callers[id];
		if (caller === undefined) continue;
		const { name, pid, upid, processComm } = caller;
		const means = meansOf(name, arg1, arg2, arg3);
		if (means === undefined) continue;
		const effects = effectsOf(name);
		const how = means === "" ? name : `${name} ${means}`;
		const note = (file: string | null, other: string | null, bytes: number): void => {
			// What has no path is no file: a pipe, a socket.
			if (file === null || !file.startsWith("/")) return;
			const key = [upid ?? `pid ${pid}`, how, file, other].join("\0");
			let change = found.get(key);
			if (change === undefined) {
				const uid = upid === null ? null : (users.get(upid) ?? null);
				change = new Change({
					...{ pid, upid, uid, comm: processComm, path: file, how, other },
				});
				found.set(key, change);
			}
			change.add(ts, bytes);
		};
		const opened = means !== "";
		const both = effects.first === "change" && effects.second === "change";
		if (firstAsked === 1 && (opened || name === "creat" || effects.first === "change")) {
			note(first, both ? `to ${second ?? "?"}` : null, 0);
		}
		if (firstAsked === 1 && effects.first === "write" && ret > 0) note(first, null, ret);
		if (secondAsked === 1 && effects.second === "change") note(second, `from ${first ?? "?"}`, 0);
		if (secondAsked === 1 && effects.second === "write" && ret > 0) note(second, null, ret);
	}
	return [...found.values()].map((change) => change.row());
}

function readUsers(database: QueryDatabase): ReadonlyMap<number, number> {
	if (!database.has("process", "uid")) return new Map();
	const rows = database.numberRows<[number, number | null]>("SELECT upid, uid FROM process");
	return new Map([...rows].flatMap(([upid, uid]) => (uid === null ? [] : [[upid, uid] as const])));
}
