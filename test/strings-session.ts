import type { SessionMetadata } from "../src/session/metadata.js";
import { appendProcessFiles, type ProcessFiles } from "../src/session/process-files.js";
import { type BuiltSession, packArguments, TracedSession } from "./traced-session.js";

const NR = {
	...{ read: 0, write: 1, open: 2, close: 3, mmap: 9, ioctl: 16, dup: 32, dup2: 33, getpid: 39 },
	...{ sendfile: 40, socket: 41, connect: 42, sendto: 44, recvmsg: 47, bind: 49, clone: 56 },
	...{ fork: 57, vfork: 58, execve: 59, fcntl: 72, chdir: 80, fchdir: 81, rename: 82 },
	...{ symlink: 88, chroot: 161, mount: 165, openat: 257, newfstatat: 262, unlinkat: 263 },
	...{ renameat: 264, symlinkat: 266, unshare: 272, utimensat: 280, accept4: 288, dup3: 292 },
	...{ pipe2: 293, setns: 308, memfd_create: 319, execveat: 322, io_uring_setup: 425 },
	...{ clone3: 435, close_range: 436, pidfd_getfd: 438 },
	...{ mprotect: 10, kill: 62, exit_group: 231 },
} as const;
export type CallName = keyof typeof NR;

const TABLE = Object.entries(NR).map(([name, nr]) => `0 ${nr} ${name} 6\n`);

export const AT_FDCWD = -100;
export const CLONE_FILES = 0x400;
export const CLONE_FS = 0x200;
export const CLONE_THREAD = 0x10000;

export interface Texts {
	readonly path?: string;
	readonly path2?: string;
	readonly details?: Buffer;
	readonly flags?: number;
}

/** What the kernel says that a descriptor is. */
export interface Answer {
	readonly fd: number;
	readonly path: string;
	readonly closeOnExec?: boolean;
	readonly deleted?: boolean;
	readonly ino?: bigint;
}

export interface CallOptions extends Texts {
	readonly cpu?: number;
	readonly answers?: readonly Answer[];
	/** Read when the call returned. */
	readonly later?: Texts;
}

export interface Life {
	readonly pid: number;
	readonly tids?: readonly number[];
	readonly cwd?: string;
	readonly root?: string;
	/** Path by number; a path that ends in `!` is close-on-exec. */
	readonly open?: Readonly<Record<number, string>>;
	/** ns since the start; of processes that were looked at while the recording went on. */
	readonly lookedAt?: number;
}

/** A session with strings, written call by call: the time goes on by itself. */
export class StringsSession extends TracedSession {
	readonly #looks: ProcessFiles[];
	#now = 1000;

	constructor(lives: readonly Life[], metadata: Partial<SessionMetadata> = {}) {
		super({
			metadata: {
				syscallTable: TABLE.join(""),
				processes: lives.map(({ pid, tids = [pid] }) => ({
					...{ pid, ppid: 1, uid: 0, comm: `p${pid}`, exe: "", cmdline: new Uint8Array() },
					threads: tids.map((tid) => ({ tid, comm: `p${pid}`, startTicks: 0n })),
				})),
				...metadata,
			},
		});
		this.channel("main", { sources: ["syscalls"], strings: true });
		this.#looks = lives.map(({ pid, cwd = "/home", root = "/", open = {}, lookedAt = 0 }) => ({
			...{ pid, cwd, root, ts: this.timeBase + BigInt(lookedAt) },
			descriptors: Object.entries(open).map(([fd, path]) => ({
				...{ fd: Number(fd), path: path.replace(/!$/, ""), closeOnExec: path.endsWith("!") },
			})),
		}));
	}

	/** ns since the start; every event is a little later than the one before. */
	tick(): number {
		this.#now += 10;
		return this.#now;
	}

	/** A call from its entry to its exit. */
	call(
		tid: number,
		name: CallName,
		args: readonly (number | bigint)[],
		ret: number,
		options: CallOptions = {},
	): this {
		return this.begin(tid, name, args, options).end(tid, name, ret, options);
	}

	begin(
		tid: number,
		name: CallName,
		args: readonly (number | bigint)[],
		{ path = "", path2 = "", details, flags = 0, cpu = 0 }: CallOptions = {},
	): this {
		const { wide, bytes } = packArguments(args);
		const hasTexts = path !== "" || path2 !== "" || details !== undefined || flags !== 0;
		if (!hasTexts && !TEXT_CALLS.has(name)) {
			return this.event(cpu, this.tick(), tid, "syscall_enter", NR[name], 0, wide, bytes);
		}
		return this.event(
			...([cpu, this.tick(), tid, "syscall_enter_texts", NR[name], 0, wide, flags] as const),
			...[bytes, path, path2, details ?? Buffer.alloc(0)],
		);
	}

	end(tid: number, name: CallName, ret: number, options: CallOptions = {}): this {
		const { cpu = 0, later, answers = [] } = options;
		if (later !== undefined) {
			const { path = "", path2 = "", details = Buffer.alloc(0), flags = 0 } = later;
			const texts = [path, path2, details] as const;
			this.event(cpu, this.tick(), tid, "syscall_texts", NR[name], 0, flags, ...texts);
		}
		for (const answer of answers) this.answer(tid, answer, cpu);
		return this.exit(cpu, this.tick(), tid, NR[name], ret);
	}

	answer(tid: number, answer: Answer, cpu = 0): this {
		const { fd, path, closeOnExec = false, deleted = false } = answer;
		const flags = Number(deleted) * 2 + Number(closeOnExec) * 4;
		const ino = answer.ino ?? 7n;
		return this.event(cpu, this.tick(), tid, "syscall_fd", fd, flags, 0o100644, 0, 8, ino, path);
	}

	/** An open that the kernel answers. */
	opens(tid: number, path: string, fd: number, answer: Partial<Answer> = {}): this {
		return this.call(tid, "openat", [AT_FDCWD, 0, 0, 0], fd, {
			path,
			answers: [{ fd, path, ...answer }],
		});
	}

	override finish(...ending: Parameters<TracedSession["finish"]>): void {
		super.finish(...ending);
		appendProcessFiles(this.directory, this.#looks);
	}
}

const TEXT_CALLS = new Set<CallName>(["newfstatat", "utimensat", "openat"]);

/** What calls name, in the order of time: "name path path2 fd_path fd_path2", `-` for NULL. */
export function named(database: BuiltSession, where = "1"): readonly string[] {
	return database.ask(
		`SELECT name || ' ' || coalesce(path, '-') || ' ' || coalesce(path2, '-') || ' '
			|| coalesce(fd_path, '-') || ' ' || coalesce(fd_path2, '-')
		FROM syscalls WHERE ${where} ORDER BY ts, tid`,
	);
}
