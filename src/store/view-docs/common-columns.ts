import type { ColumnDoc } from "./view-doc.js";

/** Columns that mean the same in every view that has them. */
export const CPU: ColumnDoc = { meaning: "Processor it was recorded on." };
export const PID: ColumnDoc = {
	meaning: "Process (what the kernel calls a thread group); NULL when it is not known.",
};
export const TID: ColumnDoc = { meaning: "Thread; of a process's first one the same as `pid`." };
export const COMM: ColumnDoc = {
	meaning: "Name of the thread at that time; NULL when it is not known.",
};
