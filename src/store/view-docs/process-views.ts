import type { ViewDoc } from "./view-doc.js";

export const PROCESS: ViewDoc = {
	name: "process",
	row: "A process that lived while the recording ran. It stays the same row when it executes another program.",
	columns: {
		upid: { meaning: "Number of the process, unique in the session: a `pid` is used again." },
		pid: { meaning: "The kernel's number of it." },
		ppid: { meaning: "`pid` of its parent when it was born or first seen." },
		uid: { meaning: "Real user id." },
		comm: { meaning: "Its last name." },
		exe: { meaning: "Path of the program that it ran last." },
		cmdline: { meaning: "Arguments of that program, separated by spaces." },
		start_ts: {
			unit: "ns",
			meaning: "Birth, CLOCK_MONOTONIC; earlier than the recording for what ran already.",
		},
		end_ts: { unit: "ns", meaning: "Death; NULL: it lived when the recording ended." },
		exit_status: {
			meaning: "As a shell reports it: 128 and the signal's number for a process that was killed.",
		},
		euid: { meaning: "Effective user id, as it was last." },
		gid: { meaning: "Real group id, as it was last." },
		loginuid: { meaning: "User who logged in; NULL: nobody did, or it is not known." },
		session_id: { meaning: "The audit session of that login." },
		cgroup: { meaning: "Path of its cgroup in the hierarchy." },
		container: { meaning: "Id of its container, by the cgroup's path; NULL: in none." },
	},
};

export const THREAD: ViewDoc = {
	name: "thread",
	row: "A thread of a process.",
	columns: {
		utid: { meaning: "Number of the thread, unique in the session." },
		upid: { meaning: "Its process in `process`." },
		tid: { meaning: "The kernel's number of it." },
		comm: { meaning: "Its last name." },
	},
};
