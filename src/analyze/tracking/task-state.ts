import type { EndState } from "../../store/tables.js";

const PREEMPTED = 4;

/** The kernel's TASK_REPORT states, lowest bit first, as ftrace and Perfetto write them. */
const LETTERS = ["S", "D", "T", "t", "X", "Z", "P"] as const;
const REPORTED = 0x7f;
const DEAD = 0x80;
const UNINTERRUPTIBLE = 0x02;
const NOLOAD = 0x400;
const RTLOCK_WAIT = 0x1000;
const FROZEN = 0x8000;

/** How a thread left its CPU, from the task state bits of kernels 6.1 and later. */
export function endState(prevState: number, flags: number): EndState {
	if ((flags & PREEMPTED) !== 0) return "R+";
	if ((prevState & (UNINTERRUPTIBLE | NOLOAD)) === (UNINTERRUPTIBLE | NOLOAD)) return "I";
	// As the kernel's own __task_state_index() has it: these wait like any other uninterruptibly.
	if ((prevState & (RTLOCK_WAIT | FROZEN)) !== 0) return "D";
	const reported = prevState & REPORTED;
	if (reported === 0) return (prevState & DEAD) === 0 ? "R" : "X";
	// fls(): the highest state counts.
	return LETTERS[31 - Math.clz32(reported)] as EndState;
}
