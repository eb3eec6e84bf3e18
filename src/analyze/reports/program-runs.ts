import type { QueryDatabase, SqlValue } from "../query/query-database.js";
import { ProcessLookup } from "./process-lookup.js";
import type { Scope } from "./report.js";

/** A try to run another program. */
export interface ProgramRun {
	/** ns from the session's start. */
	readonly atNs: bigint;
	/** From the root; null when strings were not recorded. */
	readonly path: string | null;
	readonly command: string | null;
	/** Null: it runs. */
	readonly errno: string | null;
}

const CALLS = "('execve', 'execveat')";

/**
 * Programs that processes ran or failed to run, by upid in the order of time. Those that ran come
 * from the lifecycle messages, which are in every recording; the others from their calls.
 */
export function readProgramRuns(
	database: QueryDatabase,
	scope: Scope,
): ReadonlyMap<number, readonly ProgramRun[]> {
	const lookup = new ProcessLookup(database, scope.facts.start);
	const runs = new Map<number, ProgramRun[]>();
	const add = (pid: number, run: ProgramRun): void => {
		const upid = lookup.at(pid, Number(run.atNs))?.upid;
		if (upid === undefined) return;
		const known = runs.get(upid);
		if (known === undefined) runs.set(upid, [run]);
		else known.push(run);
	};
	readSuccessful(database, scope, add);
	readFailed(database, scope, add);
	for (const each of runs.values()) {
		each.sort((a, b) => (a.atNs < b.atNs ? -1 : a.atNs > b.atNs ? 1 : 0));
	}
	return runs;
}

type Add = (pid: number, run: ProgramRun) => void;

function readSuccessful(database: QueryDatabase, scope: Scope, add: Add): void {
	if (!database.has("task_exec", "argv")) return;
	const { where, values } = conditions(scope, "exe");
	const rows = database.rows<[bigint, bigint, string, Uint8Array]>(
		`SELECT process_pid, ts, exe, argv FROM task_exec ${where} ORDER BY ts`,
		...values,
	);
	for (const [pid, ts, path, argv] of rows) {
		const command = commandOf(argv);
		add(Number(pid), { atNs: ts - scope.facts.start, path, command, errno: null });
	}
}

function readFailed(database: QueryDatabase, scope: Scope, add: Add): void {
	const view = hasRows(database, "execs") ? "execs" : "syscalls";
	if (!database.has(view)) return;
	const command = view === "execs" ? "command" : "NULL";
	const { where, values } = conditions(scope, "path");
	const rows = database.rows<[bigint, bigint, string | null, string | null, string]>(
		`SELECT pid, ts, path, ${command}, errno FROM ${view}
		 ${where === "" ? "WHERE" : `${where} AND`} name IN ${CALLS} AND errno IS NOT NULL ORDER BY ts`,
		...values,
	);
	for (const [pid, ts, path, line, errno] of rows) {
		add(Number(pid), { atNs: ts - scope.facts.start, path, command: line, errno });
	}
}

function hasRows(database: QueryDatabase, view: string): boolean {
	if (!database.has(view)) return false;
	for (const [found] of database.numberRows<[number]>(`SELECT EXISTS (SELECT 1 FROM ${view})`)) {
		return found === 1;
	}
	return false;
}

/** Whose process is asked about is known by the process alone: a name changes with the program. */
function conditions(
	{ range, path }: Scope,
	column: string,
): { readonly where: string; readonly values: readonly SqlValue[] } {
	const parts: string[] = [];
	const values: SqlValue[] = [];
	if (range.since !== undefined) {
		parts.push("ts >= ?");
		values.push(range.since);
	}
	if (range.until !== undefined) {
		parts.push("ts < ?");
		values.push(range.until);
	}
	if (path !== undefined) {
		parts.push(path.condition(column));
		values.push(path.text);
	}
	return { where: parts.length === 0 ? "" : `WHERE ${parts.join(" AND ")}`, values };
}

/** Arguments, each ended by NUL, as a shell would take them. */
function commandOf(argv: Uint8Array): string {
	const words = Buffer.from(argv).toString("utf8").split("\0").slice(0, -1);
	return words.map(shellWord).join(" ");
}

function shellWord(word: string): string {
	return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
