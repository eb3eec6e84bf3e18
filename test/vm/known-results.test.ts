import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ask, type GuestRun, inGuest } from "./guest.js";

let guest: GuestRun;

beforeAll(async () => {
	guest = await inGuest(
		"known-results",
		`
		relayscope record -q -o $OUT/known -- $PROGRAMS/known_results >$OUT/printed && exit 1 || echo $? >$OUT/status
		relayscope record -q -o $OUT/ia32 -- $PROGRAMS/ia32_call
		relayscope record -q -o $OUT/exec -- $PROGRAMS/exec_from_thread
		relayscope record -q --sources syscalls -o $OUT/alone -- $PROGRAMS/children
		relayscope record -q --sources sched -o $OUT/sched -- $PROGRAMS/children
		`,
	);
	expect(guest.status, guest.output).toBe(0);
}, 480_000);

describe("a program that prints what its calls returned", () => {
	test("has every value and errno in the recording, in the same order", () => {
		const printed = readFileSync(join(guest.directory, "printed"), "utf8").trim().split("\n");
		const expected = printed.map((line) => {
			const [name = "", value = "", error = ""] = line.split(" ");
			// Interrupted, the kernel leaves nanosleep with a restart code; the program is told EINTR.
			const errno = name === "nanosleep" ? "ERESTART_RESTARTBLOCK" : error;
			return { name, value: BigInt(value), errno: error === "-" ? null : errno };
		});
		expect(expected).toHaveLength(33);
		const names = [...new Set(expected.map(({ name }) => `'${name}'`))].join(",");
		const rows = ask(
			join(guest.directory, "known"),
			`SELECT name, ret, errno FROM syscalls WHERE name IN (${names})
			 AND pid = (SELECT pid FROM process WHERE comm = 'known_results') ORDER BY ts`,
		);
		// The C library makes calls of the same names before main and after; ours are in between.
		const found = rows.map(({ name, ret, errno }) => ({
			name,
			value: errno === null ? BigInt(String(ret)) : -1n,
			errno,
		}));
		expect(sameRun(expected, found)).toEqual(expected);
	});

	test("passes its exit status through", () => {
		expect(readFileSync(join(guest.directory, "status"), "utf8").trim()).toBe("7");
	});

	test("is recorded from its own execve on", () => {
		const [first] = ask(
			join(guest.directory, "known"),
			"SELECT name, ret FROM syscalls ORDER BY ts LIMIT 1",
		);
		expect(first).toEqual({ name: "execve", ret: 0 });
	});
});

test("calls through the 32-bit entry have the names of its table", () => {
	const rows = ask(
		join(guest.directory, "ia32"),
		"SELECT name, arg0, ret, errno FROM syscalls WHERE name IN ('getpid', 'close') AND (name = 'getpid' OR arg0 = 4095)",
	);
	expect(rows).toEqual([
		{ name: "getpid", arg0: null, ret: expect.any(Number), errno: null },
		{ name: "close", arg0: 4095, ret: -9, errno: "EBADF" },
	]);
});

test("execve from another thread ends under the process's id", () => {
	const session = join(guest.directory, "exec");
	const rows = ask(
		session,
		"SELECT pid, tid, ret, dur > 0 AS took FROM syscalls WHERE name = 'execve' ORDER BY ts",
	);
	expect(rows).toHaveLength(2);
	expect(rows[1]).toMatchObject({ ret: 0, took: 1 });
	const processes = ask(
		session,
		"SELECT comm, exe FROM process WHERE pid = (SELECT pid FROM syscalls LIMIT 1)",
	);
	expect(processes).toEqual([{ comm: "true", exe: expect.stringMatching(/\/true$/) }]);
});

test("every process ends with the status its parent was told", () => {
	const rows = ask(
		join(guest.directory, "alone"),
		"SELECT comm, exit_status FROM process WHERE end_ts IS NOT NULL ORDER BY end_ts",
	);
	expect(rows).toEqual([
		{ comm: "true", exit_status: 0 },
		{ comm: "cat", exit_status: 0 },
		{ comm: "ls", exit_status: 2 },
		{ comm: "children", exit_status: 127 },
		{ comm: "children", exit_status: 0 },
	]);
});

describe("following children works with any one source alone", () => {
	test("syscalls", () => {
		const rows = ask(
			join(guest.directory, "alone"),
			"SELECT comm FROM syscalls WHERE name = 'exit_group' ORDER BY ts",
		);
		expect(rows.map(({ comm }) => comm)).toEqual(["true", "cat", "ls", "children", "children"]);
	});

	test("sched", () => {
		// By process: a slice has the name from its begin, and `true` can be done in one slice.
		const rows = ask(
			join(guest.directory, "sched"),
			"SELECT DISTINCT comm FROM process WHERE pid IN (SELECT pid FROM sched_slices)",
		);
		expect(rows.map(({ comm }) => comm)).toEqual(
			expect.arrayContaining(["cat", "children", "ls", "true"]),
		);
		const [busy] = ask(
			join(guest.directory, "sched"),
			"SELECT min(dur) >= 0 AS sane, count(*) > 4 AS many FROM sched_slices",
		);
		expect(busy).toEqual({ sane: 1, many: 1 });
	});
});

/** The part of `found` that equals `expected`, or all of it, for the failure to show. */
function sameRun<T>(expected: readonly T[], found: readonly T[]): readonly T[] {
	const text = (value: T | undefined): string =>
		JSON.stringify(value, (_key, inner: unknown) =>
			typeof inner === "bigint" ? `${inner}n` : inner,
		);
	const same = (a: T | undefined, b: T): boolean => text(a) === text(b);
	for (let at = 0; at + expected.length <= found.length; at++) {
		if (expected.every((row, index) => same(found[at + index], row))) {
			return found.slice(at, at + expected.length);
		}
	}
	return found;
}
