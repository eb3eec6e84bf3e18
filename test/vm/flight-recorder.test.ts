import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { openSession, type Session } from "../../src/session/session-reader.js";
import { ask, type GuestRun, inGuest, relayscope } from "./guest.js";

let guest: GuestRun;

beforeAll(async () => {
	guest = await inGuest(
		"flight-recorder",
		`
		recorder_of() { until pgrep -x "$1" >/dev/null; do kill -0 $2; sleep 0.02; done; }
		try() { local name=$1; shift; "$@" >$OUT/$name.out 2>$OUT/$name.err && echo "$name 0" || echo "$name $?"; }

		# A writer on each CPU, and snapshots by request and by signal meanwhile.

		relayscope record --flight-recorder --subbuf-size 16K --subbufs 64 --snapshot-at-end -o $OUT/heavy -- \
			sh -c "taskset 1 $PROGRAMS/getppid 1000000000 & taskset 2 $PROGRAMS/getppid 1000000000 & wait; exit 0" 2>$OUT/heavy.err & recorder=$!
		recorder_of getppid $recorder
		sleep 1
		try asked relayscope snapshot $OUT/heavy
		try only relayscope snapshot --json
		taken() { ls $OUT/heavy | grep -c '^snapshot-[0-9-]*$'; }
		for i in 1 2 3 4; do
			before=$(taken)
			kill -USR2 $recorder
			until [ $(taken) -gt $before ]; do kill -0 $recorder; sleep 0.1; done
		done
		pkill -x getppid
		wait $recorder && echo "heavy 0"

		# Failure, success, and the last moments only.
		try fails relayscope record --flight-recorder -o $OUT/fails -- sh -c 'ls / >/dev/null; exit 3'
		try killed relayscope record --flight-recorder -o $OUT/killed -- sh -c 'kill -TERM $$'
		try works relayscope record --flight-recorder -o $OUT/works -- true
		try keep relayscope record --flight-recorder --keep 3s --snapshot-at-end --subbuf-size 4K --subbufs 64 -o $OUT/keep -- \
			sh -c 'for i in 1 2 3 4 5 6; do ls / >/dev/null; sleep 1; done'
		try short relayscope record --flight-recorder --keep 1h --snapshot-at-end --subbuf-size 4K --subbufs 2 -o $OUT/short -- $PROGRAMS/getppid 3000

		# Channels of both modes beside each other.
		try mixed relayscope record --channel calls,source=syscalls,size=4K,count=4,mode=overwrite \
			--channel runs,source=sched,size=64K,count=8,flush=50ms --snapshot-at-end -o $OUT/mixed -- \
			sh -c "$PROGRAMS/getppid 20000; exit 0"
		try two relayscope record --channel calls,source=syscalls --channel runs,source=sched,size=64K,count=8 -o $OUT/two -- \
			sh -c "$PROGRAMS/getppid 2000; ls /"

		# A CPU that is offline while a snapshot is taken, and back before the next.
		try hotplug relayscope record --flight-recorder --snapshot-at-end -o $OUT/hotplug -- sh -c '
			cpu1=/sys/devices/system/cpu/cpu1/online
			taskset 2 ls / >/dev/null
			echo 0 >$cpu1
			kill -USR2 $PPID
			until ls $0 | grep -q "^snapshot-[0-9-]*$"; do sleep 0.1; done
			echo 1 >$cpu1
			taskset 2 ls / >/dev/null' $OUT/hotplug

		# Wrong use.
		try memory relayscope record --flight-recorder --subbuf-size 64M --subbufs 8 -o $OUT/a -- true
		try nobody relayscope snapshot
		try twice relayscope record --channel a,source=sched --channel b,source=sched -o $OUT/b -- true
		try flush relayscope record --flight-recorder --flush-interval 100 -o $OUT/c -- true
		try keep-what relayscope record --keep 1s -o $OUT/d -- true

		# A recorder that is killed leaves nothing.
		relayscope record --flight-recorder -q -o $OUT/gone -- $PROGRAMS/getppid 1000000000 & recorder=$!
		recorder_of getppid $recorder
		kill -KILL $recorder; wait $recorder || true
		pkill -x getppid
		for i in $(seq 50); do ls /sys/kernel/debug/relayscope | grep -q kernel || break; sleep 0.1; done
		echo "left $(ls /sys/kernel/debug/relayscope | grep -c kernel || true)"
		try gone relayscope snapshot $OUT/gone
		rmmod relayscope_sched relayscope_syscalls relayscope bufflink && echo "modules removed"
		dmesg | grep -E 'BUG|WARNING|Oops|refcount' || echo "no complaint"
		`,
		{ timeoutSeconds: 900 },
	);
	expect(guest.status, guest.output).toBe(0);
}, 960_000);

const directory = (name: string): string => join(guest.directory, name);

function snapshotsIn(name: string): string[] {
	return readdirSync(directory(name))
		.filter((entry) => entry.startsWith("snapshot-"))
		.sort()
		.map((entry) => join(directory(name), entry));
}

function printed(name: string, stream: "out" | "err"): string {
	return readFileSync(directory(`${name}.${stream}`), "utf8");
}

/** Every term of the conservation identity, per channel and CPU, each as it was counted. */
function books(session: string): Map<string, Map<string, number>> {
	const accounts = new Map<string, Map<string, number>>();
	for (const row of ask(session, "SELECT channel, cpu, name, value FROM stats")) {
		const key = `${row["channel"]}/${row["cpu"]}`;
		const account = accounts.get(key) ?? new Map<string, number>();
		account.set(String(row["name"]), Number(row["value"]));
		accounts.set(key, account);
	}
	return accounts;
}

function expectBalance(session: string): void {
	for (const [key, account] of books(session)) {
		const sum = (...names: string[]): number =>
			names.reduce((total, name) => total + (account.get(name) ?? 0), 0);
		expect(account.get("seen"), key).toBe(sum("filtered", "lost", "written"));
		const taken = sum("stored", "overwritten", "torn", "unread", "faults");
		expect(account.get("written"), key).toBe(taken);
	}
}

interface Subbuf {
	readonly sequence: bigint;
	readonly records: number;
}

/** Walks a raw file by the ABI's offsets: what is torn shows in a length, a count or a time. */
function walk({ path }: Session["rawFiles"][number]): Subbuf[] {
	const bytes = readFileSync(path);
	const found: Subbuf[] = [];
	for (let at = 0; at < bytes.length; ) {
		expect(bytes.readUInt32LE(at).toString(16)).toBe("53594c52");
		const end = at + bytes.readUInt32LE(at + 20);
		let time = 0;
		let records = 0;
		for (let record = at + bytes.readUInt16LE(at + 6); record < end; records++) {
			const delta = bytes.readUInt32LE(record + 4);
			if (delta < time) throw new Error(`${path}: time goes back at ${record}`);
			time = delta;
			record += Math.ceil(bytes.readUInt16LE(record + 2) / 8) * 8;
		}
		expect(records).toBe(bytes.readUInt32LE(at + 48));
		found.push({ sequence: bytes.readBigUInt64LE(at + 24), records });
		at += Math.ceil((end - at) / 8) * 8;
	}
	return found;
}

describe("snapshots while a writer runs on each CPU", () => {
	test("are taken on request, on SIGUSR2 and at the end, and printed", () => {
		const sessions = snapshotsIn("heavy");
		expect(sessions).toHaveLength(7);
		const reasons = sessions.map((path) => openSession(path).metadata.snapshot?.reason);
		expect(reasons.toSorted()).toEqual([
			...["end", "request", "request", "signal", "signal", "signal", "signal"],
		]);
		expect(guest.stdout).toMatch(/^asked 0$/m);
		expect(sessions).toContain(printed("asked", "out").trim());
		expect(sessions).toContain(JSON.parse(printed("only", "out")).directory);
		expect(guest.stdout).toMatch(/^heavy 0$/m);
	});

	test("hold whole sub-buffers, without a gap, and balance on every CPU", () => {
		for (const path of snapshotsIn("heavy")) {
			const session = openSession(path);
			let stored = 0;
			for (const file of session.rawFiles) {
				const subbufs = walk(file);
				for (const [index, { sequence, records }] of subbufs.entries()) {
					if (index > 0) expect(sequence).toBe((subbufs[index - 1]?.sequence ?? 0n) + 1n);
					stored += records;
				}
			}
			expect(stored).toBeGreaterThan(1000);
			expectBalance(path);
			const faults = ask(path, "SELECT name FROM stats WHERE name LIKE 'fault%' AND value > 0");
			expect(faults).toEqual([]);
		}
	});

	test("have been written over meanwhile", () => {
		const [row] = ask(
			snapshotsIn("heavy").at(-1) ?? "",
			"SELECT min(value) > 1000 AS lots FROM stats WHERE name = 'overwritten'",
		);
		expect(row).toEqual({ lots: 1 });
	});

	test("deliver only calls as they were, of processes with names", () => {
		for (const path of snapshotsIn("heavy")) {
			const [row] = ask(
				path,
				`SELECT count(*) > 500 AS many, count(DISTINCT pid) AS pids,
				 count(*) FILTER (WHERE comm IS NOT 'getppid') AS nameless,
				 count(*) FILTER (WHERE ret IS NOT (SELECT ppid FROM process p WHERE p.pid = s.pid)) AS wrong
				 FROM syscalls s WHERE name = 'getppid' AND dur IS NOT NULL`,
			);
			expect(row).toEqual({ many: 1, pids: 2, nameless: 0, wrong: 0 });
		}
	});

	test("say how far back they reach", () => {
		expect(printed("heavy", "err")).toMatch(
			/snapshot \(SIGUSR2\) of [\d,]+ records.* reaches back [\d.]+ \S?s on every CPU/,
		);
		const [path = ""] = snapshotsIn("heavy");
		expect(relayscope("report", path, "syscalls").stdout).toMatch(/flight recorder/i);
	});
});

describe("when the command ends", () => {
	test.each([
		["fails", 3],
		["killed", 143],
	])("%s: the snapshot is taken, the status passes through", (name, status) => {
		expect(guest.stdout).toMatch(new RegExp(`^${name} ${status}$`, "m"));
		const [path = "", ...more] = snapshotsIn(name);
		expect(more).toEqual([]);
		expectBalance(path);
		const facts = ask(
			path,
			"SELECT key, value FROM session WHERE key IN ('snapshot_reason', 'command_status', 'status') ORDER BY key",
		);
		expect(facts).toEqual([
			{ key: "command_status", value: status },
			{ key: "snapshot_reason", value: "command-failed" },
			{ key: "status", value: "ended" },
		]);
		const [row] = ask(path, "SELECT count(*) > 0 AS calls FROM syscalls WHERE name = 'execve'");
		expect(row).toEqual({ calls: 1 });
		expect(printed(name, "err")).toContain(basename(path));
	});

	test("well, there is none, and the recorder's own books say where the records are", () => {
		expect(guest.stdout).toMatch(/^works 0$/m);
		expect(snapshotsIn("works")).toEqual([]);
		expect(printed("works", "err")).toMatch(/no snapshot was taken/);
		expectBalance(directory("works"));
		expect(relayscope("report", directory("works"), "losses").stdout).toMatch(/snapshots/);
	});
});

test("a CPU that goes offline keeps what it held", () => {
	expect(guest.stdout).toMatch(/^hotplug 0$/m);
	const sessions = snapshotsIn("hotplug");
	expect(sessions).toHaveLength(2);
	for (const path of sessions) {
		expectBalance(path);
		const [row] = ask(
			path,
			"SELECT count(*) > 0 AS calls FROM syscalls WHERE cpu = 1 AND comm = 'ls'",
		);
		expect(row).toEqual({ calls: 1 });
	}
});

describe("--keep", () => {
	test("leaves out what ended earlier, and counts it", () => {
		const [path = ""] = snapshotsIn("keep");
		expectBalance(path);
		const [row] = ask(
			path,
			`SELECT sum(value) FILTER (WHERE name = 'trimmed') > 0 AS trimmed,
			 sum(value) FILTER (WHERE name = 'stored') > 0 AS stored FROM stats`,
		);
		expect(row).toEqual({ trimmed: 1, stored: 1 });
		expect(relayscope("report", path, "syscalls").stdout).not.toMatch(/unread/);
	});

	test("says when the buffers hold less", () => {
		expect(printed("short", "err")).toMatch(/not 60 min 00 s: the buffers are too small/);
	});
});

describe("several channels", () => {
	test("of both modes: each goes its own way", () => {
		expect(guest.stdout).toMatch(/^mixed 0$/m);
		const [path = ""] = snapshotsIn("mixed");
		expectBalance(path);
		expectBalance(directory("mixed"));
		const names = (session: string): string[] =>
			openSession(session).rawFiles.map(({ channel }) => channel.name);
		expect(new Set(names(directory("mixed")))).toEqual(new Set(["runs"]));
		expect(new Set(names(path))).toEqual(new Set(["calls"]));
		const [row] = ask(directory("mixed"), "SELECT count(*) > 0 AS runs FROM sched_slices");
		expect(row).toEqual({ runs: 1 });
	});

	test("each with its own sub-buffers, in one answer", () => {
		expect(guest.stdout).toMatch(/^two 0$/m);
		expectBalance(directory("two"));
		const { channels } = openSession(directory("two")).metadata;
		expect(
			channels.map(({ name, subbufSize, subbufCount }) => [name, subbufSize, subbufCount]),
		).toEqual([
			["calls", 262144, 32],
			["runs", 65536, 8],
		]);
		const [row] = ask(
			directory("two"),
			`SELECT (SELECT count(*) FROM syscalls WHERE name = 'getppid' AND comm = 'getppid') AS calls,
			 (SELECT count(*) > 0 FROM sched_slices) AS runs`,
		);
		expect(row).toEqual({ calls: 2000, runs: 1 });
	});
});

test.each([
	["memory", 125, /buffers of \d+ MiB would take more than half of the \d+ MiB/],
	["nobody", 1, /no flight recorder is running/],
	["twice", 125, /source sched is in two channels/],
	["flush", 125, /no flush interval/],
	["keep-what", 125, /--keep is for a flight recorder/],
	["gone", 1, /no flight recorder is running to gone/],
] as const)("%s is told in a sentence", (name, status, sentence) => {
	expect(guest.stdout).toMatch(new RegExp(`^${name} ${status}$`, "m"));
	expect(printed(name, "err")).toMatch(sentence);
});

test("a recorder that is killed leaves nothing", () => {
	expect(guest.stdout).toMatch(/^left 0\ngone 1\nmodules removed\nno complaint$/m);
});
