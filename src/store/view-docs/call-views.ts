import { COMM, CPU, PID, TID } from "./common-columns.js";
import type { ViewDoc } from "./view-doc.js";

const argument = (position: number) => ({
	meaning: `Argument ${position} as the register held it, all 64 bits; NULL when the call has none. \`printf('%x', …)\` shows it unsigned.`,
});

export const SYSCALLS: ViewDoc = {
	name: "syscalls",
	row: "A system call. One whose other half was not recorded is there too, without what that half tells.",
	columns: {
		ts: { unit: "ns", meaning: "When the kernel was entered, CLOCK_MONOTONIC." },
		dur: { unit: "ns", meaning: "Until it returned; NULL: it did not, or nobody saw it." },
		cpu: CPU,
		pid: PID,
		tid: TID,
		comm: COMM,
		name: { meaning: "Of the call, as its own table has it; `syscall_NR` for one it has not." },
		arg0: argument(0),
		arg1: argument(1),
		arg2: argument(2),
		arg3: argument(3),
		arg4: argument(4),
		arg5: argument(5),
		ret: { meaning: "What it returned; an error is minus its number." },
		errno: { meaning: "Name of the error, such as `ENOENT`; NULL: none." },
		path: { meaning: "First path among its arguments; NULL: it has none, or it was not recorded." },
		path2: { meaning: "Second path (rename, link, mount)." },
		fd_path: { meaning: "What its descriptor stood for; NULL when that is not certain." },
	},
};
