import { CONTEXT, LOGS, SCHED_SLICES, STACKS } from "./activity-views.js";
import { SYSCALLS } from "./call-views.js";
import { PROCESS, THREAD } from "./process-views.js";
import { LOSSES, SESSION, STATS } from "./session-views.js";
import type { ViewDoc } from "./view-doc.js";

/** Every view of the store, in the order of docs/views.md: a new one is described and gets a line here. */
export const VIEW_DOCS: readonly ViewDoc[] = [
	SESSION,
	PROCESS,
	THREAD,
	SYSCALLS,
	SCHED_SLICES,
	LOGS,
	CONTEXT,
	STACKS,
	LOSSES,
	STATS,
];
