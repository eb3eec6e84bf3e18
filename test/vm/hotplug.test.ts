import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ask, type GuestRun, inGuest } from "./guest.js";

const ROUNDS = 4;

let guest: GuestRun;

beforeAll(async () => {
	guest = await inGuest(
		"hotplug",
		`
		cpu1() { echo $1 >/sys/devices/system/cpu/cpu1/online; }
		load() { while :; do $PROGRAMS/getppid 20000; done & }

		# One that is not there at the start and comes while it is recorded, then goes and comes again.
		load; first=$!
		load; second=$!
		cpu1 0
		relayscope record -q -a --duration 8s --subbuf-size 16384 --subbufs 4 -o $OUT/session & recorder=$!
		until [ -s $OUT/session/kernel.cpu0.raw ]; do kill -0 $recorder; sleep 0.1; done
		for round in $(seq ${ROUNDS}); do
			cpu1 1
			sleep 0.7
			cpu1 0
			sleep 0.3
		done
		cpu1 1
		wait $recorder

		# Tiny buffers, and a reader that verifies each record.
		insmod $RELAYSCOPE_MODULES/test_relayscope.ko
		$PROGRAMS/verifying_recorder 6 4096 4 test,sched,syscalls & recorder=$!
		echo 4000 80 >/sys/kernel/debug/test_relayscope/storm & storm=$!
		for round in 1 2 3; do
			cpu1 0
			sleep 0.4
			cpu1 1
			sleep 0.4
		done
		wait $storm
		wait $recorder
		kill $first $second
		pkill -x getppid || true
		dmesg | grep -E 'BUG|WARNING|Oops' || echo "no complaint"
		`,
	);
	expect(guest.status, guest.output).toBe(0);
}, 480_000);

describe("a CPU that comes and goes while it is recorded", () => {
	const session = (): string => join(guest.directory, "session");

	test("is picked up, and every record is accounted for on both", () => {
		const rows = ask(
			session(),
			`SELECT cpu,
			 sum(value) FILTER (WHERE name = 'seen') AS seen,
			 sum(value) FILTER (WHERE name IN ('filtered', 'lost', 'written')) AS counted,
			 sum(value) FILTER (WHERE name = 'written') AS written,
			 sum(value) FILTER (WHERE name IN ('stored', 'unread', 'faults')) AS kept,
			 sum(value) FILTER (WHERE name = 'stored') AS stored
			 FROM stats WHERE channel = 'kernel' GROUP BY cpu ORDER BY cpu`,
		);
		expect(rows.map(({ cpu }) => cpu)).toEqual([0, 1]);
		for (const row of rows) {
			expect(row["counted"]).toBe(row["seen"]);
			expect(row["kept"]).toBe(row["written"]);
			expect(row["stored"]).toBeGreaterThan(0);
		}
	});

	test("has records of each time that it was there", () => {
		const rows = ask(
			session(),
			`SELECT count(*) AS gaps FROM (
				SELECT ts - lag(ts) OVER (ORDER BY ts) AS gap FROM sched_slices WHERE cpu = 1
			 ) WHERE gap > 200000000`,
		);
		expect(rows[0]?.["gaps"]).toBeGreaterThanOrEqual(ROUNDS - 1);
	});

	test("with writers in every context and tiny buffers, record by record", () => {
		expect(guest.stdout).toMatch(/^conserved$/m);
		expect(guest.stdout).toMatch(/^no complaint$/m);
	});
});
