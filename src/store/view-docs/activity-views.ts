import { COMM, CPU, PID, TID } from "./common-columns.js";
import type { ViewDoc } from "./view-doc.js";

export const SCHED_SLICES: ViewDoc = {
	name: "sched_slices",
	row: "A time that a thread had a processor.",
	columns: {
		ts: { unit: "ns", meaning: "When it got it, CLOCK_MONOTONIC." },
		dur: { unit: "ns", meaning: "For how long; NULL: the recording ended or records were lost." },
		cpu: CPU,
		pid: { meaning: "Process; 0 is the processor's idle task." },
		tid: TID,
		comm: COMM,
		end_state: {
			meaning:
				"Why it gave it up, in ftrace's letters: `R` another's turn, `R+` pre-empted, `S` sleeps, `D` sleeps and cannot be woken by signals, `X` and `Z` dies.",
		},
	},
};

export const LOGS: ViewDoc = {
	name: "logs",
	row: "A line or bytes that kernel code logged.",
	columns: {
		ts: { unit: "ns", meaning: "CLOCK_MONOTONIC." },
		cpu: CPU,
		pid: PID,
		comm: COMM,
		text: { meaning: "The line, without a newline at its end; bytes as hexadecimal digits." },
		tid: TID,
		source: { meaning: "Where it was recorded: `printk`, `klog`." },
		data: { meaning: "Bytes as they were given, for what is no line." },
		truncated: { meaning: "1: the line was longer than what was kept." },
	},
};

export const CONTEXT: ViewDoc = {
	name: "context",
	row: "What a record carries beside its fields (`record --context`). It has `ts`, `cpu` and `tid` of the record's own row.",
	columns: {
		ts: { unit: "ns", meaning: "Of the record, CLOCK_MONOTONIC." },
		cpu: CPU,
		pid: PID,
		tid: TID,
		comm: COMM,
		event: { meaning: "Name of the event, such as `syscall_enter` or `syscall_exit_short`." },
		kernel_stack: { meaning: "The kernel's stack, `stack` in `stacks`." },
		user_stack: { meaning: "User space's stack, `stack` in `stacks`." },
		cgroup: { meaning: "Inode number of the task's cgroup directory." },
		pid_ns: { meaning: "Inode number of the pid namespace." },
		net_ns: { meaning: "Inode number of the network namespace." },
		user_ns: { meaning: "Inode number of the user namespace." },
		uts_ns: { meaning: "Inode number of the UTS namespace." },
		ipc_ns: { meaning: "Inode number of the IPC namespace." },
		cgroup_ns: { meaning: "Inode number of the cgroup namespace." },
		time_ns: { meaning: "Inode number of the time namespace." },
		interrupt: { meaning: "1: it happened in an interrupt, and the task is the interrupted one." },
		kernel_cut: { meaning: "1: the kernel's stack is not whole." },
		user_cut: { meaning: "1: user space's stack is not whole." },
		cgroup_path: { meaning: "Path of the cgroup in its hierarchy." },
	},
};

export const STACKS: ViewDoc = {
	name: "stacks",
	row: "A frame of a stack; each different stack is there once.",
	columns: {
		stack: { meaning: "Number of the stack." },
		kind: { meaning: "`kernel` or `user`." },
		level: { meaning: "0 is innermost." },
		address: { meaning: "Where it would return to; `printf('%x', address)` shows it as usual." },
		symbol: { meaning: "Function; NULL when its name is not known." },
		symbol_offset: { unit: "bytes", meaning: "Of the address in the function." },
		object: { meaning: "`kernel`, a kernel module, or a file." },
		object_offset: { unit: "bytes", meaning: "Of the address in the file." },
	},
};

export const ALERTS: ViewDoc = {
	name: "alerts",
	row: "What an audit rule found: of the last `relayscope audit`, and of rules that ran while recording.",
	columns: {
		ts: { unit: "ns", meaning: "Of the row that completed the rule, CLOCK_MONOTONIC." },
		rule: { meaning: "Name of the rule." },
		severity: { meaning: "`info`, `low`, `medium`, `high` or `critical`." },
		pid: PID,
		comm: COMM,
		message: { meaning: "The rule's message, filled in." },
		source_view: { meaning: "View of that row." },
		source_id: {
			meaning:
				"Which row: of most views `ts || '/' || tid`; the key's other columns are in [audit.md](audit.md).",
		},
		pack: { meaning: "Pack of the rule." },
		repeats: { meaning: "Further rows that the rule folds into this alert." },
		origin: { meaning: "`audit`: of the stored session." },
	},
	notes:
		"The database is made anew when it is missing: then `relayscope audit` fills this in again.",
};
