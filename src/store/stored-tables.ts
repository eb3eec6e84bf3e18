import type { EventSchema } from "../schema/event-schema.js";
import { eventColumns, eventTableName } from "../schema/table-ddl.js";
import { ARGUMENT_TABLE } from "./argument-tables.js";
import type { InsertColumn } from "./batched-insert.js";
import { blockTables } from "./block-tables.js";
import { callDetailTables } from "./call-detail-tables.js";
import { callPathTables } from "./call-path-tables.js";
import { contextTables } from "./context-tables.js";
import type { StoredTable } from "./stored-table.js";
import { timeColumn } from "./time-column.js";

/** In the order in which rows that were waiting are written. */
export function storedTables(
	timeBase: bigint,
	events: readonly EventSchema[],
	strings: boolean,
): readonly StoredTable[] {
	const time = (name: string): InsertColumn => timeColumn(name, timeBase);
	return [
		{
			name: "process_row",
			columns: [
				"upid",
				"pid",
				"ppid",
				"uid",
				"comm",
				"exe",
				"argv",
				"cmdline",
				time("start_ts"),
				time("end_ts"),
				"exit_status",
				...["euid", "gid", "loginuid", "session_id", "cgroup", "container"],
			],
			batch: 20,
		},
		{ name: "thread_row", columns: ["utid", "upid", "tid", "comm"], batch: 20 },
		{ name: "correction", columns: ["utid", "pid", "comm"], batch: 20 },
		{ name: "caller", columns: ["id", "utid", "pid", "tid", "comm", "name", "abi"], batch: 100 },
		{ name: "named_thread", columns: ["id", "utid", "pid", "tid", "comm"], batch: 100 },
		{
			name: "call_window",
			columns: [time("begin_ts"), time("end_ts"), "figures"],
			batch: 1,
		},
		{
			name: "log_row",
			columns: [time("ts"), "cpu", "thread", "source", "text", "data", "truncated"],
			batch: 20,
		},
		...contextTables(time),
		...(strings ? [...callPathTables(time), ...callDetailTables(time)] : []),
		...blockTables(time),
		{
			name: "loss_row",
			columns: [time("ts_begin"), time("ts_end"), "channel", "cpu", "lost"],
			batch: 1,
		},
		ARGUMENT_TABLE,
		{ name: "stat_row", columns: ["channel", "cpu", "name", "value"], batch: 1 },
		{ name: "session_value", columns: ["key", "value"], batch: 1 },
		...events.map((event) => ({
			name: eventTableName(event),
			columns: eventColumns(event).map(({ name }) => (name === "ts" ? time(name) : name)),
			batch: 20,
		})),
	];
}
