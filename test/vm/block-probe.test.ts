/** Source "block" and the kernel's own blktrace record the same devices at the same time. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type DecodedRecord, readRecords } from "../../src/records.js";
import { ask, type GuestRun, inGuest, TESTED_KERNEL } from "./guest.js";

const SCRIPT = `
modprobe null_blk nr_devices=2 queue_mode=2 memory_backed=1 gb=1
modprobe sd_mod
modprobe scsi_debug dev_size_mb=64 num_parts=1 lbpu=1
modprobe dm-mod
modprobe ext4
until test -b /dev/sda1; do sleep 0.1; done
echo mq-deadline >/sys/block/sda/queue/scheduler
cat >/tmp/work <<'WORK'
set -e
dd if=/dev/zero of=/dev/nullb0 bs=8k count=200 oflag=direct status=none
dd if=/dev/zero of=/dev/nullb0 bs=4M count=4 oflag=direct status=none
dd if=/dev/nullb0 of=/dev/null bs=64k count=64 status=none
# Through the page cache: neighbours are merged, a flush follows.
dd if=/dev/zero of=/dev/sda bs=4k count=2000 seek=4000 conv=fsync status=none
# From the end to the beginning.
fio --name=down --filename=/dev/sda1 --direct=1 --ioengine=libaio --iodepth=32 --iodepth_batch=32 \\
	--bs=4k --rw=write:-8k --offset=8m --size=1m --output=/tmp/fio.txt || cat /tmp/fio.txt
blkdiscard -f -o 16M -l 1M /dev/sda
blkdiscard -f -z -o 17M -l 1M /dev/sda
dd if=/dev/zero of=/dev/dm-0 bs=4k count=50 seek=100 oflag=direct status=none
# A medium that fails there.
echo 2 >/sys/bus/pseudo/drivers/scsi_debug/opts
dd if=/dev/sda of=/dev/null bs=512 skip=4660 count=8 iflag=direct status=none 2>/dev/null && exit 3
echo 0 >/sys/bus/pseudo/drivers/scsi_debug/opts
sleep 0.3
WORK
dmsetup --noudevsync create upper --table "0 16384 linear /dev/sda1 1024"
test -b /dev/dm-0
mkdir /tmp/trace
blktrace -d /dev/nullb0 -d /dev/sda -D /tmp/trace >/tmp/blktrace.txt 2>&1 & tracer=$!
for name in nullb0 sda; do until test -e /sys/kernel/debug/block/$name/dropped; do sleep 0.1; done; done
relayscope record -q --sources block -o /tmp/both -- bash /tmp/work
kill -INT $tracer
wait $tracer || true
cat /tmp/blktrace.txt
cp -r /tmp/both /tmp/trace $OUT/
echo "nullb0 $(cat /sys/block/nullb0/dev)"

relayscope record -q --sources block --filter 'block:dev == 8:0 and bytes >= 65536' -o $OUT/filtered -- \\
	sh -c 'dd if=/dev/zero of=/dev/sda bs=64k count=10 oflag=direct status=none
		dd if=/dev/zero of=/dev/sda bs=32k count=10 oflag=direct status=none
		dd if=/dev/zero of=/dev/nullb0 bs=64k count=10 oflag=direct status=none'
relayscope record -q --sources block --subbuf-size 4096 --subbufs 2 -o /tmp/narrow -- \\
	sh -c 'dd if=/dev/zero of=/dev/nullb0 bs=4k count=5000 oflag=direct status=none; :'
cp -r /tmp/narrow $OUT/

mkfs.ext4 -q /dev/nullb1
mkdir /tmp/mounted
mount /dev/nullb1 /tmp/mounted
relayscope record -q --sources block -o /tmp/cached -- \\
	sh -c 'dd if=/dev/zero of=/tmp/mounted/file bs=64k count=16 status=none; sync'
cp -r /tmp/cached $OUT/
echo "inode $(stat -c %i /tmp/mounted/file)"
umount /tmp/mounted

dmsetup remove --noudevsync upper
rmmod relayscope_block relayscope bufflink && echo "removed"
dmesg | grep -E 'BUG|WARNING|Oops|relayscope:' | grep -v 'relayscope: tracepoint' || echo "no complaint"
`;

/** blkparse's letter of each. */
const LETTERS: Readonly<Record<string, string>> = {
	block_bio_queue: "Q",
	block_bio_queue_cached: "Q",
	block_getrq: "G",
	block_bio_backmerge: "M",
	block_bio_frontmerge: "F",
	block_rq_merge: "M",
	block_split: "X",
	block_bio_remap: "A",
	block_rq_insert: "I",
	block_rq_issue: "D",
	block_rq_requeue: "R",
	block_rq_complete: "C",
	block_bio_complete: "C",
};
const SD_MAJOR = 8;
const SDA = SD_MAJOR << 20;
const WRITE_ZEROES = 4;
/** From BLKTRACESETUP2 on, what the first version has no category for is not in its traces. */
const BLKTRACE_HAS_ZEROES = !TESTED_KERNEL.startsWith("7.");

let guest: GuestRun;
let both: DecodedRecord[];

beforeAll(async () => {
	guest = await inGuest("block-probe", SCRIPT, { memoryMiB: 1024 });
	expect(guest.status, guest.output).toBe(0);
	both = [...readRecords(join(guest.directory, "both"))].filter(({ event }) => event in LETTERS);
}, 480_000);

function field(record: DecodedRecord, name: string): number {
	return Number(record.fields[name]);
}

/** `sda` has minors for its partitions, each null_blk one minor. */
function isOf(dev: number, name: "nullb0" | "sda"): boolean {
	if (name === "sda") return dev >>> 20 === SD_MAJOR;
	const [, major, minor] = /nullb0 (\d+):(\d+)/.exec(guest.output) ?? [];
	return dev === Number(major) * 2 ** 20 + Number(minor);
}

function ourCounts(name: "nullb0" | "sda"): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const record of both) {
		if (!isOf(field(record, "dev"), name)) continue;
		if (!BLKTRACE_HAS_ZEROES && field(record, "op") === WRITE_ZEROES) continue;
		const letter = LETTERS[record.event] ?? "";
		counts[letter] = (counts[letter] ?? 0) + 1;
	}
	return counts;
}

function blktraceCounts(name: string): Record<string, number> {
	const text = execFileSync("blkparse", ["-q", "-i", name, "-f", "%a\n"], {
		cwd: join(guest.directory, "trace"),
		encoding: "utf8",
		maxBuffer: 64 << 20,
	});
	const counts: Record<string, number> = {};
	const known = new Set(Object.values(LETTERS));
	for (const letter of text.split("\n")) {
		if (known.has(letter)) counts[letter] = (counts[letter] ?? 0) + 1;
	}
	return counts;
}

test.each(["nullb0", "sda"] as const)("%s: as many of each action as blktrace has", (name) => {
	const theirs = blktraceCounts(name);
	expect(ourCounts(name)).toEqual(theirs);
	expect(theirs["C"]).toBeGreaterThan(200);
	if (name === "sda") {
		for (const letter of ["M", "A", "I", "G"]) expect(theirs[letter], letter).toBeGreaterThan(0);
	} else {
		expect(theirs["X"]).toBeGreaterThan(0);
	}
});

test.each(["both", "filtered", "narrow", "cached"])(
	"%s: the books of every CPU balance",
	(name) => {
		const rows = ask(
			join(guest.directory, name),
			"SELECT cpu, name, value FROM stats WHERE channel = 'kernel'",
		);
		const cpus = new Map<unknown, Record<string, number>>();
		for (const { cpu, name: term, value } of rows) {
			const terms = cpus.get(cpu) ?? {};
			terms[String(term)] = Number(value);
			cpus.set(cpu, terms);
		}
		expect(cpus.size).toBe(2);
		for (const { seen, filtered = 0, lost = 0, written = 0, stored = 0, unread = 0, faults } of [
			...cpus.values(),
		]) {
			expect(seen).toBe(filtered + lost + written);
			expect(written).toBe(stored + unread);
			expect(faults).toBe(0);
		}
	},
);

describe("a request", () => {
	test("has a number of its own from its first event to its completion", () => {
		const open = new Map<number, DecodedRecord>();
		let completed = 0;
		for (const record of both) {
			if (record.event === "block_rq_issue") open.set(field(record, "request"), record);
			if (record.event !== "block_rq_complete" || field(record, "bytes") === 0) continue;
			const issue = open.get(field(record, "request"));
			expect(issue, String(record.ts)).toBeDefined();
			expect(issue?.fields["dev"]).toBe(record.fields["dev"]);
			expect(issue?.fields["sector"]).toBe(record.fields["sector"]);
			completed++;
		}
		expect(completed).toBeGreaterThan(300);
	});

	test("that fails says how", () => {
		const failed = both.filter(
			(record) => record.event === "block_rq_complete" && field(record, "error") !== 0,
		);
		expect(failed.length).toBeGreaterThan(0);
		for (const record of failed) {
			expect(field(record, "dev")).toBe(SDA);
			expect([-5, -61]).toContain(field(record, "error"));
		}
		const rows = ask(
			join(guest.directory, "both"),
			"SELECT DISTINCT error FROM block_requests WHERE error IS NOT NULL",
		);
		expect(rows.length).toBeGreaterThan(0);
	});

	test("is of every kind that was asked for", () => {
		const kinds = ask(
			join(guest.directory, "both"),
			"SELECT DISTINCT op FROM block_requests ORDER BY op",
		).map(({ op }) => op);
		expect(kinds).toEqual(
			expect.arrayContaining(["discard", "flush", "read", "write", "write_zeroes"]),
		);
	});
});

test("a bio goes from the device mapper to the partition, and from there to the disk", () => {
	const remaps = both.filter(({ event }) => event === "block_bio_remap");
	const down = remaps.filter((record) => field(record, "old_dev") >>> 20 !== SD_MAJOR);
	expect(down).toHaveLength(50);
	for (const record of down) {
		// The table's own offset; the partition's comes next.
		expect(field(record, "dev")).toBe(SDA + 1);
		expect(field(record, "sector")).toBe(field(record, "old_sector") + 1024);
		const next = remaps.find(
			(other) =>
				other.ts >= record.ts && other !== record && other.fields["bio"] === record.fields["bio"],
		);
		expect(next?.fields).toMatchObject({
			dev: SDA,
			old_dev: SDA + 1,
			old_sector: record.fields["sector"],
		});
	}
	const [chained] = ask(
		join(guest.directory, "both"),
		`SELECT count(*) AS n, min(lower.pid = upper.pid) AS same_pid, max(lower.bytes) AS bytes
			FROM block_ios lower JOIN block_ios upper ON upper.io = lower.parent WHERE lower.dev = '8:0'`,
	);
	expect(chained).toEqual({ n: 50, same_pid: 1, bytes: 4096 });
});

test("a filter is asked about each record of the source", () => {
	const records = [...readRecords(join(guest.directory, "filtered"))].filter(
		({ event }) => event in LETTERS,
	);
	expect(records.length).toBeGreaterThanOrEqual(40);
	for (const record of records) {
		expect(field(record, "dev")).toBe(SDA);
		expect(field(record, "bytes")).toBeGreaterThanOrEqual(65536);
	}
});

test("write-back tells the file, and who made it dirty", () => {
	const session = join(guest.directory, "cached");
	const inode = Number(/inode (\d+)/.exec(guest.output)?.[1]);
	const records = [...readRecords(session)];
	const dirty = records.filter(
		(record) => record.event === "block_dirty" && field(record, "inode") === inode,
	);
	expect(dirty.length).toBeGreaterThan(0);
	const written = records.filter(
		(record) => record.event === "block_bio_queue_cached" && field(record, "inode") === inode,
	);
	expect(written.reduce((sum, record) => sum + field(record, "bytes"), 0)).toBe(1 << 20);
	for (const record of written) {
		expect(record.fields["inode_dev"]).toBe(dirty[0]?.fields["inode_dev"]);
	}
	const [row] = ask(
		session,
		`SELECT sum(bytes) AS bytes FROM block_ios WHERE comm = 'dd' AND op = 'write'`,
	);
	expect(Number(row?.["bytes"])).toBeGreaterThanOrEqual(1 << 20);
});

test("tiny buffers lose, and what is lost is told", () => {
	const session = join(guest.directory, "narrow");
	const [row] = ask(session, "SELECT sum(value) AS lost FROM stats WHERE name = 'lost'");
	const [told] = ask(session, "SELECT coalesce(sum(lost), 0) AS lost FROM losses");
	expect(told?.["lost"]).toBe(row?.["lost"]);
});

test("the module goes, and the kernel has no complaint", () => {
	expect(guest.output).toContain("removed\n");
	expect(guest.output).toMatch(/no complaint\n$/);
	expect(readdirSync(join(guest.directory, "trace")).length).toBeGreaterThan(1);
	expect(readFileSync(join(guest.directory, "both", "metadata")).length).toBeGreaterThan(0);
});
