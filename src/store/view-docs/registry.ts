import { ALERTS, CONTEXT, LOGS, SCHED_SLICES, STACKS } from "./activity-views.js";
import { BLOCK_DEVICES, BLOCK_IOS, BLOCK_REQUESTS, IO_CAUSES } from "./block-views.js";
import { ARGUMENT_SYMBOLS, SYSCALL_ARGUMENTS, SYSCALLS } from "./call-views.js";
import { CREDENTIALS, EXECS, FILES, SOCKET_CALLS, SOCKETS } from "./file-views.js";
import { PROCESS, THREAD } from "./process-views.js";
import { LOSSES, SESSION, STATS } from "./session-views.js";
import type { ViewDoc } from "./view-doc.js";

/** Every view of the store, in the order of docs/views.md: a new one is described and gets a line here. */
export const VIEW_DOCS: readonly ViewDoc[] = [
	SESSION,
	PROCESS,
	THREAD,
	CREDENTIALS,
	EXECS,
	SYSCALLS,
	SYSCALL_ARGUMENTS,
	ARGUMENT_SYMBOLS,
	FILES,
	SOCKETS,
	SOCKET_CALLS,
	BLOCK_REQUESTS,
	BLOCK_IOS,
	IO_CAUSES,
	BLOCK_DEVICES,
	SCHED_SLICES,
	LOGS,
	CONTEXT,
	STACKS,
	ALERTS,
	LOSSES,
	STATS,
];
