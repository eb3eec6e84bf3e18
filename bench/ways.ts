/** The ways from the kernel to user space that bench/programs/ways.c measures, and their table. */
import type { Result } from "./row.js";

export const WAY_KINDS = {
	turns: {
		title: "one by one",
		unit: "ns",
		workload: "one is sent, then taken; what asks for it deducted",
	},
	each: { title: "a call each", unit: "ns", workload: "64 are sent, then taken one a call" },
	together: {
		title: "together",
		unit: "ns",
		workload: "64 are sent, then taken in as few calls as the way lets",
	},
	bulk: { title: "a MiB", unit: "µs", workload: "in the largest pieces that suit the way" },
} as const;

export type WayKind = keyof typeof WAY_KINDS;

const ALL: readonly WayKind[] = ["turns", "each", "together", "bulk"];
const NOT_TOGETHER: readonly WayKind[] = ["turns", "each", "bulk"];
const NOT_ONE_BY_ONE: readonly WayKind[] = ["each", "together", "bulk"];
const MESSAGES: readonly WayKind[] = ["turns", "each"];

/** In the table's order. */
export const WAYS = [
	{ id: "bufflink", title: "**bufflink**, read", kinds: ALL, note: "bulk in appends of 4 KiB" },
	{
		id: "relay-read",
		title: "**relay**, read",
		kinds: ALL,
		note: "a plain relay channel; bulk in records of 4 KiB",
	},
	{
		id: "relay-mmap",
		title: "**relay**, mmap",
		kinds: ALL,
		note: "a message is checked where it lies, bulk is copied out; a call for each 64 KiB gives them back",
	},
	{
		id: "mmap",
		title: "plain mmap",
		kinds: NOT_ONE_BY_ONE,
		note: "one by one it is lost in what asking costs; shared memory and a counter: nothing wakes a reader, nothing stops the writer",
	},
	{ id: "procfs", title: "procfs, seq_file", kinds: ALL, note: "user space fetches" },
	{
		id: "sysfs",
		title: "sysfs",
		kinds: NOT_TOGETHER,
		note: "user space fetches; one value a file, bulk by a binary attribute, 4 KiB a read",
	},
	{
		id: "configfs",
		title: "configfs",
		kinds: NOT_TOGETHER,
		note: "user space fetches; an open file shows one value for ever, so each is opened and closed",
	},
	{ id: "sysctl", title: "sysctl", kinds: ALL, note: "user space fetches" },
	{ id: "debugfs", title: "debugfs", kinds: ALL, note: "user space fetches" },
	{
		id: "device",
		title: "character device",
		kinds: ALL,
		note: "user space fetches; nothing is kept between the two sides",
	},
	{ id: "ioctl", title: "ioctl", kinds: ALL, note: "user space fetches" },
	{
		id: "netlink",
		title: "netlink",
		kinds: ALL,
		note: "unicast; together by recvmmsg, bulk in messages of 32 KiB",
	},
	{
		id: "genetlink",
		title: "generic netlink",
		kinds: ALL,
		note: "unicast; together by recvmmsg, bulk in messages of 32 KiB",
	},
	{
		id: "udp",
		title: "UDP",
		kinds: ALL,
		note: "over lo; together by recvmmsg, bulk in datagrams of 32 KiB",
	},
	{
		id: "signals",
		title: "signals",
		kinds: MESSAGES,
		note: "a signal carries 8 bytes, so a message is 8 of them; no bulk",
	},
	{
		id: "upcall",
		title: "upcall",
		kinds: MESSAGES,
		note: "a process for each message, which is its argument; no bulk",
	},
] as const satisfies readonly {
	readonly id: string;
	readonly title: string;
	readonly kinds: readonly WayKind[];
	readonly note: string;
}[];

export type Way = (typeof WAYS)[number]["id"];

/** Absolute figures without a peer: they are told, and no later run is held to them. */
export function wayFigureName(way: Way, kind: WayKind): string {
	return `from the kernel by ${way}, ${WAY_KINDS[kind].title}`;
}

const FIGURES = new Set(
	WAYS.flatMap(({ id, kinds }) => kinds.map((kind) => wayFigureName(id, kind))),
);

export function isWayFigure(result: Result): boolean {
	return FIGURES.has(result.name);
}

/** No lines when none of it was measured. */
export function waysTable(
	results: readonly Result[],
	failures: readonly string[],
	number: (value: number) => string,
): string[] {
	const values = new Map(results.filter(isWayFigure).map(({ name, value }) => [name, value]));
	if (values.size === 0) return [];
	const kinds = Object.entries(WAY_KINDS).map(([, kind]) => kind);
	return [
		"## The ways from the kernel to user space",
		"",
		"A message of 64 bytes, checked when it has been taken, and a MiB; all in one boot, taking turns.",
		...kinds.map(({ title, unit, workload }) => `- _${title}_ (${unit}): ${workload}.`),
		"",
		`| way | ${kinds.map(({ title, unit }) => `${title}, ${unit}`).join(" | ")} | |`,
		"| --- | ---: | ---: | ---: | ---: | --- |",
		...WAYS.map(({ id, title, note }) => {
			const cells = ALL.map((kind) => {
				const value = values.get(wayFigureName(id, kind));
				return value === undefined ? "–" : number(value);
			});
			const failed = failures.find((line) => line.includes(`${id} is not to be had`));
			return `| ${[title, ...cells, failed ?? note].join(" | ")} |`;
		}),
		"",
	];
}
