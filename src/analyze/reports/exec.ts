import { type ProcessLife, readProcessLives } from "./process-lives.js";
import { treeOrder } from "./process-tree.js";
import { type ProgramRun, readProgramRuns } from "./program-runs.js";
import { type Cell, defineReport, limited } from "./report.js";

interface ExecRow extends ProcessLife {
	/** Generations below the first process shown. */
	readonly depth: number;
	/** What it ran and failed to run in the range, one after the other. */
	readonly programs: readonly ProgramRun[];
}

interface ExecResult {
	readonly processes: readonly ExecRow[];
	readonly omitted: number;
	/** Tries that failed, of all processes shown or not. */
	readonly failed: number;
}

/** Who ran what: the tree of processes with every program that they ran or failed to run. */
export const exec = defineReport<ExecResult>({
	name: "exec",
	summary: "who ran what: the process tree, command lines, exits, failed tries",
	by: ["process"],
	filters: ["pid", "comm", "path"],

	build(database, scope) {
		if (!database.has("process")) return { processes: [], omitted: 0, failed: 0 };
		const runs = readProgramRuns(database, scope);
		const lives = readProcessLives(database, scope)
			.map((life) => ({ ...life, programs: runs.get(life.upid) ?? [] }))
			// Asked about a program, who neither ran nor tried it is of no interest.
			.filter(({ programs }) => scope.path === undefined || programs.length > 0);
		const failed = lives
			.flatMap(({ programs }) => programs)
			.filter(({ errno }) => errno !== null).length;
		const { rows, omitted } = limited(treeOrder(lives), scope.limit);
		return { processes: rows, omitted, failed };
	},

	tables({ processes, omitted, failed }) {
		return [
			{
				title: "Programs",
				columns: [
					{ title: "pid", kind: "id" },
					{ title: "ppid", kind: "id" },
					{ title: "uid", kind: "id" },
					{ title: "at", kind: "offset" },
					{ title: "duration", kind: "duration" },
					{ title: "exit", kind: "id" },
					{ title: "command", kind: "text", shrinks: true },
				],
				rows: processes.flatMap(linesOf),
				omitted,
				whenEmpty: "No process: none lived in this range, or none is the one asked for.",
				notes: failed > 0 ? [`${failed} tries to run a program failed.`] : [],
			},
		];
	},
});

/** A line for the process, and one for each program when there is more to say. */
function linesOf(row: ExecRow): readonly (readonly Cell[])[] {
	const indent = "  ".repeat(row.depth);
	const { pid, ppid, uid, startNs, durationNs, exitStatus, programs } = row;
	const command = row.cmdline || row.exe || row.comm || "?";
	const line = [pid, ppid, uid, startNs, durationNs, exitStatus, indent + command];
	const [only, ...others] = programs;
	if (only === undefined || (others.length === 0 && only.errno === null)) {
		return [[...line.slice(0, 6), indent + (only?.command || command)]];
	}
	return [
		line,
		...programs.map((run) => ["", "", "", run.atNs, null, "", `${indent}  ${runText(run)}`]),
	];
}

function runText({ command, path, errno }: ProgramRun): string {
	if (errno === null) return `ran ${command || path || "?"}`;
	return `failed to run ${path ?? command ?? "a program"}: ${errno}`;
}
