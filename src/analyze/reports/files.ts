import type { QueryDatabase } from "../query/query-database.js";
import { hasFiles, readFileUse } from "./file-calls.js";
import { addFigures, type FileFigures, NO_USE } from "./file-use.js";
import { defineReport, limited, type ReportColumn, type Scope } from "./report.js";

interface FileRow extends FileFigures {
	readonly path: string;
	/** Only when rows stand for a file and a process. */
	readonly pid?: number;
	readonly upid?: number | null;
	readonly comm?: string | null;
	/** Only when rows stand for files: how many processes named it. */
	readonly processes?: number;
}

interface FilesResult {
	readonly by: string;
	/** Whether the recording knows which files calls are about. */
	readonly recorded: boolean;
	readonly files: readonly FileRow[];
	readonly omitted: number;
}

/** What was done to which file, and by whom. */
export const files = defineReport<FilesResult>({
	name: "files",
	summary: "what was done to which file: bytes, calls, errors, time",
	by: ["file", "process"],
	filters: ["pid", "comm", "path"],

	build(database, scope) {
		if (!hasFiles(database)) return { by: scope.by, recorded: false, files: [], omitted: 0 };
		const found = totalFiles(database, scope).sort(byTraffic);
		const { rows, omitted } = limited(found, scope.limit);
		return { by: scope.by, recorded: true, files: rows, omitted };
	},

	tables({ by, recorded, files: rows, omitted }) {
		const byProcess = by === "process";
		const whose: ReportColumn[] = [
			{ title: "pid", kind: "id" },
			{ title: "comm", kind: "text" },
		];
		return [
			{
				title: byProcess ? "Files by process" : "Files",
				columns: [
					...(byProcess ? whose : []),
					{ title: "read", kind: "bytes" },
					{ title: "written", kind: "bytes" },
					{ title: "changes", kind: "count" },
					{ title: "calls", kind: "count" },
					{ title: "errors", kind: "count" },
					{ title: "time", kind: "duration" },
					...(byProcess ? [] : [{ title: "processes", kind: "count" } as const]),
					{ title: "file", kind: "text", shrinks: true },
				],
				rows: rows.map((row) => [
					...(byProcess ? [row.pid ?? null, row.comm ?? null] : []),
					...[row.bytesRead, row.bytesWritten, row.changes, row.calls, row.errors, row.timeNs],
					...(byProcess ? [] : [row.processes ?? null]),
					row.path,
				]),
				omitted,
				whenEmpty: recorded
					? "No file was named by the calls asked about."
					: "Which files calls are about was not recorded: record with --strings.",
			},
		];
	},
});

function totalFiles(database: QueryDatabase, scope: Scope): FileRow[] {
	const found = readFileUse(database, scope);
	if (scope.by === "process") {
		return found.map(({ caller: { pid, upid, processComm }, path, figures }) => ({
			...{ path, pid, upid, comm: processComm },
			...figures,
		}));
	}
	const files = new Map<string, { figures: FileFigures; processes: number }>();
	for (const { path, figures } of found) {
		const file = files.get(path) ?? { figures: NO_USE, processes: 0 };
		file.figures = addFigures(file.figures, figures);
		file.processes++;
		files.set(path, file);
	}
	return [...files].map(([path, { figures, processes }]) => ({ path, processes, ...figures }));
}

function byTraffic(a: FileRow, b: FileRow): number {
	const [x, y] = [a.bytesRead + a.bytesWritten, b.bytesRead + b.bytesWritten];
	if (x !== y) return x < y ? 1 : -1;
	if (a.calls !== b.calls) return b.calls - a.calls;
	if (a.path !== b.path) return a.path < b.path ? -1 : 1;
	return (a.upid ?? a.pid ?? 0) - (b.upid ?? b.pid ?? 0);
}
