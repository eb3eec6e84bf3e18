import type { SymbolSet } from "./symbol-set.js";
import { DESCRIPTORS_SYMBOLS } from "./symbols/descriptors.js";
import { FILES_SYMBOLS } from "./symbols/files.js";
import { IOCTLS_SYMBOLS } from "./symbols/ioctls.js";
import { IPC_SYMBOLS } from "./symbols/ipc.js";
import { MEMORY_SYMBOLS } from "./symbols/memory.js";
import { MOUNTS_SYMBOLS } from "./symbols/mounts.js";
import { PRIVILEGES_SYMBOLS } from "./symbols/privileges.js";
import { PROCESSES_SYMBOLS } from "./symbols/processes.js";
import { SIGNALS_SYMBOLS } from "./symbols/signals.js";
import { SOCKETS_SYMBOLS } from "./symbols/sockets.js";
import { TIME_SYMBOLS } from "./symbols/time.js";

/** Every kind of argument whose values have names: values of x86, from the kernel's uapi headers. */
export const SYMBOL_SETS: readonly SymbolSet[] = [
	...FILES_SYMBOLS,
	...DESCRIPTORS_SYMBOLS,
	...IOCTLS_SYMBOLS,
	...MOUNTS_SYMBOLS,
	...MEMORY_SYMBOLS,
	...PROCESSES_SYMBOLS,
	...SIGNALS_SYMBOLS,
	...SOCKETS_SYMBOLS,
	...IPC_SYMBOLS,
	...TIME_SYMBOLS,
	...PRIVILEGES_SYMBOLS,
];
