import type { CommandEntry } from "./command.js";

/** Every command, in the order of `relayscope --help`: a new one is a file and a line here. */
export const COMMANDS: readonly CommandEntry[] = [
	{
		name: "doctor",
		summary: "say whether this machine can be recorded, else what to do",
		load: () => import("./commands/doctor.js"),
	},
	{
		name: "sources",
		summary: "list what can be recorded on this kernel",
		load: () => import("./commands/sources.js"),
	},
	{
		name: "record",
		summary: "record a command, processes or the whole system into a session",
		wraps: true,
		load: () => import("./commands/record.js"),
	},
	{
		name: "snapshot",
		summary: "have a flight recorder write what it holds to a session",
		load: () => import("./commands/snapshot.js"),
	},
	{
		name: "report",
		summary: "summarise a session: calls, processes, sched, stacks, losses",
		load: () => import("./commands/report.js"),
	},
	{
		name: "query",
		summary: "ask a session questions in SQL",
		load: () => import("./commands/query.js"),
	},
	{
		name: "audit",
		summary: "run audit rules over a session",
		load: () => import("./commands/audit.js"),
	},
	{
		name: "import",
		summary: "make a session of a blktrace, or build a session's database",
		load: () => import("./commands/import.js"),
	},
	{
		name: "vm",
		summary: "run a command in a disposable virtual machine with the modules",
		wraps: true,
		load: () => import("./commands/vm.js"),
	},
	{
		name: "gen",
		summary: "derive C header, schema and docs from the event declarations",
		load: () => import("./commands/gen.js"),
	},
];
