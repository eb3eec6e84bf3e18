import { expect, test } from "vitest";
import { type CallTable, describeCalls } from "./argument-table.js";
import { type RecordedCall, renderCall } from "./render-call.js";

const CALLS = describeCalls(
	[
		...["openat", "open", "mmap", "fcntl", "socket", "setsockopt", "clone", "futex", "prctl"],
		...["access", "mknod", "kill", "write", "lseek", "setresuid", "read", "umask", "getppid"],
		...["rename", "mount", "ioctl", "waitid", "flock", "chmod", "statx", "openat2", "shmget"],
	]
		.map((name, nr) => `0 ${nr} ${name} 6`)
		.concat("1 192 mmap2 6", "1 140 _llseek 5", "1 5 open 3", "1 102 socketcall 2")
		.join("\n"),
	"",
);

interface Result {
	readonly ret?: bigint | null;
	readonly errno?: string;
	readonly path?: string;
	readonly path2?: string;
	readonly fdPath?: string;
}

function rendered(
	name: string,
	registers: readonly (bigint | number | null)[],
	{ ret = 0n, errno, path, path2, fdPath }: Result = {},
	table: CallTable = "x86_64",
): string {
	const declared = CALLS.find((call) => call.name === name && call.table === table)?.arguments;
	const call: RecordedCall = {
		...{ name, table, ret, errno: errno ?? null },
		...{ path: path ?? null, path2: path2 ?? null, fdPath: fdPath ?? null },
		registers: registers.map((each) => (each === null ? null : BigInt(each))),
	};
	return renderCall(call, declared ?? []);
}

const ADDRESS = 0x7ffd_1234_5678;
const AT_FDCWD = 0xffff_ff9c;

test("flags by name, and a mode where a file may be made", () => {
	const path = "/etc/passwd";
	expect(rendered("openat", [AT_FDCWD, ADDRESS, 0x80000, 0], { ret: 3n, path })).toBe(
		'openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3',
	);
	expect(rendered("openat", [-100, ADDRESS, 0xc1, 0o640], { ret: -17n, errno: "EEXIST" })).toBe(
		"openat(AT_FDCWD, 0x7ffd12345678, O_WRONLY|O_CREAT|O_EXCL, 0640) = -1 EEXIST",
	);
	expect(rendered("open", [0, 0x4000_0000 | 2], { ret: 4n })).toBe(
		"open(NULL, O_RDWR|0x40000000) = 4",
	);
});

test("what several bits mean together is one name", () => {
	expect(rendered("open", [0, 0x101001])).toContain("O_WRONLY|O_SYNC)");
	expect(rendered("open", [0, 0x1001])).toContain("O_WRONLY|O_DSYNC)");
	expect(rendered("open", [0, 0x410002, 0o600])).toContain("O_RDWR|O_TMPFILE, 0600)");
	expect(rendered("flock", [3, 6])).toBe("flock(3, LOCK_EX|LOCK_NB) = 0");
	expect(rendered("access", [0, 0])).toContain("F_OK");
	expect(rendered("access", [0, 5])).toContain("R_OK|X_OK");
	expect(rendered("mknod", [0, 0o20666, 0x103])).toContain("S_IFCHR|0666, 0x103");
	expect(rendered("clone", [0x1200011, 0, 0, ADDRESS, 0])).toContain(
		"CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, NULL",
	);
});

test("an argument means what another says", () => {
	expect(rendered("fcntl", [3, 4, 0x8800])).toBe(
		"fcntl(3, F_SETFL, O_RDONLY|O_NONBLOCK|O_LARGEFILE) = 0",
	);
	expect(rendered("fcntl", [3, 2, 1])).toBe("fcntl(3, F_SETFD, FD_CLOEXEC) = 0");
	expect(rendered("fcntl", [3, 1, 77])).toBe("fcntl(3, F_GETFD) = 0");
	expect(rendered("socket", [2, 0x80001, 6])).toContain(
		"AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP",
	);
	expect(rendered("socket", [1, 2, 0])).toContain("AF_UNIX, SOCK_DGRAM, 0");
	expect(rendered("socket", [16, 3, 9])).toContain("AF_NETLINK, SOCK_RAW, NETLINK_AUDIT");
	expect(rendered("setsockopt", [3, 6, 1, ADDRESS, 4])).toContain("SOL_TCP, TCP_NODELAY, 0x7ff");
	expect(rendered("futex", [ADDRESS, 129, 1, 9, 9, 9])).toBe(
		"futex(0x7ffd12345678, FUTEX_WAKE_PRIVATE, 1) = 0",
	);
	expect(rendered("prctl", [38, 1, 0, 0, 0])).toBe("prctl(PR_SET_NO_NEW_PRIVS, 0x1, 0, 0, 0) = 0");
	expect(rendered("prctl", [3, 9, 9, 9, 9])).toBe("prctl(PR_GET_DUMPABLE) = 0");
});

test("numbers have the width and sign that the kernel reads", () => {
	expect(rendered("kill", [0xffff_ffff, 15])).toBe("kill(-1, SIGTERM) = 0");
	expect(rendered("kill", [12, 34])).toBe("kill(12, SIGRT_2) = 0");
	expect(rendered("lseek", [3, -9n, 2], { ret: 91n })).toBe("lseek(3, -9, SEEK_END) = 91");
	expect(rendered("write", [1, ADDRESS, -1n], { ret: -14n, errno: "EFAULT" })).toBe(
		"write(1, 0x7ffd12345678, 18446744073709551615) = -1 EFAULT",
	);
	expect(rendered("setresuid", [0xffff_ffff, 1000, 0xffff_fffe])).toBe(
		"setresuid(-1, 1000, 4294967294) = 0",
	);
	expect(rendered("chmod", [0, 0o4755], { path: "/x" })).toBe('chmod("/x", 04755) = 0');
	expect(rendered("waitid", [1, 7, 0, 0x1000005, 0])).toContain(
		"P_PID, 7, NULL, WNOHANG|WEXITED|WNOWAIT",
	);
	expect(rendered("ioctl", [0, 0x5401, ADDRESS])).toContain("TCGETS");
	expect(rendered("ioctl", [0, 0xdeadbeef, 0])).toContain("0xdeadbeef, 0)");
	expect(rendered("mmap", [0, 4096, 0, 0x22, 0xffff_ffff, 0], { ret: 0x7f00_0000_1000n })).toBe(
		"mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000001000",
	);
	expect(rendered("shmget", [0, 4096, 0o1600])).toBe(
		"shmget(IPC_PRIVATE, 4096, IPC_CREAT|0600) = 0",
	);
});

test("32-bit calls by their own table and width", () => {
	expect(rendered("mmap2", [0, 8192, 5, 2, 3, 0], { ret: 0xf7f0_0000n }, "ia32")).toBe(
		"mmap2(NULL, 8192, PROT_READ|PROT_EXEC, MAP_PRIVATE, 3, 0) = 0xf7f00000",
	);
	expect(rendered("_llseek", [3, 0, 10, 0xffa0_0000, 1], {}, "ia32")).toBe(
		"_llseek(3, 0, 10, 0xffa00000, SEEK_CUR) = 0",
	);
	expect(rendered("socketcall", [3, 0xffa0_0000], {}, "ia32")).toBe(
		"socketcall(SYS_CONNECT, 0xffa00000) = 0",
	);
});

test("paths in the order of the call's texts, and what a descriptor stands for", () => {
	expect(rendered("rename", [1, 2], { path: "/a", path2: "/b\n" })).toBe(
		'rename("/a", "/b\\n") = 0',
	);
	expect(rendered("read", [3, ADDRESS, 10], { ret: 10n, fdPath: "/etc/passwd" })).toBe(
		"read(3</etc/passwd>, 0x7ffd12345678, 10) = 10",
	);
	expect(rendered("mount", [1, 2, 3, 0xc0ed_0020, 0], { path: "none", path2: "/m" })).toBe(
		'mount("none", "/m", 0x3, MS_MGC_VAL|MS_REMOUNT, NULL) = 0',
	);
});

test("what was not seen, and what the program does not see", () => {
	expect(rendered("read", [null, null, null], { ret: 5n })).toBe("read(?) = 5");
	expect(rendered("read", [3, ADDRESS, 1], { ret: null })).toBe("read(3, 0x7ffd12345678, 1) = ?");
	expect(rendered("read", [3, 0, 1], { ret: -512n, errno: "ERESTARTSYS" })).toContain(
		"= ? ERESTARTSYS",
	);
	expect(rendered("getppid", [null], { ret: 1n })).toBe("getppid() = 1");
	expect(rendered("umask", [0o22], { ret: 2n })).toBe("umask(022) = 002");
});
