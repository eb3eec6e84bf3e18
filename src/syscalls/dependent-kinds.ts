/**
 * An argument whose meaning, or whose being there at all, another argument decides. What `when` does
 * not list is as everywhere.
 */
export interface DependentKind {
	readonly calls: readonly string[];
	readonly argument: string;
	/** Name of the argument that decides. */
	readonly on: string;
	/** Of it; `when` has the values that are left. */
	readonly mask: number;
	/** Without a kind: the kernel does not look at the argument then. */
	readonly when: readonly (readonly [values: readonly number[], kind: string | undefined])[];
}

const WHOLE = 0xffff_ffff;
const CREATES = 0x40 | 0x40_0000;

/** Options of prctl that take one argument, and those that take none. */
const PRCTL_ONE = [1, 2, 4, 8, 15, 16, 19, 20, 23, 24, 25, 26, 28, 29, 36, 37, 40, 0x59616d61];
const PRCTL_NONE = [3, 7, 21, 27, 30, 31, 32];

/** Operations of futex and how many arguments each takes. */
const FUTEX_ARGUMENTS = [4, 3, 3, 5, 6, 6, 4, 2, 2, 6, 6, 6, 6, 4];

export const DEPENDENT_KINDS: readonly DependentKind[] = [
	...["open", "openat", "mq_open"].map((call): DependentKind => {
		const on = call === "mq_open" ? "oflag" : "flags";
		// Neither O_CREAT nor O_TMPFILE: no file is made.
		return { calls: [call], argument: "mode", on, mask: CREATES, when: [[[0], undefined]] };
	}),
	{
		calls: ["mq_open"],
		argument: "u_attr",
		on: "oflag",
		mask: 0x40,
		when: [[[0], undefined]],
	},
	{
		calls: ["fcntl", "fcntl64"],
		argument: "arg",
		on: "cmd",
		mask: WHOLE,
		when: [
			[[1, 3, 9, 11, 1025, 1032, 1034], undefined],
			[[2], "fd_flags"],
			[[4], "open_flags"],
			[[0, 8, 1030, 1031], "signed"],
			[[10], "signal"],
			[[1024], "lease_type"],
			[[1033], "file_seals"],
			[[5, 6, 7, 12, 13, 14, 15, 16, 36, 37, 38], "address"],
		],
	},
	{
		calls: ["socket", "socketpair"],
		argument: "protocol",
		on: "family",
		mask: WHOLE,
		when: [
			[[2, 10], "ip_protocol"],
			[[16], "netlink_protocol"],
		],
	},
	{
		calls: ["setsockopt", "getsockopt"],
		argument: "optname",
		on: "level",
		mask: WHOLE,
		when: [
			[[0], "ip_option"],
			[[1], "socket_option"],
			[[6], "tcp_option"],
			[[17], "udp_option"],
			[[41], "ipv6_option"],
			[[263], "packet_option"],
			[[270], "netlink_option"],
		],
	},
	...["val", "utime", "uaddr2", "val3"].map(
		(argument, index): DependentKind => ({
			calls: ["futex", "futex_time64"],
			argument,
			on: "op",
			mask: 0x7f,
			when: [[futexesWithAtMost(2 + index), undefined]],
		}),
	),
	{
		calls: ["prctl"],
		argument: "arg2",
		on: "option",
		mask: WHOLE,
		when: [
			[PRCTL_NONE, undefined],
			[[1], "signal"],
			[[22], "seccomp_mode"],
			[[23, 24], "capability"],
			[[47], "cap_ambient_operation"],
		],
	},
	...["arg3", "arg4", "arg5"].map(
		(argument): DependentKind => ({
			calls: ["prctl"],
			argument,
			on: "option",
			mask: WHOLE,
			when: [[[...PRCTL_ONE, ...PRCTL_NONE], undefined]],
		}),
	),
];

function futexesWithAtMost(count: number): readonly number[] {
	return FUTEX_ARGUMENTS.flatMap((takes, operation) => (takes <= count ? [operation] : []));
}
