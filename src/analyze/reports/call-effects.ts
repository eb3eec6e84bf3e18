/** What a call that succeeds does to a file that it names. */
export type Effect = "read" | "write" | "change" | "none";

export interface CallEffects {
	/** To the file of its path or its only descriptor. `read` and `write` return bytes. */
	readonly first: Effect;
	/** To the file of its second path or descriptor. */
	readonly second: Effect;
}

const NONE: CallEffects = { first: "none", second: "none" };

const READING = [
	...["read", "pread64", "readv", "preadv", "preadv2"],
	...["recv", "recvfrom", "recvmsg"],
];
const WRITING = [
	...["write", "pwrite64", "writev", "pwritev", "pwritev2", "vmsplice"],
	...["send", "sendto", "sendmsg"],
];
/** Bytes come from the first descriptor and go to the second. */
const PASSING_ON = ["copy_file_range", "splice", "tee"];
const CHANGING_FIRST = [
	...["truncate", "truncate64", "ftruncate", "ftruncate64", "fallocate"],
	...["chmod", "fchmod", "fchmodat", "fchmodat2"],
	...["chown", "chown32", "lchown", "lchown32", "fchown", "fchown32", "fchownat"],
	...["utime", "utimes", "futimesat", "utimensat", "utimensat_time64"],
	...["setxattr", "lsetxattr", "fsetxattr", "setxattrat"],
	...["removexattr", "lremovexattr", "fremovexattr", "removexattrat"],
	...["unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "mknod", "mknodat"],
];
/** The first path is what a link leads to; only the second comes into being. */
const CHANGING_SECOND = ["link", "linkat", "symlink", "symlinkat", "mount"];
const CHANGING_BOTH = ["rename", "renameat", "renameat2"];

const EFFECTS: ReadonlyMap<string, CallEffects> = new Map<string, CallEffects>([
	...READING.map((name) => [name, { first: "read", second: "none" }] as const),
	...WRITING.map((name) => [name, { first: "write", second: "none" }] as const),
	...PASSING_ON.map((name) => [name, { first: "read", second: "write" }] as const),
	...["sendfile", "sendfile64"].map((name) => [name, { first: "write", second: "read" }] as const),
	...CHANGING_FIRST.map((name) => [name, { first: "change", second: "none" }] as const),
	...CHANGING_SECOND.map((name) => [name, { first: "none", second: "change" }] as const),
	...CHANGING_BOTH.map((name) => [name, { first: "change", second: "change" }] as const),
]);

/** Calls that may change a file, by bytes or otherwise. */
export const CHANGING_CALLS: readonly string[] = [...EFFECTS]
	.filter(([, { first, second }]) =>
		[first, second].some((effect) => effect === "write" || effect === "change"),
	)
	.map(([name]) => name);

export function effectsOf(call: string): CallEffects {
	return EFFECTS.get(call) ?? NONE;
}
