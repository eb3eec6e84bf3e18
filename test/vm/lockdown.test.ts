import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ask, type GuestRun, inGuest } from "./guest.js";

let guest: GuestRun;

beforeAll(async () => {
	guest = await inGuest(
		"lockdown",
		`
		relayscope sources >/dev/null
		mountpoint -q /sys/kernel/security || mount -t securityfs none /sys/kernel/security
		echo integrity >/sys/kernel/security/lockdown
		relayscope doctor | sed -n '/lockdown/,+1p'

		# What the recorder meets: nothing that can be mapped is opened, and its twin is.
		relayscope record -q -a -o $OUT/system & recorder=$!
		until [ -s $OUT/system/kernel.cpu0.raw ]; do kill -0 $recorder; sleep 0.1; done
		cat /sys/kernel/debug/relayscope/kernel*/cpu0 >/dev/null 2>&1 && echo "a mappable file was opened"
		cd /sys/kernel/debug/relayscope/kernel*
		head -c 4 cpu0.read | od -An -tx1
		sh -c 'exec 4<>cpu0.read' 2>/dev/null && echo "the twin was opened for writing"
		cd $OUT
		dmesg | grep 'Lockdown: node: debugfs'
		kill -INT $recorder
		wait $recorder

		relayscope record -o $OUT/calls -- $PROGRAMS/getppid 300000 2>&1 | tail -1
		relayscope record -q --flight-recorder --snapshot-at-end --subbuf-size 64K --subbufs 4 -o $OUT/flight -- $PROGRAMS/getppid 100000

		rmmod relayscope_printk
		relayscope record -q --sources printk -o $OUT/refused -- true 2>&1 || echo "refused $?"
		`,
	);
	expect(guest.status, guest.output).toBe(0);
}, 480_000);

const session = (name: string): string => join(guest.directory, name);

test("what a locked-down kernel lets be opened is the twin, read-only", () => {
	expect(guest.stdout).not.toMatch(/was opened/);
	expect(guest.stdout).toMatch(/debugfs access is restricted/);
	// A sub-buffer's magic.
	expect(guest.stdout).toMatch(/^ 52 4c 59 53$/m);
});

test("a recording is whole", () => {
	expect(guest.stdout).toMatch(/none lost/);
	const calls = ask(
		session("calls"),
		"SELECT count(*) AS calls FROM syscalls WHERE name = 'getppid'",
	);
	expect(calls).toEqual([{ calls: 300_000 }]);
	expect(ask(session("calls"), "SELECT count(*) AS losses FROM losses")).toEqual([{ losses: 0 }]);
});

test("a flight recorder's snapshot comes through the twin, in whole calls", () => {
	const [snapshot = ""] = readdirSync(session("flight")).filter((name) => /^snapshot-/.test(name));
	const [row] = ask(
		session(join("flight", snapshot)),
		`SELECT count(*) > 5000 AS many, count(*) FILTER (WHERE ret IS NULL) <= 2 AS whole FROM syscalls
		 WHERE name = 'getppid'`,
	);
	expect(row).toEqual({ many: 1, whole: 1 });
});

test("doctor and a refused module say what to do", () => {
	expect(guest.stdout).toMatch(/warning {2}lockdown +the kernel is locked down \(integrity\)/);
	expect(guest.stdout).toMatch(/takes signed modules only/);
	expect(guest.stdout).toMatch(/^refused \d+$/m);
});
