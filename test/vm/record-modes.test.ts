import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ask, type GuestRun, inGuest } from "./guest.js";

let guest: GuestRun;

beforeAll(async () => {
	guest = await inGuest(
		"record-modes",
		`
		$PROGRAMS/spawner & spawner=$!
		$PROGRAMS/spawner & other=$!
		relayscope record -q --pid $spawner --duration 1500ms -o $OUT/pid
		echo "pid $spawner $other"
		kill $other

		relayscope record -q --pid $spawner -o $OUT/interrupted & recorder=$!
		while ! [ -s $OUT/interrupted/kernel.cpu0.raw ] && ! [ -s $OUT/interrupted/kernel.cpu1.raw ]; do sleep 0.1; done
		kill -INT $recorder
		wait $recorder && echo "interrupted 0"
		kill $spawner

		# One child after the other without a pause: some are born while the recording is prepared.
		$PROGRAMS/spawner 0 & spawner=$!
		for round in 1 2 3; do
			relayscope record -q --pid $spawner --duration 100ms -o $OUT/busy$round
		done
		relayscope record -q --all --duration 100ms -o $OUT/system
		kill $spawner

		# SIGTERM goes on to the command, which decides when and how it ends.
		relayscope record -q -o $OUT/terminated -- $PROGRAMS/spawner & recorder=$!
		until pgrep -x spawner >/dev/null; do kill -0 $recorder; sleep 0.1; done
		sleep 0.5
		kill -TERM $recorder
		wait $recorder || echo "terminated $?"

		# Two recorders at once, each with its own channels.
		relayscope record -q -o $OUT/first -- $PROGRAMS/getppid 3000 &
		relayscope record -q -o $OUT/second -- $PROGRAMS/getppid 5000
		wait $!
		`,
	);
	expect(guest.status, guest.output).toBe(0);
}, 480_000);

const session = (name: string): string => join(guest.directory, name);

describe("record --pid", () => {
	test("records the process and what it starts from then on, nothing else", () => {
		const [, recorded, other] = /^pid (\d+) (\d+)$/m.exec(guest.stdout) ?? [];
		const rows = ask(session("pid"), `SELECT DISTINCT comm FROM syscalls ORDER BY comm`);
		expect(rows.map(({ comm }) => comm)).toEqual(["spawner", "true"]);
		const [row] = ask(
			session("pid"),
			`SELECT count(*) FILTER (WHERE pid = ${recorded}) > 0 AS own,
			 count(DISTINCT pid) > 3 AS children,
			 count(*) FILTER (WHERE pid = ${other}) AS foreign_calls FROM syscalls`,
		);
		expect(row).toEqual({ own: 1, children: 1, foreign_calls: 0 });
	});

	test("names every process, also one that was born while the recording was prepared", () => {
		for (const name of ["busy1", "busy2", "busy3", "system"]) {
			const calls = "SELECT count(*) > 0 AS some, count(*) FILTER (WHERE comm IS NULL) AS unnamed";
			const [row] = ask(session(name), `${calls} FROM syscalls`);
			expect(row, name).toEqual({ some: 1, unnamed: 0 });
		}
	});

	test("knows the processes by their parents and lives", () => {
		const [, recorded] = /^pid (\d+)/m.exec(guest.stdout) ?? [];
		const [row] = ask(
			session("pid"),
			`SELECT count(*) > 3 AS many, min(end_ts > start_ts) AS lived, min(exe LIKE '%/true') AS ran
			 FROM process WHERE ppid = ${recorded} AND comm = 'true' AND end_ts IS NOT NULL`,
		);
		expect(row).toEqual({ many: 1, lived: 1, ran: 1 });
	});
});

describe("signals", () => {
	test("Ctrl-C ends a recording of a process as a whole one", () => {
		expect(guest.stdout).toMatch(/^interrupted 0$/m);
		const rows = ask(session("interrupted"), "SELECT value FROM session WHERE key = 'status'");
		expect(rows).toEqual([{ value: "ended" }]);
	});

	test("SIGTERM is the command's to answer", () => {
		expect(guest.stdout).toMatch(/^terminated 5$/m);
		const rows = ask(
			session("terminated"),
			"SELECT value FROM session WHERE key = 'command_status'",
		);
		expect(rows).toEqual([{ value: 5 }]);
	});
});

test("two recorders at once do not see each other's", () => {
	const calls = (name: string): unknown =>
		ask(session(name), "SELECT count(*) AS calls FROM syscalls WHERE name = 'getppid'")[0];
	expect(calls("first")).toEqual({ calls: 3000 });
	expect(calls("second")).toEqual({ calls: 5000 });
});
