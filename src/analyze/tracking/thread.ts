import { containerOf } from "./container-id.js";

/** A process or a thread's life, from birth to death; what every record is attributed to. */
export class Process {
	ppid: number | null = null;
	uid: number | null = null;
	/** Name of its first thread. */
	comm: string | null = null;
	exe: string | null = null;
	/** Each argument ended by NUL. */
	argv: Buffer | null = null;
	/** ns since the time base; negative when older than the recording. */
	startTs: bigint | null = null;
	endTs: number | null = null;
	/** As a shell reports it. */
	exitStatus: number | null = null;
	euid: number | null = null;
	gid: number | null = null;
	egid: number | null = null;
	/** null: unset, or not known; as the audit session. */
	loginuid: number | null = null;
	sessionId: number | null = null;
	/** Path in the hierarchy, as far as it is known. */
	cgroup: string | null = null;
	/** Those that are remembered, dead ones among them. */
	readonly threads = new Set<Thread>();
	/** Calls of execve told by a message and by a record: the same ones, told twice. */
	execMessages = 0;
	execRecords = 0;

	constructor(
		readonly upid: number,
		readonly pid: number,
	) {}

	get container(): string | null {
		return this.cgroup === null ? null : containerOf(this.cgroup);
	}

	/** A child is who its parent is, and where. */
	inherit(parent: Process): void {
		this.euid = parent.euid;
		this.gid = parent.gid;
		this.egid = parent.egid;
		this.loginuid = parent.loginuid;
		this.sessionId = parent.sessionId;
		this.cgroup = parent.cgroup;
	}
}

/** How a thread's birth became known: the same fork may be told by a message and by a record. */
export type Origin = "snapshot" | "message" | "record" | "both" | "unknown";

export class Thread {
	comm: string | null = null;
	origin: Origin;
	/** CLOCK_BOOTTIME ns, exact. */
	startBoottime: bigint | undefined;
	/** The same in clock ticks, where only that is known. */
	startTicks: bigint | undefined;
	/** ns since the time base; when it was first met. */
	readonly metTs: number;
	ended = false;
	/**
	 * Dictionary rows of this thread under its present name, by what a tracker keys them with.
	 * Emptied when the name or the process changes.
	 */
	readonly rows = new Map<number, DictionaryRow>();
	/** Row of the latest system call: most calls repeat. */
	latestKey = -1;
	latestRow: DictionaryRow | undefined;
	/** Index of this thread's open call; nobody else alive has the same. */
	slot = -1;

	constructor(
		readonly utid: number,
		readonly tid: number,
		public process: Process,
		origin: Origin,
		metTs: number,
	) {
		this.origin = origin;
		this.metTs = metTs;
	}

	get isLeader(): boolean {
		return this.tid === this.process.pid;
	}

	forgetRows(): void {
		this.rows.clear();
		this.latestKey = -1;
		this.latestRow = undefined;
	}

	/** Whether a thread of this id that was born then is this one, as far as it is known. */
	isBornAt(startBoottime: bigint, ticksPerSecond: bigint): boolean {
		if (this.startBoottime !== undefined) return this.startBoottime === startBoottime;
		if (this.startTicks === undefined) return true;
		return this.startTicks === (startBoottime * ticksPerSecond) / 1_000_000_000n;
	}
}

export interface DictionaryRow {
	id: number;
	/** Time of the latest row that refers to it. */
	latestTs: number;
}
