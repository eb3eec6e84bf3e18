import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ask, type GuestRun, inGuest } from "./guest.js";

/** Through the stock kernel's own blktrace, with no module of ours loaded. */
const SCRIPT = `
modprobe null_blk nr_devices=1 queue_mode=2 irqmode=2 completion_nsec=100000
device=/dev/nullb0
trace=/sys/kernel/debug/block/nullb0/trace0
cd "$OUT"

relayscope record --sources blktrace:$device -o whole -- \
	sh -c "dd if=/dev/zero of=$device bs=8192 seek=5 count=400 oflag=direct status=none; exit 7" \
	&& status=0 || status=$?
echo "command $status"
test -e $trace || echo "taken down"
echo "modules $(lsmod | grep -c '^relayscope')"

# One at a time: the second is told what to do.
relayscope record -q --sources blktrace:$device -o stopped & recorder=$!
until test -e $trace; do sleep 0.1; done
relayscope record -q --sources blktrace:$device -o second -d 1s || echo "busy $?"

# A recorder that does not read makes the kernel drop.
until test -s stopped/nullb0.cpu0.raw || test -s stopped/nullb0.cpu1.raw; do
	dd if=/dev/zero of=$device bs=4096 count=20 oflag=direct status=none
	sleep 0.2
done
kill -STOP $recorder
dd if=/dev/zero of=$device bs=4096 count=2000 oflag=direct status=none
kill -CONT $recorder
sleep 1
kill -KILL $recorder
wait $recorder || true
for i in $(seq 50); do test -e $trace || break; sleep 0.1; done
test -e $trace || echo "guarded"

relayscope record -q --subbuf-size 4096 --subbufs 2 --sources blktrace:$device -o dropped & recorder=$!
until test -e $trace; do sleep 0.1; done
sleep 1
kill -STOP $recorder
dd if=/dev/zero of=$device bs=4096 count=500 oflag=direct status=none
cat /sys/kernel/debug/block/nullb0/dropped | sed 's/^/dropped /'
kill -CONT $recorder
sleep 1
kill -INT $recorder
wait $recorder && echo "ended $?"

# A trace that somebody else left behind.
echo | "$PROGRAMS/block_trace" $device >/dev/null || true
relayscope record -q --sources blktrace:$device -o left -d 1s 2>left.txt || echo "left $?"
sh -c "$(sed -n 's/.*with: //p' left.txt)"
relayscope record -q --sources blktrace:$device -o after -d 1s && echo "after $?"

for wrong in /dev/null /dev/nothing; do
	relayscope record -q --sources blktrace:$wrong -o wrong -d 1s 2>&1 || echo "wrong $?"
done
relayscope record -q --sources blktrace:$device,sched -o wrong -d 1s 2>&1 || echo "wrong $?"
ls
`;

describe("recording", () => {
	let guest: GuestRun;
	beforeAll(async () => {
		guest = await inGuest("blktrace-record", SCRIPT);
		expect(guest.status, guest.output).toBe(0);
	}, 480_000);

	test("every request of a command is there, with no module of ours", () => {
		expect(guest.stdout).toContain("command 7\ntaken down\nmodules 0\n");
		const session = join(guest.directory, "whole");
		expect(
			ask(
				session,
				`SELECT dev, op, comm, count(*) AS n, min(sector) AS first, max(sector) AS last,
					sum(bytes) AS bytes, count(d2c) AS done, min(d2c) >= 100000 AS slow
				FROM block_requests GROUP BY dev, op, comm`,
			),
		).toEqual([
			{
				...{ dev: ask(session, "SELECT dev FROM block_devices WHERE name = 'nullb0'")[0]?.["dev"] },
				...{ op: "write", comm: "dd", n: 400, first: 80, last: 404 * 16, bytes: 400 * 8192 },
				...{ done: 400, slow: 1 },
			},
		]);
		expect(
			ask(session, "SELECT count(*) AS n, sum(parent IS NULL) AS alone FROM block_ios"),
		).toEqual([{ n: 400, alone: 400 }]);
		expect(books(session)).toEqual({ lost: 0, faults: 0, missing: 0 });
	});

	test("a device has one trace, which a killed recorder does not leave behind", () => {
		expect(guest.stdout).toContain("busy 125");
		expect(guest.stderr).toContain("/dev/nullb0 is being traced already");
		expect(guest.stdout).toContain("guarded");
		const session = join(guest.directory, "stopped");
		expect(ask(session, "SELECT count(*) > 0 AS some FROM block_requests")).toEqual([{ some: 1 }]);
		expect(ask(session, "SELECT name FROM stats WHERE name = 'produced'")).toEqual([]);
		expect(ask(session, "SELECT lost FROM losses WHERE ts_end IS NULL")).not.toEqual([]);
	});

	test("what the kernel dropped is lost, to the event", () => {
		expect(guest.stdout).toContain("ended 0");
		const dropped = Number(/dropped (\d+)/.exec(guest.stdout)?.[1]);
		expect(dropped).toBeGreaterThan(100);
		const session = join(guest.directory, "dropped");
		expect(books(session)).toEqual({ lost: dropped, faults: 0, missing: 0 });
		expect(
			ask(session, "SELECT sum(lost) AS lost, min(ts_end >= ts_begin) AS sane FROM losses"),
		).toEqual([{ lost: dropped, sane: 1 }]);
	});

	test("a trace that was left behind goes as the message says", () => {
		expect(guest.stdout).toContain("left 125\nafter 0\n");
	});

	test("what cannot be traced is said", () => {
		expect(guest.stdout).toContain("/dev/null is not a block device");
		expect(guest.stdout).toContain("there is no device at /dev/nothing");
		expect(guest.stdout).toContain("in a session of their own");
		expect(guest.stdout.match(/wrong 125/g)).toHaveLength(3);
		expect(guest.stdout).not.toMatch(/^wrong$/m);
	});
});

/** Sums over all CPUs; `missing`: what is produced and nowhere else. */
function books(session: string): Record<string, unknown> {
	const of = (...names: string[]): string =>
		`coalesce(sum(value) FILTER (WHERE name IN (${names.map((name) => `'${name}'`).join(", ")})), 0)`;
	const [row] = ask(
		session,
		`SELECT ${of("lost")} AS lost, ${of("faults")} AS faults,
			${of("produced")} - ${of("stored", "lost", "faults")} AS missing FROM stats`,
	);
	return row ?? {};
}

/**
 * Captures of blktrace's own, read by blkparse and btt and by us: a device with requests in random
 * order, one with merges, flushes and discards, and one above another.
 */
const ORACLES = `
cd /tmp
modprobe null_blk nr_devices=1 queue_mode=2 irqmode=2 completion_nsec=200000
modprobe scsi_debug delay=1 dev_size_mb=64
modprobe sd_mod
for i in $(seq 50); do test -b /dev/sda && break; sleep 0.1; done
dmsetup create upper --table "0 65536 linear /dev/nullb0 2048"
# No name of fio's own: it would write its state where it runs.
job() { fio --name=job --ioengine=libaio --direct=1 --size=32m "$@" >/dev/null; }
traced() {
	local output=$1 device=$2 work=$3
	blktrace -d $device -o $output -D /tmp >/dev/null & tracer=$!
	until test -e /sys/kernel/debug/block/$(basename $device)/trace0; do sleep 0.1; done
	sleep 1
	$work
	kill -INT $tracer
	wait $tracer
}
random() { job --filename=/dev/nullb0 --rw=randrw --bs=4k --iodepth=8 --numjobs=2 --number_ios=1500; }
merged() {
	dd if=/dev/zero of=/dev/sda bs=1M count=8 status=none
	sync
	job --filename=/dev/sda --rw=write --bs=4k --iodepth=32 --iodepth_batch=16 --number_ios=1000
	dd if=/dev/sda of=/dev/null bs=4k count=500 status=none iflag=direct
	dd if=/dev/zero of=/dev/sda bs=4k count=20 status=none oflag=direct,dsync
}
traced random /dev/nullb0 random
traced merged /dev/sda merged
blktrace -d /dev/nullb0 -d /dev/dm-0 -D /tmp >/dev/null & tracer=$!
until test -e /sys/kernel/debug/block/dm-0/trace0; do sleep 0.1; done
sleep 1
dd if=/dev/zero of=/dev/dm-0 bs=64k count=50 status=none oflag=direct
kill -INT $tracer
wait $tracer
cp *.blktrace.* "$OUT"
cd "$OUT"
for name in random merged; do
	blkparse -q -O -i $name -d $name.bin >/dev/null
	blkparse -i $name | sed -n '/^Total/,$p' >$name.blkparse
	btt -i $name.bin >$name.btt
	relayscope import -o $name $name.blktrace.*
done
relayscope import -o chain dm-0.blktrace.* nullb0.blktrace.*
`;

describe("importing what blktrace has recorded", () => {
	let guest: GuestRun;
	beforeAll(async () => {
		guest = await inGuest("blktrace-oracles", ORACLES);
		expect(guest.status, guest.output).toBe(0);
	}, 480_000);

	const session = (name: string): string => join(guest.directory, name);

	test.each(["random", "merged"])("%s: blkparse counts the same", (name) => {
		const text = readFileSync(join(guest.directory, `${name}.blkparse`), "utf8");
		const told = (what: string): number => Number(new RegExp(`${what}: +(\\d+)`).exec(text)?.[1]);
		// To blkparse everything that does not write reads, flushes too.
		const count = (view: string, reads: boolean, value: string): string =>
			`(SELECT ${value} FROM ${view} WHERE op ${reads ? "IN" : "NOT IN"} ('read', 'flush'))`;
		const [ours] = ask(
			session(name),
			`SELECT ${count("block_ios", true, "count(*)")} AS reads,
				${count("block_ios", false, "count(*)")} AS writes,
				${count("block_requests", true, "count(i2d) + sum(i2d IS NULL AND d2c IS NOT NULL)")} AS issuedReads,
				${count("block_requests", false, "sum(d2c IS NOT NULL)")} AS issuedWrites,
				${count("block_requests", true, "count(*)")} AS doneReads,
				${count("block_requests", false, "count(*)")} AS doneWrites,
				${count("block_requests", false, "sum(bios) - count(*)")} AS writeMerges`,
		);
		expect(ours).toEqual({
			reads: told("Reads Queued"),
			writes: told("Writes Queued"),
			issuedReads: told("Read Dispatches"),
			issuedWrites: told("Write Dispatches"),
			doneReads: told("Reads Completed"),
			doneWrites: told("Writes Completed"),
			writeMerges: told("Write Merges"),
		});
		expect(told("Writes Queued")).toBeGreaterThan(500);
		if (name === "merged") expect(told("Write Merges")).toBeGreaterThan(500);
	});

	test.each(["random", "merged"])("%s: btt's averages are ours", (name) => {
		const text = readFileSync(join(guest.directory, `${name}.btt`), "utf8");
		const [all = ""] = text.split("Device Overhead");
		// A device whose number btt takes for the device mapper's has other names there.
		const told = (what: string): number | undefined => {
			const line = new RegExp(`^${what}(?:dm)? +\\S+ +(\\S+) +\\S+ +(\\d+)$`, "m").exec(all);
			return line === null ? undefined : Number(line[1]);
		};
		const [ours] = ask(
			session(name),
			`SELECT (SELECT (max(ts) - min(ts)) / 1e9 / (count(*) - 1) FROM block_ios) AS q2q,
				(SELECT avg(d2c) / 1e9 FROM block_ios) AS d2c,
				(SELECT avg(i2d) / 1e9 FROM block_requests) AS i2d,
				-- A flush that has no data is never issued itself, and btt leaves it out.
				(SELECT avg(q2c) / 1e9 FROM block_ios WHERE d2c IS NOT NULL) AS q2c`,
		) as { q2q: number; d2c: number; i2d: number | null; q2c: number }[];
		const close = (mine: number | null | undefined, theirs: number | undefined): void => {
			expect(theirs).toBeGreaterThan(0);
			expect(Math.abs((mine ?? 0) / (theirs ?? 1) - 1)).toBeLessThan(0.01);
		};
		close(ours?.d2c, told("D2C"));
		close(ours?.q2c, told("Q2C"));
		close(ours?.q2q, told("Q2Q"));
		if (name === "merged") close(ours?.i2d, told("I2D"));
		else expect([ours?.i2d, told("I2D")]).toEqual([null, undefined]);
	});

	test("a bio of the device mapper leads to its request below", () => {
		expect(
			ask(
				session("chain"),
				`SELECT count(*) AS n, min(above.q2c > below.q2c) AS longer,
					sum(above.sector + 2048 = below.sector) AS moved, min(above.request IS NULL) AS above,
					min(below.request IS NOT NULL) AS below
				FROM block_ios above JOIN block_ios below ON below.parent = above.io`,
			),
		).toEqual([{ n: 50, longer: 1, moved: 50, above: 1, below: 1 }]);
	});
});

/** The same requests twice at once: by our module, and by the kernel's own blktrace. */
const BOTH = `
modprobe null_blk nr_devices=1 queue_mode=2 irqmode=2 completion_nsec=200000
modprobe scsi_debug delay=1 dev_size_mb=64
modprobe sd_mod
for i in $(seq 50); do test -b /dev/sda && break; sleep 0.1; done
cd "$OUT"
relayscope record -q -a --sources block -o block & block=$!
until grep -q 1 /sys/module/relayscope_block/refcnt 2>/dev/null; do sleep 0.1; done
relayscope record -q --sources blktrace:/dev/nullb0,blktrace:/dev/sda -o blktrace & blktrace=$!
until test -e /sys/kernel/debug/block/sda/trace0; do sleep 0.1; done
sleep 3
job() { (cd /tmp && fio --name=job --ioengine=libaio --direct=1 --size=16m "$@" >/dev/null); }
job --filename=/dev/nullb0 --rw=randrw --bs=4k --iodepth=8 --numjobs=2 --number_ios=500
dd if=/dev/zero of=/dev/sda bs=1M count=4 status=none
sync
job --filename=/dev/sda --rw=write --bs=4k --iodepth=32 --iodepth_batch=16 --number_ios=500
dd if=/dev/zero of=/dev/sda bs=4k count=10 status=none oflag=direct,dsync
sleep 1
kill -INT $blktrace $block
wait $blktrace $block
`;

test("source block and blktrace at once give the same requests", async () => {
	const guest = await inGuest("blktrace-and-block", BOTH);
	expect(guest.status, guest.output).toBe(0);
	const known = ask(
		join(guest.directory, "blktrace"),
		"SELECT dev FROM block_devices ORDER BY dev",
	);
	expect(known).toHaveLength(2);
	const devices = known.map(({ dev }) => `'${dev}'`).join(", ");
	const of = (name: string): Record<string, unknown>[] =>
		ask(
			join(guest.directory, name),
			`SELECT dev, sector, op, rwbs, bytes, bios,
				-- Of writeback blktrace names the worker, source block who made the pages dirty.
				CASE WHEN rwbs <> 'W' THEN comm END AS comm FROM block_requests
				WHERE dev IN (${devices}) ORDER BY dev, sector, ts`,
		);
	const theirs = of("blktrace");
	expect(theirs.length).toBeGreaterThan(1000);
	expect(of("block")).toEqual(theirs);
	const averages = (name: string): Record<string, number> => {
		const [row] = ask(
			join(guest.directory, name),
			`SELECT (SELECT avg(d2c) FROM block_requests WHERE op IN ('read', 'write')) AS d2c,
				(SELECT avg(i2d) FROM block_requests WHERE op IN ('read', 'write')) AS i2d,
				(SELECT avg(q2c) FROM block_ios WHERE op IN ('read', 'write')) AS q2c`,
		);
		return row as Record<string, number>;
	};
	const ours = averages("block");
	for (const [name, average] of Object.entries(averages("blktrace"))) {
		// The second of two probes reads its clock when the first is done.
		expect(Math.abs((ours[name] ?? 0) - average), name).toBeLessThan(average / 100 + 20_000);
	}
}, 480_000);
