import { block } from "./block.js";
import { calls } from "./calls.js";
import { changes } from "./changes.js";
import { errors } from "./errors.js";
import { exec } from "./exec.js";
import { files } from "./files.js";
import { latency } from "./latency.js";
import { losses } from "./losses.js";
import { network } from "./network.js";
import { processes } from "./processes.js";
import type { Report } from "./report.js";
import { sched } from "./sched.js";
import { slow } from "./slow.js";
import { stacks } from "./stacks.js";
import { syscalls } from "./syscalls.js";

/** Every report, in the order of `relayscope report --help`: a new one is a file and a line here. */
export const REPORTS: readonly Report[] = [
	syscalls,
	calls,
	errors,
	files,
	changes,
	network,
	block,
	latency,
	slow,
	processes,
	exec,
	sched,
	stacks,
	losses,
];
