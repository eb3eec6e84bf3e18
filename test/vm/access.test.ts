import { beforeAll, describe, expect, test } from "vitest";
import { type GuestRun, inGuest } from "./guest.js";

let guest: GuestRun;

beforeAll(async () => {
	guest = await inGuest(
		"access",
		`
		relayscope sources >/dev/null
		relay_memory() { awk '/relay/ { sum += $2 } END { print sum + 0 }' /proc/vmallocinfo; }
		before=$(relay_memory)

		mkfifo /tmp/hold
		$PROGRAMS/held_mapping hold </tmp/hold >$OUT/mapping & holder=$!
		exec 3>/tmp/hold
		until grep -q holding $OUT/mapping; do kill -0 $holder; sleep 0.1; done
		echo "held $(($(relay_memory) - before)) $(ls /sys/kernel/debug/relayscope | grep -c test || true)"
		# The recorder is gone, and its sources with it; the mapping alone keeps the core.
		rmmod relayscope_printk relayscope_block relayscope_sched relayscope_syscalls
		for module in relayscope bufflink; do
			rmmod $module 2>$OUT/refusal && echo "removed $module in use" || sed 's/.*ERROR: //' $OUT/refusal
		done
		exec 3>&-
		wait $holder
		echo "released $(($(relay_memory) - before))"

		# While recording, nothing can be removed.
		relayscope record -q -a -o $OUT/session & recorder=$!
		until [ -s $OUT/session/kernel.cpu0.raw ]; do kill -0 $recorder; sleep 0.1; done
		for module in relayscope_sched relayscope_syscalls relayscope bufflink; do
			rmmod $module 2>/dev/null && echo "removed $module in use"
		done

		# An ordinary user, even where debugfs is open to all.
		chmod 755 /sys/kernel/debug /sys/kernel/debug/relayscope
		as_user() { setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "$@"; }
		for path in /dev/relayscope /dev/bufflink* /sys/kernel/debug/relayscope/kernel*/cpu0 /sys/kernel/debug/relayscope/syscalls; do
			for mode in '<' '>' '<>'; do
				as_user bash -c "exec 4$mode$path" 2>/dev/null && echo "a user opened $path with $mode"
			done
			[ -e $path ] && echo "tried $path"
		done
		kill -INT $recorder
		wait $recorder
		rmmod relayscope_sched relayscope_syscalls relayscope bufflink && echo "modules removed"
		dmesg | grep -E 'BUG|WARNING|Oops' || echo "no complaint"
		cat $OUT/mapping
		`,
	);
	expect(guest.status, guest.output).toBe(0);
}, 480_000);

describe("a mapping", () => {
	test("shows no more than the buffer and changes nothing", () => {
		const lines = guest.stdout.split("\n").filter((line) => /^(not )?ok - /.test(line));
		expect(lines.filter((line) => line.startsWith("not"))).toEqual([]);
		expect(lines.length).toBeGreaterThanOrEqual(12);
	});

	test("that outlives its channel holds its own buffer and nothing else", () => {
		const [, held, files] = /^held (\d+) (\d+)$/m.exec(guest.stdout) ?? [];
		expect(Number(held)).toBeGreaterThanOrEqual(65536 * 4);
		// One CPU's buffer with the guard page of its mapping in the kernel.
		expect(Number(held)).toBeLessThan(65536 * 4 + 16384);
		expect(Number(files)).toBe(0);
		expect(guest.stdout).toMatch(/^released 0$/m);
	});
});

test("a module in use cannot be removed", () => {
	expect(guest.stdout).toMatch(/Module relayscope is in use/);
	expect(guest.stdout).toMatch(/Module bufflink is in use/);
	expect(guest.stdout).not.toMatch(/removed \w+ in use/);
	expect(guest.stdout).toMatch(/^modules removed$/m);
	expect(guest.stdout).toMatch(/^no complaint$/m);
});

test("an ordinary user can open nothing of it", () => {
	expect(guest.stdout.match(/^tried /gm)).toHaveLength(4);
	expect(guest.stdout).not.toMatch(/^a user/m);
});
