import { COMM, PID, TID } from "./common-columns.js";
import type { ViewDoc } from "./view-doc.js";

const CALL_TIME = { unit: "ns", meaning: "When the call began, CLOCK_MONOTONIC." };
const CALL_DUR = { unit: "ns", meaning: "Until it returned; NULL: it did not." };
const RET = { meaning: "What it returned; an error is minus its number." };
const ERRNO = { meaning: "Name of the error; NULL: none." };

export const EXECS: ViewDoc = {
	name: "execs",
	row: "A call of execve or execveat, those that failed too. Only where strings were recorded.",
	columns: {
		ts: CALL_TIME,
		dur: CALL_DUR,
		pid: PID,
		tid: TID,
		comm: { meaning: "Name of the thread before it." },
		name: { meaning: "`execve` or `execveat`." },
		upid: { meaning: "Its process in `process`." },
		ppid: { meaning: "`pid` of its parent then." },
		path: { meaning: "The program, from the root." },
		path_given: { meaning: "The program as the caller wrote it." },
		argv: { meaning: "Arguments, a JSON array; NULL: not readable." },
		command: { meaning: "The same, quoted as a shell would take them." },
		env: { meaning: "Of the environment, the variables that were asked for: a JSON object." },
		truncated: { meaning: "1: more than what was kept." },
		ret: RET,
		errno: ERRNO,
	},
};

export const FILES: ViewDoc = {
	name: "files",
	row: "A file that a recorded process had open, under the name that it had then. Only where strings were recorded.",
	columns: {
		ts: { unit: "ns", meaning: "When it was first met, CLOCK_MONOTONIC." },
		path: { meaning: "Its path, from the root; `pipe:[N]` and the like for what has none." },
		dev: { meaning: "Device of the file system: major << 20 | minor." },
		ino: { meaning: "Inode number." },
		type: {
			meaning: "`file`, `directory`, `socket`, `pipe`, `block`, `char`, `symlink`, `other`.",
		},
		mode: { meaning: "Permission bits." },
	},
};

export const SOCKETS: ViewDoc = {
	name: "sockets",
	row: "A socket whose addresses are known. Only where strings were recorded.",
	columns: {
		socket: { meaning: "`socket:[N]`, as `fd_path` has it." },
		ts: { unit: "ns", meaning: "When the first address was met, CLOCK_MONOTONIC." },
		family: {
			meaning: "`unix`, `inet`, `inet6`, `netlink`, …; it may be that of any of its calls.",
		},
		local: { meaning: "Address that it was bound to last." },
		local_port: { meaning: "Port of that." },
		peer: { meaning: "Address that it was connected to last." },
		peer_port: { meaning: "Port of that." },
	},
};

export const SOCKET_CALLS: ViewDoc = {
	name: "socket_calls",
	row: "An address that a call on a socket gave or got. Only where strings were recorded.",
	columns: {
		ts: CALL_TIME,
		dur: CALL_DUR,
		pid: PID,
		tid: TID,
		comm: COMM,
		name: { meaning: "The call, such as `connect`." },
		fd: { meaning: "The descriptor." },
		socket: { meaning: "`socket:[N]`; NULL when it is not certain which one." },
		side: { meaning: "`local` or `peer`: whose address it is." },
		family: { meaning: "`unix`, `inet`, `inet6`, `netlink`, …" },
		address: { meaning: "As text." },
		port: { meaning: "Port; NULL for families without." },
		ret: RET,
		errno: ERRNO,
	},
};

export const CREDENTIALS: ViewDoc = {
	name: "credentials",
	row: "Whose a task was from then on: at the start, and after every call that changed it.",
	columns: {
		ts: { unit: "ns", meaning: "CLOCK_MONOTONIC." },
		upid: { meaning: "Its process in `process`." },
		pid: PID,
		tid: TID,
		uid: { meaning: "Real user id." },
		euid: { meaning: "Effective user id." },
		gid: { meaning: "Real group id." },
		egid: { meaning: "Effective group id." },
		loginuid: { meaning: "User who logged in; NULL: nobody did." },
		session_id: { meaning: "The audit session of that login; NULL: none." },
		comm: COMM,
	},
};
