/** What is told of the lives of threads, whichever transport told it. */

export interface Fork {
	readonly ts: number;
	readonly parentTid: number;
	/** Where the event tells it. */
	readonly parentPid: number | undefined;
	readonly tid: number;
	readonly pid: number;
	/** Only messages tell the rest. */
	readonly birth:
		| { readonly startBoottime: bigint; readonly uid: number; readonly comm: string }
		| undefined;
}

export interface Exit {
	readonly ts: number;
	readonly tid: number;
	readonly pid: number;
	/** It was the last thread of its process. */
	readonly groupDead: boolean;
	/** As wait(2) gives it. */
	readonly exitCode: number;
	readonly startBoottime: bigint | undefined;
}

export interface Exec {
	readonly ts: number;
	readonly tid: number;
	readonly oldTid: number;
	readonly filename: string;
	/** Only messages tell the rest. */
	readonly program:
		| {
				readonly startBoottime: bigint;
				readonly uid: number;
				readonly comm: string;
				readonly exe: string;
				readonly argv: Buffer;
		  }
		| undefined;
}

/** Of a wait status: the exit status, or 128 and the signal that ended the process. */
export function shellStatus(waitStatus: number): number {
	const signal = waitStatus & 0x7f;
	return signal === 0 ? (waitStatus >> 8) & 0xff : 128 + signal;
}

/** The kernel's TASK_COMM_LEN, without the NUL. */
const COMM_LENGTH = 15;

/** As the kernel names a thread that runs a program. */
export function programName(filename: string): string {
	const base = Buffer.from(filename.slice(filename.lastIndexOf("/") + 1));
	return base.toString("utf8", 0, Math.min(base.length, COMM_LENGTH));
}
