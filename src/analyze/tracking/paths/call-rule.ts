import type { SyscallKind } from "../syscall-table.js";
import {
	type DescriptorArguments,
	descriptorArguments,
	hasSecondPath,
	isLinkText,
	mayBeNoPath,
	type PathBases,
	pathBases,
} from "./path-arguments.js";

/** What a call that succeeds does to its task's descriptors and directories. */
export type Effect =
	| "none"
	| "close"
	| "close-range"
	| "dup"
	| "dup-to"
	| "fcntl"
	| "ioctl"
	| "make"
	| "io-uring"
	| "unshare"
	| "set-namespace"
	| "change-directory"
	| "change-root"
	| "pivot-root"
	| "fork"
	| "exec";

/** A socket address among a call's details. */
export type AddressSide = "local" | "peer" | undefined;

/** All that is asked of a call's number. */
export interface CallRule {
	readonly name: string;
	readonly effect: Effect;
	readonly descriptors: DescriptorArguments;
	readonly bases: PathBases;
	readonly hasSecondPath: boolean;
	readonly linkText: boolean;
	readonly mayBeNoPath: boolean;
	readonly address: AddressSide;
	/** The address is that of the socket that the call makes. */
	readonly accepts: boolean;
}

const EFFECTS: Readonly<Record<string, Effect>> = {
	close: "close",
	close_range: "close-range",
	dup: "dup",
	dup2: "dup-to",
	dup3: "dup-to",
	fcntl: "fcntl",
	fcntl64: "fcntl",
	ioctl: "ioctl",
	io_uring_setup: "io-uring",
	unshare: "unshare",
	setns: "set-namespace",
	chdir: "change-directory",
	fchdir: "change-directory",
	chroot: "change-root",
	pivot_root: "pivot-root",
	fork: "fork",
	vfork: "fork",
	clone: "fork",
	clone3: "fork",
	execve: "exec",
	execveat: "exec",
	...Object.fromEntries(
		[
			...["open", "openat", "openat2", "creat", "open_by_handle_at", "open_tree"],
			...["open_tree_attr", "socket", "accept", "accept4", "memfd_create", "memfd_secret"],
			...["pidfd_open", "pidfd_getfd", "eventfd", "eventfd2", "epoll_create", "epoll_create1"],
			...["timerfd_create", "signalfd", "signalfd4", "inotify_init", "inotify_init1"],
			...["fanotify_init", "userfaultfd", "perf_event_open", "fsopen", "fsmount", "fspick"],
			...["mq_open", "landlock_create_ruleset"],
		].map((name) => [name, "make"] as const),
	),
};

const ADDRESSES: Readonly<Record<string, AddressSide>> = {
	connect: "peer",
	bind: "local",
	sendto: "peer",
	sendmsg: "peer",
	accept: "peer",
	accept4: "peer",
	recvfrom: "peer",
	recvmsg: "peer",
	getsockname: "local",
	getpeername: "peer",
};

const IA32 = 1;

export function callRule({ name }: SyscallKind, abi: number): CallRule {
	// The 32-bit mmap has its arguments in memory.
	const hidden = name === "mmap" && abi === IA32;
	return {
		name,
		effect: EFFECTS[name] ?? "none",
		descriptors: hidden ? { first: -1, second: -1 } : descriptorArguments(name),
		bases: pathBases(name, abi),
		hasSecondPath: hasSecondPath(name),
		linkText: isLinkText(name),
		mayBeNoPath: mayBeNoPath(name),
		address: ADDRESSES[name],
		accepts: name === "accept" || name === "accept4",
	};
}
