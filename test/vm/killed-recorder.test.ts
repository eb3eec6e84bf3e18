import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ask, type GuestRun, inGuest, relayscope } from "./guest.js";

let guest: GuestRun;

beforeAll(async () => {
	guest = await inGuest(
		"killed-recorder",
		`
		relayscope sources >/dev/null
		relay_memory() { awk '/relay/ { sum += $2 } END { print sum + 0 }' /proc/vmallocinfo; }
		before=$(relay_memory)
		relayscope record -q -o $OUT/session -- $PROGRAMS/getppid 100000000 &
		recorder=$!
		until pgrep -x getppid >/dev/null; do kill -0 $recorder; sleep 0.02; done
		sleep 1
		echo "during $(($(relay_memory) - before)) $(ls /sys/kernel/debug/relayscope | grep -c kernel)"
		kill -KILL $recorder
		wait $recorder || true
		pgrep -x getppid >/dev/null && echo "command alive"
		# The last file goes with the process's exit, not with the signal.
		for i in $(seq 50); do ls /sys/kernel/debug/relayscope | grep -q kernel || break; sleep 0.1; done
		echo "after $(($(relay_memory) - before)) $(ls /sys/kernel/debug/relayscope | grep -c kernel || true)"
		rmmod relayscope_printk relayscope_block relayscope_sched relayscope_syscalls relayscope bufflink && echo "modules removed"
		pgrep -x getppid >/dev/null && echo "command still alive"
		pkill -x getppid
		dmesg | grep -E 'BUG|WARNING|Oops|refcount' || echo "no complaint"
		`,
	);
	expect(guest.status, guest.output).toBe(0);
}, 480_000);

test("leaves no channel, no probe and no memory, while the traced command lives on", () => {
	const lines = guest.stdout.trim().split("\n");
	expect(lines[0]).toMatch(/^during [1-9]\d* 1$/);
	expect(lines.slice(1)).toEqual([
		"command alive",
		"after 0 0",
		"modules removed",
		"command still alive",
		"no complaint",
	]);
});

test("leaves a session that answers up to its last whole sub-buffer", () => {
	const session = join(guest.directory, "session");
	const [row] = ask(
		session,
		"SELECT count(*) > 1000 AS many, count(DISTINCT ret) AS answers FROM syscalls WHERE name = 'getppid' AND dur IS NOT NULL",
	);
	expect(row).toEqual({ many: 1, answers: 1 });
	expect(ask(session, "SELECT name FROM stats WHERE name = 'produced'")).toEqual([]);
	const open = ask(
		session,
		"SELECT channel, ts_begin > 0 AS begun, lost FROM losses WHERE ts_end IS NULL",
	);
	expect(open).toContainEqual({ channel: "kernel", begun: 1, lost: null });
	expect(relayscope("report", session, "syscalls").stdout).toMatch(/ended abnormally/);
	expect(readFileSync(join(session, "metadata")).length).toBeGreaterThan(0);
});
