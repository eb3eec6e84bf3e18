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
		path_given: { meaning: "`path` as the caller wrote it." },
		path2_given: { meaning: "`path2` as the caller wrote it." },
		fd_path2: { meaning: "What its second descriptor stood for." },
		path_truncated: {
			meaning: "1: a path was longer than what the kernel takes, and is not whole.",
		},
		abi: { meaning: "Table that it was made through: `x86_64`, `ia32` or `x32`." },
	},
	notes:
		"Paths are NULL unless strings were recorded (`record --strings`). What the arguments mean, and the names of their values, is in `syscall_arguments` and `argument_symbols`; `relayscope report SESSION calls` writes calls out.",
};

export const SYSCALL_ARGUMENTS: ViewDoc = {
	name: "syscall_arguments",
	row: "An argument of a call of the recorded kernel, made or not.",
	columns: {
		name: { meaning: "The call, as `name` in `syscalls`." },
		abi: { meaning: "`x86_64` (x32 shares it) or `ia32`." },
		position: { meaning: "0 for `arg0`." },
		argument: { meaning: "Its name, as the kernel declares it." },
		type: { meaning: "Its type in C, likewise. 32-bit calls have 32 bits of it." },
		kind: {
			meaning:
				"`kind` in `argument_symbols`, or `fd`, `mode` (permissions), `string`, `address`, `hex`, `signed`, `unsigned`.",
		},
	},
};

export const ARGUMENT_SYMBOLS: ViewDoc = {
	name: "argument_symbols",
	row: "A name that holds for an argument of that kind when `argument & mask = value`. More than one may.",
	columns: {
		kind: { meaning: "Kind of argument, such as `open_flags`, `signal`." },
		mask: { meaning: "The bits that matter; of a value that has one meaning all 32." },
		value: { meaning: "What they are." },
		symbol: { meaning: "The name, such as `O_CREAT`." },
	},
	notes:
		"Flags that a mount has besides `MS_MGC_VAL` are only those below 65536. Kinds of some arguments depend on others (`fcntl`, `prctl`, `socket`); the report `calls` knows how.",
};
