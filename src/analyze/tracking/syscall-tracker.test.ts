import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NR, packArguments, TracedSession } from "../../../test/traced-session.js";
import type { EventSchema } from "../../schema/event-schema.js";
import { BUILTIN_EVENTS } from "../../schema/generated/builtin-events.js";

const UNKNOWN = 0xffff;
let session: TracedSession;

beforeEach(() => {
	session = new TracedSession();
});
afterEach(() => {
	session.remove();
});

async function calls(): Promise<readonly string[]> {
	return (await session.build()).calls();
}

describe("a call", () => {
	test("is one row, from its entry to its exit, with the arguments it has", async () => {
		session.enter(1, 10, 7, NR.read, [3, 4096, 100]).exit(1, 25, 7, NR.read, 100);
		expect(await calls()).toEqual(["10 15 cpu1 7/7 - read(3,4096,100) = 100"]);
	});

	test("may end on another CPU; its CPU is the one it began on", async () => {
		session.enter(1, 10, 7, NR.futex, [1, 2, 3, 4, 5, 6]).exit(2, 40, 7, NR.futex, -4);
		expect(await calls()).toEqual(["10 30 cpu1 7/7 - futex(1,2,3,4,5,6) = -4"]);
	});

	test("keeps apart what threads do at once", async () => {
		session.enter(0, 10, 7, NR.read, [1, 1, 1]).enter(1, 11, 8, NR.write, [2, 2, 2]);
		session.exit(0, 12, 7, NR.read, 1).exit(1, 13, 8, NR.write, 2);
		expect(await calls()).toEqual([
			"10 2 cpu0 7/7 - read(1,1,1) = 1",
			"11 2 cpu1 8/8 - write(2,2,2) = 2",
		]);
	});

	test("keeps all 64 bits of arguments and result", async () => {
		const args = [2n ** 53n + 1n, 2n ** 64n - 1n, 2n ** 63n, 0x7fff_ffff_ffff_ffffn, 5, 6];
		session.enter(0, 10, 7, NR.futex, args).exit(0, 20, 7, NR.futex, -(2n ** 63n) + 1n);
		session.enter(0, 30, 7, NR.futex, [1, 2, 3, 4, 5, 6]).exit(0, 40, 7, NR.futex, 2n ** 53n + 1n);
		expect(await calls()).toEqual([
			"10 10 cpu0 7/7 - futex(9007199254740993,-1,-9223372036854775808,9223372036854775807,5,6) = -9223372036854775807",
			"30 10 cpu0 7/7 - futex(1,2,3,4,5,6) = 9007199254740993",
		]);
	});

	test("has its number as name where the table has none", async () => {
		session.enter(0, 10, 7, 400, [1]).exit(0, 20, 7, 400, -38);
		session.enter(0, 30, 7, UNKNOWN, [5, 6, 100_000n]).exit(0, 40, 7, UNKNOWN, -38);
		session
			.enter(0, 50, 7, UNKNOWN, [1, 2, 3, 4, 5, 6, 2n ** 64n - 1n])
			.exit(0, 60, 7, UNKNOWN, -38);
		expect(await calls()).toEqual([
			"10 10 cpu0 7/7 - syscall_400(1) = -38",
			"30 10 cpu0 7/7 - syscall_100000(5,6) = -38",
			"50 10 cpu0 7/7 - syscall_-1(1,2,3,4,5,6) = -38",
		]);
	});

	test("is named by the table of its ABI", async () => {
		session.enter(0, 10, 7, 3, [1], 1).exit(0, 20, 7, 3, 9, 1);
		expect(await calls()).toEqual(["10 10 cpu0 7/7 - read(1) = 9"]);
	});

	test("has its errno as text, the kernel's own codes included", async () => {
		for (const [index, ret] of [-2, -512, -516, -4095, -4096, 0, -1].entries()) {
			session.enter(0, index * 10, 7, NR.read).exit(0, index * 10 + 1, 7, NR.read, ret);
		}
		const database = await session.build();
		expect(database.ask("SELECT ret, errno FROM syscalls ORDER BY ts")).toEqual([
			"-2|ENOENT",
			"-512|ERESTARTSYS",
			"-516|ERESTART_RESTARTBLOCK",
			"-4095|-",
			"-4096|-",
			"0|-",
			"-1|EPERM",
		]);
	});
});

describe("arguments", () => {
	const u32 = 0xffff_ffff;

	test("are exact on both sides of what 4 bytes hold", async () => {
		const args = [0, u32, u32 + 1, -1, 2n ** 63n, 1];
		session.enter(0, 10, 7, NR.futex, args).exit(0, 20, 7, NR.futex, 0);
		expect(await calls()).toEqual([
			"10 10 cpu0 7/7 - futex(0,4294967295,4294967296,-1,-9223372036854775808,1) = 0",
		]);
	});

	test("of a call outside the table have its number behind them", async () => {
		session.enter(0, 10, 7, UNKNOWN, [1, u32 + 1, 3, 4, 5, 6, 70_000]);
		session.event(0, 20, 7, "syscall_exit_short", UNKNOWN, -38);
		expect(await calls()).toEqual(["10 10 cpu0 7/7 - syscall_70000(1,4294967296,3,4,5,6) = -38"]);
	});

	test.each([
		["cut off in a narrow one", 0, 6],
		["cut off in a wide one", 1, 7],
		["too many", 0, 32],
	])("that are %s are a counted fault", async (_what, wide, length) => {
		session.event(0, 10, 7, "syscall_enter", NR.read, 0, wide, Buffer.alloc(length));
		const database = await session.build();
		expect(database.calls()).toEqual([]);
		expect(database.ask("SELECT value FROM stats WHERE name = 'fault_short_payload'")).toEqual([
			"1",
		]);
	});

	test("were 8 bytes each in sessions that do not say which are wide", async () => {
		const before = new TracedSession(
			{},
			BUILTIN_EVENTS.map((event) =>
				event.name === "syscall_enter" ? { ...event, fields: fieldsBefore(event.fields) } : event,
			),
		);
		before.event(0, 10, 7, "syscall_enter", NR.read, 0, [3, 2n ** 60n, 5]).exit(0, 12, 7, NR.read);
		expect((await before.build()).calls()).toEqual([
			"10 2 cpu0 7/7 - read(3,1152921504606846976,5) = 0",
		]);
		before.remove();
	});

	function fieldsBefore(fields: EventSchema["fields"]): EventSchema["fields"] {
		return fields
			.filter(({ name }) => name !== "wide")
			.map((field) => (field.kind === "tail" ? { ...field, type: "u64[]" as const } : field));
	}
});

describe("an exit in short form", () => {
	const returned = [0, 1, -38, -512, 32_767, -32_768];

	test("is the same call as one in long form", async () => {
		const long = new TracedSession();
		for (const [index, ret] of returned.entries()) {
			const ts = index * 10;
			session.enter(0, ts, 7, NR.read, [3]).event(0, ts + 5, 7, "syscall_exit_short", NR.read, ret);
			long.enter(0, ts, 7, NR.read, [3]).event(0, ts + 5, 7, "syscall_exit", NR.read, 0, ret);
		}
		const expected = returned.map((ret, index) => `${index * 10} 5 cpu0 7/7 - read(3) = ${ret}`);
		expect(await calls()).toEqual(expected);
		expect((await long.build()).calls()).toEqual(expected);
		long.remove();
	});

	test("mixes with the long form that other values and ABIs need", async () => {
		for (const [index, ret] of [32_767, 32_768, -32_768, -32_769, 65_535, -65_536].entries()) {
			session.enter(0, index * 10, 7, NR.read).exit(0, index * 10 + 1, 7, NR.read, ret);
		}
		session.enter(0, 100, 7, 3, [1], 1).exit(0, 101, 7, 3, 9, 1);
		expect((await calls()).map((call) => call.replace(/.* - /, ""))).toEqual([
			"read() = 32767",
			"read() = 32768",
			"read() = -32768",
			"read() = -32769",
			"read() = 65535",
			"read() = -65536",
			"read(1) = 9",
		]);
	});

	test("may not know its number", async () => {
		session
			.enter(0, 10, 7, NR.rt_sigreturn)
			.event(0, 12, 7, "syscall_exit_short", UNKNOWN, -4)
			.event(0, 20, 7, "syscall_exit_short", UNKNOWN, 5);
		expect(await calls()).toEqual([
			"10 2 cpu0 7/7 - rt_sigreturn() = -4",
			"20 - cpu0 7/7 - syscall_unknown() = 5",
		]);
	});

	test("never ends a call of another ABI", async () => {
		session.enter(0, 10, 7, 3, [1], 1).event(0, 20, 7, "syscall_exit_short", 3, 9);
		expect(await calls()).toEqual([
			"10 - cpu0 7/7 - read(1) = -",
			"20 - cpu0 7/7 - syscall_3() = 9",
		]);
	});

	test("is a counted fault when it is cut off", async () => {
		session.enter(0, 10, 7, NR.read, [1]).record(0, 20, 3, 7, new Uint8Array(3));
		const database = await session.build();
		expect(database.calls()).toEqual(["10 - cpu0 7/7 - read(1) = -"]);
		expect(database.ask("SELECT value FROM stats WHERE name = 'fault_short_payload'")).toEqual([
			"1",
		]);
	});

	test("is not missed in a session that was recorded before there was one", async () => {
		const before = new TracedSession(
			{},
			BUILTIN_EVENTS.filter(({ name }) => name !== "syscall_exit_short"),
		);
		before.enter(0, 10, 7, NR.read, [1]).event(0, 12, 7, "syscall_exit", NR.read, 0, 1);
		before.event(0, 20, 7, "syscall_exit", NR.write, 0, -9);
		expect((await before.build()).calls()).toEqual([
			"10 2 cpu0 7/7 - read(1) = 1",
			"20 - cpu0 7/7 - write() = -9",
		]);
		before.remove();
	});
});

describe("an entry that was written with its exit", () => {
	/** The entry's age, its CPU, and the thread's name then where it was another. */
	function late(
		ts: number,
		age: number | bigint,
		entryCpu: number,
		comm = "",
		nr: number = NR.read,
	) {
		const { wide, bytes } = packArguments([3, 2n ** 40n]);
		session.event(0, ts, 7, "syscall_enter_late", nr, 0, wide, age, entryCpu, comm, bytes);
	}

	test("is a call at the time and on the CPU where it began", async () => {
		late(100, 90, 2);
		session.exit(0, 100, 7, NR.read, -2);
		late(300, 0, 0);
		session.exit(0, 300, 7, NR.read, 5);
		expect(await calls()).toEqual([
			"10 90 cpu2 7/7 - read(3,1099511627776) = -2",
			"300 0 cpu0 7/7 - read(3,1099511627776) = 5",
		]);
	});

	test("may have begun before others that ended before", async () => {
		session.enter(1, 20, 8, NR.getpid).exit(1, 30, 8, NR.getpid, 8);
		late(100, 90, 1);
		session.exit(0, 100, 7, NR.read, 1);
		expect(await calls()).toEqual([
			"10 90 cpu1 7/7 - read(3,1099511627776) = 1",
			"20 10 cpu1 8/8 - getpid() = 8",
		]);
	});

	test("has the name that the thread had then", async () => {
		session.fork(1, 5, 7, { comm: "new" });
		late(100, 90, 0, "old", NR.execve);
		session.exit(0, 100, 7, NR.execve, 0);
		late(200, 5, 0);
		session.exit(0, 200, 7, NR.read, 1);
		expect(await calls()).toEqual([
			"10 90 cpu0 7/7 old execve(3,1099511627776) = 0",
			"195 5 cpu0 7/7 new read(3,1099511627776) = 1",
		]);
	});

	test("is paired with its exit across what its CPU has lost meanwhile", async () => {
		session.enter(0, 9, 8, NR.getpid).lose(0, 4);
		late(1_000_000, 999_990, 0);
		session.exit(0, 1_000_000, 7, NR.read, 1).exit(0, 1_000_010, 8, NR.getpid, 8);
		expect(await calls()).toEqual([
			"9 - cpu0 8/8 - getpid() = -",
			"10 999990 cpu0 7/7 - read(3,1099511627776) = 1",
			"1000010 - cpu0 8/8 - getpid() = 8",
		]);
	});

	test("that is older than the recording is a counted fault", async () => {
		late(100, 101, 0);
		late(100, 2n ** 60n, 0);
		const database = await session.build();
		expect(database.calls()).toEqual([]);
		expect(database.ask("SELECT value FROM stats WHERE name = 'fault_short_payload'")).toEqual([
			"2",
		]);
	});
});

describe("without a partner", () => {
	test("an entry at the end of the recording has no duration", async () => {
		session.enter(0, 10, 7, NR.read, [3, 0, 0]);
		expect(await calls()).toEqual(["10 - cpu0 7/7 - read(3,0,0) = -"]);
	});

	test("an exit is a row at its own time", async () => {
		session.exit(2, 10, 7, NR.read, 5);
		expect(await calls()).toEqual(["10 - cpu2 7/7 - read() = 5"]);
	});

	test("an entry ends the one whose exit was lost", async () => {
		session.enter(0, 10, 7, NR.read, [3, 0, 0]).enter(0, 20, 7, NR.write, [4, 0, 0]);
		session.exit(0, 30, 7, NR.write, 1);
		expect(await calls()).toEqual([
			"10 - cpu0 7/7 - read(3,0,0) = -",
			"20 10 cpu0 7/7 - write(4,0,0) = 1",
		]);
	});

	test("an exit of another number closes nothing", async () => {
		session.enter(0, 10, 7, NR.read, [3, 0, 0]).exit(0, 20, 7, NR.write, 1).exit(0, 30, 7, NR.read);
		expect(await calls()).toEqual([
			"10 - cpu0 7/7 - read(3,0,0) = -",
			"20 - cpu0 7/7 - write() = 1",
			"30 - cpu0 7/7 - read() = 0",
		]);
	});

	test("exit and exit_group never return", async () => {
		session.fork(1, 5, 7, { comm: "a" }).fork(2, 7, 8, { pid: 7, comm: "b", start: 2n });
		session.enter(0, 10, 8, NR.exit, [0]).die(11, 8, { pid: 7, groupDead: false, start: 2n });
		session.enter(0, 20, 7, NR.exit_group, [1]).die(21, 7);
		// Another thread gets the id later: what it does has nothing to do with the first.
		session.fork(30, 5, 7, { comm: "c", start: 30n }).exit(0, 31, 7, NR.clone, 0);
		session.enter(0, 40, 7, NR.getpid).exit(0, 41, 7, NR.getpid, 7);
		expect(await calls()).toEqual([
			"10 - cpu0 7/8 b exit(0) = -",
			"20 - cpu0 7/7 a exit_group(1) = -",
			"40 1 cpu0 7/7 c getpid() = 7",
		]);
	});

	test("a call that its thread died in", async () => {
		session.fork(1, 5, 7, { comm: "a" }).enter(0, 10, 7, NR.read, [0]).die(20, 7);
		expect(await calls()).toEqual(["10 - cpu0 7/7 a read(0) = -"]);
	});
});

describe("what the kernel does to calls", () => {
	test("a child's return from clone is no call; its parent's is", async () => {
		session.enter(0, 10, 7, NR.clone, [17]).fork(11, 7, 8, { comm: "a" });
		session.exit(1, 12, 8, NR.clone, 0).exit(0, 13, 7, NR.clone, 8);
		expect(await calls()).toEqual(["10 3 cpu0 7/7 - clone(17) = 8"]);
	});

	test("a child's return under a recycled id ends nobody's clone", async () => {
		session.enter(0, 10, 7, NR.clone, [17]).exit(1, 20, 7, NR.clone, 0);
		expect(await calls()).toEqual(["10 - cpu0 7/7 - clone(17) = -"]);
	});

	test("a failed clone is a call", async () => {
		session.enter(0, 10, 7, NR.clone, [17]).exit(0, 12, 7, NR.clone, -11);
		expect(await calls()).toEqual(["10 2 cpu0 7/7 - clone(17) = -11"]);
	});

	test("after a signal handler returns its number is not known", async () => {
		session.enter(0, 10, 7, NR.rt_sigreturn).exit(0, 12, 7, UNKNOWN, -4);
		expect(await calls()).toEqual(["10 2 cpu0 7/7 - rt_sigreturn() = -4"]);
	});

	test("execve returns by the new program's table", async () => {
		session.enter(0, 10, 7, NR.execve, [1, 2, 3]).exit(0, 20, 7, 11, 0, 1);
		session.enter(0, 30, 8, NR.execveat, [1, 2, 3, 4, 5]).exit(0, 40, 8, NR.execve, 0);
		session.enter(0, 50, 9, 11, [1, 2, 3], 1).exit(0, 60, 9, NR.execve, 0);
		session.enter(0, 70, 10, NR.execveat, [1, 2, 3, 4, 5]).exit(0, 80, 10, NR.execveat, -2);
		expect(await calls()).toEqual([
			"10 10 cpu0 7/7 - execve(1,2,3) = 0",
			"30 10 cpu0 8/8 - execveat(1,2,3,4,5) = 0",
			"50 10 cpu0 9/9 - execve(1,2,3) = 0",
			"70 10 cpu0 10/10 - execveat(1,2,3,4,5) = -2",
		]);
	});

	test.each(["message", "record", "both"] as const)(
		"execve by a thread returns under its process's id, told by %s",
		async (teller) => {
			session.fork(1, 5, 7, { comm: "old" }).fork(2, 7, 8, { pid: 7, comm: "old", start: 2n });
			session.enter(1, 5, 7, NR.futex, [1]);
			session.enter(0, 10, 8, NR.execve, [1, 2, 3]).die(15, 7, { groupDead: false });
			if (teller !== "record") session.exec(20, 7, { oldTid: 8, comm: "new" });
			if (teller !== "message") session.event(0, 20, 7, "sched_process_exec", 8, "/usr/bin/new");
			session.exit(0, 30, 7, NR.execve, 0).enter(0, 40, 7, NR.getpid).exit(0, 41, 7, NR.getpid, 7);
			session.die(50, 7);
			const database = await session.build();
			expect(database.calls()).toEqual([
				"5 - cpu1 7/7 old futex(1) = -",
				"10 20 cpu0 7/8 old execve(1,2,3) = 0",
				"40 1 cpu0 7/7 new getpid() = 7",
			]);
			expect(database.ask("SELECT pid, comm, exe FROM process WHERE pid = 7")).toEqual([
				"7|new|/usr/bin/new",
			]);
		},
	);
});

describe("losses", () => {
	test("a call around a gap on its CPU is not paired: another may have begun in it", async () => {
		session.enter(0, 10, 7, NR.getpid).lose(0, 4).exit(0, 1_000_000, 7, NR.getpid, 7);
		session.enter(0, 1_000_010, 7, NR.getpid).exit(0, 1_000_020, 7, NR.getpid, 7);
		expect(await calls()).toEqual([
			"10 - cpu0 7/7 - getpid() = -",
			"1000000 - cpu0 7/7 - getpid() = 7",
			"1000010 10 cpu0 7/7 - getpid() = 7",
		]);
	});

	test("a gap on a CPU that it was not on is none of its business", async () => {
		session.enter(0, 10, 7, NR.read, [1]).exit(0, 100, 7, NR.read, 1);
		session.enter(1, 20, 8, NR.read, [2]).lose(1, 4).exit(1, 90, 8, NR.write, 1);
		expect(await calls()).toEqual([
			"10 90 cpu0 7/7 - read(1) = 1",
			"20 - cpu1 8/8 - read(2) = -",
			"90 - cpu1 8/8 - write() = 1",
		]);
	});

	test("a call beside records lost in the same sub-buffer is paired", async () => {
		session.enter(0, 10, 7, NR.getpid).lose(0, 1, "inside").exit(0, 20, 7, NR.getpid, 7);
		session.enter(0, 30, 7, NR.getpid).exit(0, 40, 7, NR.getpid, 7);
		session.enter(0, 50, 7, NR.getpid).exit(0, 60, 7, NR.getpid, 7);
		expect((await calls()).map((call) => call.slice(0, 5))).toEqual(["10 10", "30 10", "50 10"]);
	});
});

test("equal times of equal calls are rows of their own", async () => {
	for (let times = 0; times < 3; times++) {
		session.enter(0, 10, 7, NR.getpid).exit(0, 10, 7, NR.getpid, 7);
		session.enter(0, 10, 7, NR.read, [1]).exit(0, 10, 7, NR.read, 1);
	}
	expect((await calls()).toSorted()).toEqual([
		...new Array(3).fill("10 0 cpu0 7/7 - getpid() = 7"),
		...new Array(3).fill("10 0 cpu0 7/7 - read(1) = 1"),
	]);
});

test("a payload that is not what it should be is a counted fault", async () => {
	session.enter(0, 10, 7, NR.read, [1]).record(0, 20, 1, 7, new Uint8Array(3));
	session.record(0, 30, 1, 7, new Uint8Array(4 + 5)).record(0, 35, 1, 7, new Uint8Array(4 + 64));
	session.exit(0, 40, 7, NR.read, 1).record(0, 50, 999, 7, new Uint8Array(8));
	const database = await session.build();
	expect(database.calls()).toEqual(["10 30 cpu0 7/7 - read(1) = 1"]);
	expect(
		database.ask("SELECT name, value FROM stats WHERE name LIKE 'fault\\_%' ESCAPE '\\'"),
	).toEqual(["fault_short_payload|3", "fault_unknown_event|1"]);
});
