import { beforeAll, describe, expect, test } from "vitest";
import { type GuestRun, inGuest } from "./guest.js";

let guest: GuestRun;

beforeAll(async () => {
	guest = await inGuest(
		"write-path",
		`
		relayscope sources >/dev/null
		insmod $RELAYSCOPE_MODULES/test_relayscope.ko
		$PROGRAMS/write_path

		# Every context of every CPU, into buffers that are too small for it.
		for size in "4096 4" "65536 8"; do
			$PROGRAMS/verifying_recorder 4 $size test,sched,syscalls &
			sleep 1
			echo 2000 100 >/sys/kernel/debug/test_relayscope/storm
			wait $! && echo "conserved in $size"
		done
		cat /sys/kernel/debug/test_relayscope/counts

		$PROGRAMS/verifying_recorder 2 65536 8 test_prototype & recorder=$!
		sleep 1
		for i in 1 2 3 4 5; do true | cat; done
		wait $recorder
		relayscope sources --json
		dmesg | grep 'relayscope: tracepoint'
		dmesg | grep -E 'BUG|WARNING|Oops' || echo "no complaint"
		`,
	);
	expect(guest.status, guest.output).toBe(0);
}, 480_000);

test("the edges of the write path", () => {
	const lines = guest.stdout.split("\n").filter((line) => /^(not )?ok - /.test(line));
	expect(lines.filter((line) => line.startsWith("not"))).toEqual([]);
	expect(lines).toHaveLength(13);
});

describe("writers in every context on every CPU", () => {
	test.each(["4096 4", "65536 8"])("are all accounted for in buffers of %s", (size) => {
		expect(guest.stdout).toContain(`conserved in ${size}`);
		expect(guest.stdout).not.toMatch(/BROKEN/);
	});

	test("have all been there", () => {
		for (const context of ["process", "softirq", "hardirq", "nmi"]) {
			for (const cpu of [0, 1]) {
				const [, attempted] =
					new RegExp(`^${context} ${cpu} (\\d+)$`, "m").exec(guest.stdout) ?? [];
				expect(Number(attempted)).toBeGreaterThan(20);
			}
		}
	});
});

describe("a tracepoint that this kernel has not, or not as the probe was written for", () => {
	test("is left out with a message", () => {
		expect(guest.stdout).toMatch(
			/tracepoint never_was_a_tracepoint is not in this kernel: left out/,
		);
		expect(guest.stdout).toMatch(
			/tracepoint sched_process_wait has another prototype in this kernel: left out/,
		);
	});

	test("and the rest of its source records", () => {
		const after = guest.stdout.slice(guest.stdout.lastIndexOf("nmi "));
		expect(after).toMatch(/^conserved$/m);
		expect(after).toMatch(/written [1-9]/);
		expect(guest.stdout).toMatch(/^no complaint$/m);
	});
});
