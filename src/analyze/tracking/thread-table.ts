import { type ProcessIdentity, type ProcessSnapshot, UNSET_ID } from "../../session/metadata.js";
import type { LifeRows } from "../../store/life-rows.js";
import { DeadThreads } from "./dead-threads.js";
import { type Exec, type Exit, type Fork, programName, shellStatus } from "./life-events.js";
import { type Origin, Process, Thread } from "./thread.js";

export interface RecordedClock {
	/** CLOCK_BOOTTIME of the time base, ns. */
	readonly boottime: bigint;
	readonly ticksPerSecond: number;
}

/** Told of what ends or moves the things that other trackers keep by thread. */
export interface ThreadListener {
	/** It will do nothing any more. */
	ended(thread: Thread): void;
	/** By execve it goes on as another thread, whose own doings ended before. */
	continuesAs(from: Thread, to: Thread): void;
	/** A new thread, of the same process or a new one. */
	forked(parent: Thread, child: Thread): void;
	/** It runs another program; the same execve may be told twice. */
	executed(thread: Thread): void;
}

/**
 * Which process and thread a thread id meant at a time. Made from the snapshot at the start, then
 * from lifecycle messages and, where those were lost, scheduler records; the same event told by
 * both counts once. A thread met without any history gets a process of its own, without a name.
 */
export class ThreadTable {
	readonly #threads = new Map<number, Thread>();
	readonly #processes = new Map<number, Process>();
	readonly #rows: LifeRows;
	readonly #clock: RecordedClock;
	readonly #ticksPerSecond: bigint;
	readonly #freeSlots: number[] = [];
	#listener: ThreadListener | undefined;
	readonly #dead = new DeadThreads();
	#lastUpid = 0;
	#lastUtid = 0;
	#slots = 0;

	constructor(rows: LifeRows, clock: RecordedClock) {
		this.#rows = rows;
		this.#clock = clock;
		this.#ticksPerSecond = BigInt(clock.ticksPerSecond || 100);
	}

	listen(listener: ThreadListener): void {
		this.#listener = listener;
	}

	/** Slots in use are below this. */
	get slots(): number {
		return this.#slots;
	}

	snapshot(processes: readonly ProcessSnapshot[]): void {
		for (const { pid, ppid, uid, comm, exe, cmdline, threads, identity } of processes) {
			const process = this.#newProcess(pid);
			Object.assign(process, { ppid, uid, comm });
			process.exe = exe === "" ? null : exe;
			process.argv = cmdline.length === 0 ? null : Buffer.from(cmdline);
			if (identity !== undefined) Object.assign(process, identityOf(identity));
			for (const { tid, comm, startTicks } of threads) {
				const thread = this.#newThread(tid, process, "snapshot", 0);
				thread.comm = comm;
				thread.startTicks = startTicks;
				if (tid !== pid) continue;
				const boottime = (startTicks * 1_000_000_000n) / this.#ticksPerSecond;
				process.startTs = this.#sinceBase(boottime);
			}
		}
	}

	/** The thread that this id means now, if anything is known of it. */
	find(tid: number): Thread | undefined {
		return this.#threads.get(tid);
	}

	/** The thread that this id means now. */
	at(tid: number, ts: number): Thread {
		return this.#threads.get(tid) ?? this.#unknownThread(tid, tid, ts);
	}

	fork(fork: Fork): void {
		const { ts, tid, pid, birth } = fork;
		const known = this.#threads.get(tid);
		if (known !== undefined && this.#isSameFork(known, fork)) {
			this.#identify(known, pid, birth?.startBoottime);
			const teller = birth === undefined ? "record" : "message";
			const other = birth === undefined ? "message" : "record";
			known.origin = known.origin === other ? "both" : teller;
			if (birth !== undefined) this.#describe(known, birth.comm, birth.uid);
			return;
		}
		const parent =
			this.#threads.get(fork.parentTid) ??
			this.#unknownThread(fork.parentTid, fork.parentPid ?? fork.parentTid, ts);
		if (fork.parentPid !== undefined) this.#identify(parent, fork.parentPid, undefined);
		if (known !== undefined) this.#replace(known);
		const process = pid === tid ? this.#bornProcess(pid, parent.process) : this.#processAt(pid);
		const origin = birth === undefined ? "record" : "message";
		const thread = this.#newThread(tid, process, origin, ts);
		thread.comm = birth?.comm ?? parent.comm;
		thread.startBoottime = birth?.startBoottime;
		this.#listener?.forked(parent, thread);
		if (!thread.isLeader) return;
		process.comm = thread.comm;
		process.uid = birth?.uid ?? parent.process.uid;
		process.startTs = birth === undefined ? BigInt(ts) : this.#sinceBase(birth.startBoottime);
	}

	exec(exec: Exec): void {
		const { ts, tid, oldTid, program } = exec;
		const thread = this.#resolve(tid, tid, program?.startBoottime, ts);
		const { process } = thread;
		if (oldTid !== tid) {
			// The leader died, and the caller took its id and its birth over.
			const caller = this.#threads.get(oldTid);
			thread.ended = false;
			if (caller !== undefined && caller !== thread && !caller.ended) {
				this.#listener?.continuesAs(caller, thread);
				this.#end(caller);
			}
		}
		this.#listener?.executed(thread);
		if (program === undefined) {
			process.execRecords++;
			if (process.execRecords <= process.execMessages) return;
			this.#rename(thread, programName(exec.filename));
			process.exe = exec.filename;
			process.argv = null;
			return;
		}
		process.execMessages++;
		this.#rename(thread, program.comm);
		process.uid = program.uid;
		process.exe = program.exe === "" ? exec.filename : program.exe;
		process.argv = program.argv;
	}

	exit({ ts, tid, pid, groupDead, exitCode, startBoottime }: Exit): void {
		const thread = this.#resolve(tid, pid, startBoottime, ts);
		if (!thread.ended) this.#end(thread);
		if (!groupDead || thread.process.endTs !== null) return;
		const { process } = thread;
		process.endTs = ts;
		process.exitStatus = shellStatus(exitCode);
		for (const other of [...process.threads]) {
			// Its own exit was lost; or it died before the others and could not be forgotten till now.
			if (!other.ended) this.#end(other);
			else if (other.isLeader) this.#bury(other);
		}
	}

	rename(
		ts: number,
		tid: number,
		pid: number,
		startBoottime: bigint,
		oldComm: string,
		comm: string,
	): void {
		const thread = this.#resolve(tid, pid, startBoottime, ts);
		if (thread.comm === null) this.#rows.named(thread.utid, oldComm);
		this.#rename(thread, comm);
	}

	/** Somebody else says what the thread is called now, and nothing of its life. */
	named(tid: number, ts: number, comm: string): void {
		const thread = this.at(tid, ts);
		if (thread.comm === null) this.#rows.named(thread.utid, comm);
		this.#rename(thread, comm);
	}

	/** Writes everything that is still remembered. */
	finish(): void {
		for (const thread of [...this.#threads.values()]) this.#forget(thread);
		// A snapshot may name a process whose threads were gone when it came to them.
		for (const process of [...this.#processes.values()]) this.#writeProcess(process);
		this.#processes.clear();
	}

	#isSameFork(known: Thread, { ts, pid, birth }: Fork): boolean {
		if (known.ended) return false;
		if (birth !== undefined && known.startBoottime !== undefined) {
			return known.startBoottime === birth.startBoottime;
		}
		switch (known.origin) {
			case "snapshot":
				// It was born after the recording had begun and before the snapshot was taken.
				return this.#startedAt(known, birth?.startBoottime ?? this.#boottime(ts));
			case "message":
				return birth === undefined && known.process.pid === pid;
			case "record":
				return birth !== undefined && known.process.pid === pid;
			case "both":
				return false;
			case "unknown":
				return known.metTs >= ts;
		}
	}

	/** In a record only the time of the event is known, a little later than the birth. */
	#startedAt(known: Thread, boottime: bigint): boolean {
		const tick = 1_000_000_000n / this.#ticksPerSecond;
		return (
			known.isBornAt(boottime, this.#ticksPerSecond) ||
			known.isBornAt(boottime - tick / 10n, this.#ticksPerSecond)
		);
	}

	/** The thread that an event is about, made anew when the one known by its id is another. */
	#resolve(tid: number, pid: number, startBoottime: bigint | undefined, ts: number): Thread {
		const known = this.#threads.get(tid);
		if (known === undefined) return this.#unknownThread(tid, pid, ts, startBoottime);
		if (startBoottime !== undefined && !known.isBornAt(startBoottime, this.#ticksPerSecond)) {
			this.#replace(known);
			return this.#unknownThread(tid, pid, ts, startBoottime);
		}
		this.#identify(known, pid, startBoottime);
		return known;
	}

	/** Takes in what an event says about a thread that was known by less. */
	#identify(thread: Thread, pid: number, startBoottime: bigint | undefined): void {
		if (thread.process.pid !== pid) {
			const mistaken = thread.process;
			thread.process = this.#processAt(pid);
			thread.process.threads.add(thread);
			mistaken.threads.delete(thread);
			// A process that was only supposed to exist never gets a row.
			if (mistaken.threads.size === 0) this.#forgetProcess(mistaken);
			thread.forgetRows();
			this.#rows.reassigned(thread.utid, pid);
		}
		if (startBoottime === undefined || thread.startBoottime !== undefined) return;
		thread.startBoottime = startBoottime;
		if (thread.isLeader) thread.process.startTs = this.#sinceBase(startBoottime);
	}

	#describe(thread: Thread, comm: string, uid: number): void {
		this.#rename(thread, comm);
		if (thread.isLeader) thread.process.uid = uid;
	}

	#rename(thread: Thread, comm: string): void {
		if (thread.isLeader) thread.process.comm = comm;
		if (thread.comm === comm) return;
		thread.comm = comm;
		thread.forgetRows();
	}

	#unknownThread(tid: number, pid: number, ts: number, startBoottime?: bigint): Thread {
		const thread = this.#newThread(tid, this.#processAt(pid), "unknown", ts);
		if (startBoottime !== undefined) this.#identify(thread, pid, startBoottime);
		return thread;
	}

	#newThread(tid: number, process: Process, origin: Origin, ts: number): Thread {
		const thread = new Thread(++this.#lastUtid, tid, process, origin, ts);
		thread.slot = this.#freeSlots.pop() ?? this.#slots++;
		process.threads.add(thread);
		this.#threads.set(tid, thread);
		return thread;
	}

	#newProcess(pid: number): Process {
		const process = new Process(++this.#lastUpid, pid);
		this.#processes.set(pid, process);
		return process;
	}

	#processAt(pid: number): Process {
		const process = this.#processes.get(pid);
		return process === undefined || process.endTs !== null ? this.#newProcess(pid) : process;
	}

	#bornProcess(pid: number, parent: Process): Process {
		const process = this.#newProcess(pid);
		process.ppid = parent.pid;
		// Until it calls execve it runs what its parent ran.
		process.exe = parent.exe;
		process.argv = parent.argv;
		process.inherit(parent);
		return process;
	}

	#end(thread: Thread): void {
		if (thread.ended) return;
		thread.ended = true;
		this.#listener?.ended(thread);
		this.#bury(thread);
	}

	#bury(dead: Thread): void {
		const thread = this.#dead.add(dead);
		if (thread === undefined || !thread.ended) return;
		// A dead leader of a live process comes back when another thread calls execve.
		if (thread.isLeader && thread.process.endTs === null) return;
		if (thread.process.threads.has(thread)) this.#forget(thread);
	}

	/** Its id belongs to a new thread: its end was not seen or is long past. */
	#replace(thread: Thread): void {
		// While a process lives, nobody else gets the id of its leader.
		const gone = thread.isLeader ? [...thread.process.threads] : [thread];
		for (const each of gone) {
			this.#end(each);
			if (each.process.threads.has(each)) this.#forget(each);
		}
	}

	#forget(thread: Thread): void {
		const { process, tid } = thread;
		this.#writeThread(thread);
		if (this.#threads.get(tid) === thread) this.#threads.delete(tid);
		this.#freeSlots.push(thread.slot);
		process.threads.delete(thread);
		if (process.threads.size > 0) return;
		this.#writeProcess(process);
		this.#forgetProcess(process);
	}

	#forgetProcess(process: Process): void {
		if (this.#processes.get(process.pid) === process) this.#processes.delete(process.pid);
	}

	#writeThread({ utid, process, tid, comm }: Thread): void {
		this.#rows.thread({ utid, upid: process.upid, tid, comm });
	}

	#writeProcess(process: Process): void {
		this.#rows.process(process);
	}

	#boottime(ts: number): bigint {
		return this.#clock.boottime + BigInt(ts);
	}

	/** Not a number: what was born long before the recording is too far away to be exact. */
	#sinceBase(boottime: bigint): bigint {
		return boottime - this.#clock.boottime;
	}
}

function identityOf({ loginuid, sessionId, cgroup, ...ids }: ProcessIdentity): Partial<Process> {
	return {
		...ids,
		loginuid: loginuid === UNSET_ID ? null : loginuid,
		sessionId: sessionId === UNSET_ID ? null : sessionId,
		cgroup: cgroup === "" ? null : cgroup,
	};
}
