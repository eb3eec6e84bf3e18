/** Where calls have directories, descriptors and texts among their arguments, by name. */

/** Index of the argument that a relative path starts from; undefined: the working directory. */
export interface PathBases {
	readonly path: number | undefined;
	readonly path2: number | undefined;
}

const AT_FIRST: PathBases = { path: 0, path2: undefined };
const TWO_PATHS: PathBases = { path: 0, path2: 2 };

const BASES: Readonly<Record<string, PathBases>> = {
	...Object.fromEntries(
		[
			...[
				"openat",
				"openat2",
				"mkdirat",
				"mknodat",
				"fchownat",
				"unlinkat",
				"fchmodat",
				"fchmodat2",
			],
			...["faccessat", "faccessat2", "readlinkat", "newfstatat", "fstatat64", "statx", "utimensat"],
			...["utimensat_time64", "futimesat", "name_to_handle_at", "execveat", "open_tree", "fspick"],
			...["mount_setattr", "open_tree_attr", "file_getattr", "file_setattr"],
			...["setxattrat", "getxattrat", "listxattrat", "removexattrat"],
		].map((name) => [name, AT_FIRST]),
	),
	...Object.fromEntries(
		["renameat", "renameat2", "linkat", "move_mount"].map((name) => [name, TWO_PATHS]),
	),
	symlinkat: { path: undefined, path2: 1 },
	fanotify_mark: { path: 3, path2: undefined },
};

/** 32-bit calls whose 64-bit arguments take two places. */
const BASES_32: Readonly<Record<string, PathBases>> = {
	fanotify_mark: { path: 4, path2: undefined },
};

const WORKING_DIRECTORY: PathBases = { path: undefined, path2: undefined };

export function pathBases(name: string, abi: number): PathBases {
	return (abi === IA32 ? BASES_32[name] : undefined) ?? BASES[name] ?? WORKING_DIRECTORY;
}

const IA32 = 1;

/** Calls that have a second path. */
const TWO = new Set([
	...["rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"],
	...["mount", "move_mount", "pivot_root"],
]);

export function hasSecondPath(name: string): boolean {
	return TWO.has(name);
}

/** The text of a link that is made, which starts from where the link is. */
const LINK_TEXTS = new Set(["symlink", "symlinkat"]);

export function isLinkText(name: string): boolean {
	return LINK_TEXTS.has(name);
}

/** A device, or a word that some file systems have in its place. */
export function mayBeNoPath(name: string): boolean {
	return name === "mount";
}

/** Indices of the arguments that are descriptors a call is about. */
export interface DescriptorArguments {
	readonly first: number;
	/** -1: there is none. */
	readonly second: number;
}

const NO_DESCRIPTOR: DescriptorArguments = { first: -1, second: -1 };
const FIRST: DescriptorArguments = { first: 0, second: -1 };

const DESCRIPTORS: Readonly<Record<string, DescriptorArguments>> = {
	...Object.fromEntries(
		[
			...["read", "write", "close", "fstat", "fstat64", "lseek", "_llseek", "llseek", "ioctl"],
			...["pread64", "pwrite64", "readv", "writev", "preadv", "pwritev", "preadv2", "pwritev2"],
			...["fcntl", "fcntl64", "flock", "fsync", "fdatasync", "ftruncate", "ftruncate64"],
			...["getdents", "getdents64", "readdir", "fchdir", "fchmod", "fchown", "fchown32"],
			...["fstatfs", "fstatfs64", "sync_file_range", "syncfs", "fallocate", "fadvise64"],
			...["fadvise64_64", "readahead", "cachestat", "vmsplice", "quotactl_fd"],
			...["fsetxattr", "fgetxattr", "flistxattr", "fremovexattr", "dup", "dup2", "dup3"],
			...["connect", "bind", "listen", "accept", "accept4", "getsockname", "getpeername"],
			...["sendto", "send", "recvfrom", "recv", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg"],
			...["recvmmsg_time64", "shutdown", "setsockopt", "getsockopt"],
			...["epoll_wait", "epoll_pwait", "epoll_pwait2", "timerfd_settime", "timerfd_gettime"],
			...["timerfd_settime64", "timerfd_gettime64", "signalfd", "signalfd4"],
			...["inotify_add_watch", "inotify_rm_watch", "fanotify_mark", "finit_module", "setns"],
			...["mq_timedsend", "mq_timedreceive", "mq_timedsend_time64", "mq_timedreceive_time64"],
			...["mq_notify", "mq_getsetattr", "pidfd_send_signal", "pidfd_getfd", "process_madvise"],
			...["process_mrelease", "io_uring_enter", "io_uring_register", "fsconfig", "fsmount"],
			...["landlock_add_rule", "landlock_restrict_self"],
		].map((name) => [name, FIRST]),
	),
	sendfile: { first: 0, second: 1 },
	sendfile64: { first: 0, second: 1 },
	tee: { first: 0, second: 1 },
	kexec_file_load: { first: 0, second: 1 },
	splice: { first: 0, second: 2 },
	copy_file_range: { first: 0, second: 2 },
	epoll_ctl: { first: 0, second: 2 },
	mmap: { first: 4, second: -1 },
	mmap2: { first: 4, second: -1 },
};

export function descriptorArguments(name: string): DescriptorArguments {
	return DESCRIPTORS[name] ?? NO_DESCRIPTOR;
}
