import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { CPU_ALL } from "../../src/base/cpu.js";
import { openSession } from "../../src/session/session-reader.js";
import { ask, type GuestRun, inGuest, relayscope } from "./guest.js";

const CALLS = 5000;
const ROUNDS = 3;

let guest: GuestRun;

beforeAll(async () => {
	guest = await inGuest(
		"channels",
		`
		try() { local name=$1; shift; "$@" >$OUT/$name.out 2>$OUT/$name.err && echo "$name 0" || echo "$name $?"; }
		getppids() { taskset 1 $PROGRAMS/getppid $1 & first=$!; taskset 2 $PROGRAMS/getppid $1; wait $first; }
		cpu1() { echo $1 >/sys/devices/system/cpu/cpu1/online; }

		# By the ABI alone: buffer-only channels, reset, flush; then a global channel in a storm.
		relayscope sources >/dev/null
		insmod $RELAYSCOPE_MODULES/test_relayscope.ko
		$PROGRAMS/channels
		storm() { sleep 1; echo $milliseconds 80 >/sys/kernel/debug/test_relayscope/storm; }
		milliseconds=2000
		global() { local name=$1; shift; storm & $PROGRAMS/global_recorder 4 "$@" | sed "s/^/$name: /"; wait; }
		# Short enough for all of it to lie in the buffer, should the reader get no time at all.
		milliseconds=100 global whole 1048576 64 test
		global tight 4096 4 test,sched,syscalls
		global newest 4096 64 test,sched,syscalls overwrite
		for mode in discard overwrite; do
			(for round in 1 2 3; do cpu1 0; sleep 0.4; cpu1 1; sleep 0.4; done) & hotplug=$!
			global "hotplug-$mode" 16384 16 test,sched,syscalls $mode
			wait $hotplug || true
		done
		rmmod test_relayscope

		# As a user does it.
		try several relayscope record -q --snapshot-at-end -o $OUT/several \
			--channel calls,source=syscalls,global,size=1M,count=8 \
			--channel runs,source=sched,size=64K,count=8,flush=50ms \
			--channel log,source=printk,size=16K,count=4,global \
			--channel newest,source=syscalls,size=4K,count=4,mode=overwrite \
			--channel newest-runs,source=sched,size=4K,count=64,mode=overwrite,global -- \
			sh -c "echo channel-test >/dev/kmsg; taskset 1 $PROGRAMS/getppid ${CALLS} & taskset 2 $PROGRAMS/getppid ${CALLS}; wait"

		# Another CPU comes and goes meanwhile, in channels of every kind.
		cpu1 0
		relayscope record -q --snapshot-at-end -a -o $OUT/comes \
			--channel calls,source=syscalls,global,size=256K,count=8 \
			--channel runs,source=sched,size=64K,count=8 \
			--channel newest,source=syscalls,size=16K,count=8,mode=overwrite & recorder=$!
		until [ -s $OUT/comes/runs.cpu0.raw ]; do kill -0 $recorder; sleep 0.1; done
		for round in $(seq ${ROUNDS}); do
			cpu1 1
			getppids ${CALLS}
			cpu1 0
			taskset 1 $PROGRAMS/getppid ${CALLS}
		done
		cpu1 1
		kill -TERM $recorder
		wait $recorder && echo "comes 0"

		# Nothing is handed over by time: it is when it is asked for.
		relayscope record -q --flush-interval 0 -o $OUT/flush -- sleep 1000 & recorder=$!
		until pgrep -x sleep >/dev/null; do kill -0 $recorder; sleep 0.05; done
		sleep 0.5
		echo "before $(cat $OUT/flush/kernel.cpu*.raw | wc -c)"
		kill -USR1 $recorder
		until [ $(cat $OUT/flush/kernel.cpu*.raw | wc -c) -gt 0 ]; do kill -0 $recorder; sleep 0.05; done
		echo flushed
		pkill -x sleep
		wait $recorder || true

		try large relayscope record -o $OUT/a --channel small,source=sched --channel large,source=syscalls,size=64M,count=16 -- true
		try both relayscope record --from-boot -o $OUT/b -- true
		try noboot relayscope record --from-boot -o $OUT/c

		# From the module's loading on, before there is a recorder.
		unload() { rmmod relayscope_printk relayscope_block relayscope_sched relayscope_syscalls relayscope 2>/dev/null || rmmod relayscope_syscalls relayscope; }
		unload
		insmod $RELAYSCOPE_MODULES/relayscope.ko boot=syscalls,sched
		insmod $RELAYSCOPE_MODULES/relayscope_syscalls.ko
		getppids ${CALLS}
		insmod $RELAYSCOPE_MODULES/relayscope_sched.ko
		rmmod relayscope_sched
		insmod $RELAYSCOPE_MODULES/relayscope_sched.ko
		echo "files $(ls /sys/kernel/debug/relayscope/boot-* | wc -l)"
		relayscope record -q --from-boot --duration 4s -o $OUT/boot & recorder=$!
		until [ -s $OUT/boot/boot.cpu0.raw ]; do kill -0 $recorder; sleep 0.1; done
		! rmmod relayscope_sched 2>/dev/null && echo "held"
		getppids 100
		wait $recorder
		try twice relayscope record --from-boot -o $OUT/d

		# Nobody asks for it.
		rmmod relayscope_sched relayscope_syscalls relayscope
		insmod $RELAYSCOPE_MODULES/relayscope.ko boot=syscalls,nobodys boot_mode=overwrite boot_size=4096 boot_count=16
		insmod $RELAYSCOPE_MODULES/relayscope_syscalls.ko
		$PROGRAMS/getppid ${CALLS}
		rmmod relayscope_syscalls relayscope && echo "unloaded"
		insmod $RELAYSCOPE_MODULES/relayscope.ko boot=syscalls boot_mode=overwrite boot_size=4096 boot_count=16
		insmod $RELAYSCOPE_MODULES/relayscope_syscalls.ko
		taskset 1 $PROGRAMS/getppid ${CALLS}
		try flight relayscope record -q --from-boot --snapshot-at-end --duration 1s -o $OUT/flight
		rmmod relayscope_syscalls relayscope
		insmod $RELAYSCOPE_MODULES/relayscope.ko boot=syscalls boot_mode=both && echo "loaded all the same"
		dmesg | grep 'no boot recording'
		dmesg | grep -E 'BUG|WARNING|Oops|refcount' || echo "no complaint"
		`,
		{ timeoutSeconds: 900 },
	);
	expect(guest.status, guest.output).toBe(0);
}, 960_000);

const directory = (name: string): string => join(guest.directory, name);

/** Every term of the conservation identity, of the whole channel, and of each CPU what it counts. */
function expectBalance(session: string): void {
	const rows = ask(
		session,
		`SELECT channel,
		 sum(value) FILTER (WHERE name = 'seen') AS seen,
		 sum(value) FILTER (WHERE name IN ('filtered', 'lost', 'written')) AS counted,
		 sum(value) FILTER (WHERE name = 'written') AS written,
		 sum(value) FILTER (WHERE name IN ('stored', 'overwritten', 'torn', 'unread', 'faults')) AS kept
		 FROM stats WHERE channel <> 'bufflink' GROUP BY channel`,
	);
	expect(rows.length).toBeGreaterThan(0);
	for (const { channel, seen, counted, written, kept } of rows) {
		expect(counted, String(channel)).toBe(seen);
		expect(kept, String(channel)).toBe(written);
	}
	const cpus = ask(
		session,
		`SELECT count(*) AS broken FROM (
			SELECT sum(value) FILTER (WHERE name = 'seen') AS seen,
			sum(value) FILTER (WHERE name IN ('filtered', 'lost', 'written')) AS counted
			FROM stats WHERE cpu IS NOT NULL GROUP BY channel, cpu
		 ) WHERE seen IS NOT counted`,
	);
	expect(cpus).toEqual([{ broken: 0 }]);
	const faults = ask(session, "SELECT name FROM stats WHERE name LIKE 'fault%' AND value > 0");
	expect(faults).toEqual([]);
}

function snapshotIn(name: string): string {
	const found = readdirSync(directory(name)).filter((file) => /^snapshot-[0-9-]+$/.test(file));
	expect(found).toHaveLength(1);
	return join(directory(name), found[0] ?? "");
}

test("late files, reset and flush, in every mode, record by record", () => {
	const lines = guest.stdout.split("\n").filter((line) => /^(not )?ok - /.test(line));
	expect(lines.filter((line) => line.startsWith("not"))).toEqual([]);
	expect(lines).toHaveLength(72);
	expect(guest.stdout).toMatch(/^done$/m);
});

describe("a global channel that every context of every CPU writes to", () => {
	test.each(["whole", "tight", "newest", "hotplug-discard", "hotplug-overwrite"])(
		"%s: has each record's CPU, times that never fall, and books that balance",
		(name) => {
			expect(guest.stdout).toMatch(new RegExp(`^${name}: conserved$`, "m"));
		},
	);

	test("has every record of both CPUs when there is room", () => {
		expect(guest.stdout).toMatch(/^whole: complete$/m);
		for (const cpu of [0, 1]) {
			const [, read] = new RegExp(`^whole: cpu${cpu} .* read (\\d+)`, "m").exec(guest.stdout) ?? [];
			expect(Number(read)).toBeGreaterThan(100);
		}
	});

	test("loses in buffers that are too small", () => {
		expect(guest.stdout).not.toMatch(/^tight: complete$/m);
	});
});

describe("five channels at once, of every kind", () => {
	test("are what was asked for", () => {
		expect(guest.stdout).toMatch(/^several 0$/m);
		const { metadata, rawFiles } = openSession(directory("several"));
		expect(
			metadata.channels.map(({ name, global, overwrite, subbufSize, subbufCount, sources }) => [
				...[name, global, overwrite, subbufSize, subbufCount, ...sources],
			]),
		).toEqual([
			["calls", true, false, 1 << 20, 8, "syscalls"],
			["runs", false, false, 1 << 16, 8, "sched"],
			["log", true, false, 1 << 14, 4, "printk"],
			["newest", false, true, 1 << 12, 4, "syscalls"],
			["newest-runs", true, true, 1 << 12, 64, "sched"],
		]);
		expect(rawFiles.map(({ channel, cpu }) => [channel.name, cpu])).toEqual([
			["calls", CPU_ALL],
			["runs", 0],
			["runs", 1],
			["log", CPU_ALL],
		]);
	});

	test("have all calls, each of its CPU", () => {
		const rows = ask(
			directory("several"),
			`SELECT cpu, count(*) AS calls, count(dur) AS paired, count(DISTINCT pid) AS pids
			 FROM syscalls WHERE name = 'getppid' AND comm = 'getppid' GROUP BY cpu ORDER BY cpu`,
		);
		expect(rows).toEqual([
			{ cpu: 0, calls: CALLS, paired: CALLS, pids: 1 },
			{ cpu: 1, calls: CALLS, paired: CALLS, pids: 1 },
		]);
		const [row] = ask(
			directory("several"),
			`SELECT (SELECT count(*) > 0 FROM logs WHERE text LIKE '%channel-test%') AS logged,
			 (SELECT count(DISTINCT cpu) FROM sched_slices) AS cpus`,
		);
		expect(row).toEqual({ logged: 1, cpus: 2 });
	});

	test("count what each CPU wrote as what is stored of it", () => {
		const rows = ask(
			directory("several"),
			"SELECT cpu, name, value FROM stats WHERE channel = 'calls' AND name IN ('written', 'stored') ORDER BY cpu",
		);
		expect(rows.map(({ cpu, name }) => [cpu, name])).toEqual([
			[null, "stored"],
			[0, "written"],
			[1, "written"],
		]);
		expectBalance(directory("several"));
		const { stdout } = relayscope("report", directory("several"), "losses");
		expect(stdout).toMatch(/^calls +- .* yes$/m);
		expect(stdout).toMatch(/^Holds: /m);
	});

	test("snapshots hold the flight recorders alone", () => {
		const snapshot = snapshotIn("several");
		expectBalance(snapshot);
		const names = openSession(snapshot).rawFiles.map(({ channel, cpu }) => [channel.name, cpu]);
		expect(names).toEqual([
			["newest", 0],
			["newest", 1],
			["newest-runs", CPU_ALL],
		]);
		const [row] = ask(
			snapshot,
			"SELECT count(*) > 0 AS slices, count(DISTINCT cpu) AS cpus FROM sched_slices",
		);
		expect(row).toEqual({ slices: 1, cpus: 2 });
	});

	test("keep their books while a CPU comes and goes", () => {
		expect(guest.stdout).toMatch(/^comes 0$/m);
		for (const session of [directory("comes"), snapshotIn("comes")]) expectBalance(session);
		const rows = ask(
			directory("comes"),
			`SELECT cpu, count(*) AS calls, count(dur) AS paired FROM syscalls
			 WHERE name = 'getppid' AND comm = 'getppid' GROUP BY cpu ORDER BY cpu`,
		);
		expect(rows).toEqual([
			{ cpu: 0, calls: 2 * ROUNDS * CALLS, paired: 2 * ROUNDS * CALLS },
			{ cpu: 1, calls: ROUNDS * CALLS, paired: ROUNDS * CALLS },
		]);
		const slices = ask(directory("comes"), "SELECT DISTINCT cpu FROM sched_slices ORDER BY cpu");
		expect(slices).toEqual([{ cpu: 0 }, { cpu: 1 }]);
	});
});

test("SIGUSR1 hands over what is open", () => {
	expect(guest.stdout).toMatch(/^before 0\nflushed$/m);
	expectBalance(directory("flush"));
});

describe("a recording from the module's loading on", () => {
	test("has what was before there was a recorder, and what came then", () => {
		expect(guest.stdout).toMatch(/^files 0$/m);
		const session = directory("boot");
		const rows = ask(
			session,
			`SELECT cpu, count(*) AS calls, count(dur) AS paired, count(DISTINCT pid) AS pids
			 FROM syscalls WHERE name = 'getppid' AND comm = 'getppid' GROUP BY cpu ORDER BY cpu`,
		);
		expect(rows).toEqual([
			{ cpu: 0, calls: CALLS + 100, paired: CALLS + 100, pids: 2 },
			{ cpu: 1, calls: CALLS + 100, paired: CALLS + 100, pids: 2 },
		]);
		expectBalance(session);
		const [row] = ask(
			session,
			`SELECT (SELECT value FROM session WHERE key = 'from_boot') AS from_boot,
			 (SELECT value FROM session WHERE key = 'sources') AS sources,
			 (SELECT sum(value) FROM stats WHERE name = 'lost') AS lost,
			 (SELECT count(*) > 0 FROM sched_slices) AS slices,
			 (SELECT min(ts) >= (SELECT CAST(value AS INTEGER) FROM session WHERE key = 'start_ts') FROM syscalls) AS after`,
		);
		expect(row).toEqual({
			...{ from_boot: 1, sources: "syscalls sched", lost: 0, slices: 1, after: 1 },
		});
	});

	test("holds its sources' modules once it has a recorder, and has one alone", () => {
		expect(guest.stdout).toMatch(/^held$/m);
		expect(guest.stdout).toMatch(/^twice 125$/m);
	});

	test("that nobody asks for holds nothing", () => {
		expect(guest.stdout).toMatch(/^unloaded$/m);
	});

	test("keeps the newest where it was told to", () => {
		expect(guest.stdout).toMatch(/^flight 0$/m);
		const snapshot = snapshotIn("flight");
		expectBalance(snapshot);
		const [row] = ask(
			snapshot,
			"SELECT sum(value) FILTER (WHERE name = 'overwritten') > 0 AS overwritten FROM stats",
		);
		expect(row).toEqual({ overwritten: 1 });
	});

	test("with parameters that cannot be leaves the module as it is, with a message", () => {
		expect(guest.stdout).toMatch(/^loaded all the same$/m);
		expect(guest.stdout).toMatch(/there is no boot recording: error -22/);
	});
});

test.each([
	["large", /buffers of \d+ MiB would take more than half of the \d+ MiB/],
	["both", /a command, --pid, --all and --from-boot exclude each other/],
	["noboot", /there is no boot recording to go on with/],
] as const)("%s is told in a sentence", (name, sentence) => {
	expect(guest.stdout).toMatch(new RegExp(`^${name} 125$`, "m"));
	expect(readFileSync(join(guest.directory, `${name}.err`), "utf8")).toMatch(sentence);
});

test("the kernel has no complaint", () => {
	expect(guest.stdout).toMatch(/^no complaint$/m);
});
