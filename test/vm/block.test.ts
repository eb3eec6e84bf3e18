import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readRecords } from "../../src/records.js";
import { ask, type GuestRun, inGuest } from "./guest.js";

/**
 * The same work, recorded by us and by stock blktrace at once. blktrace cannot write to the share
 * (9p maps nothing for writing); its clock is read before ours at the same tracepoints, so devices
 * are slow enough for that to be less than the last digit compared.
 */
const SCRIPT = `
modprobe null_blk nr_devices=1 queue_mode=2 irqmode=2 completion_nsec=2000000 gb=1
modprobe sd_mod
modprobe scsi_debug dev_size_mb=128 delay=1 max_queue=4
modprobe dm_mod
for i in $(seq 50); do test -b /dev/sda && break; sleep 0.1; done
dmsetup create upper --table "0 65536 linear /dev/sda 2048" --noudevsync
dmsetup mknodes upper
mkdir -p /tmp/bt /tmp/mounted
cd "$OUT"
cat > job.fio <<E
[global]
ioengine=libaio
direct=1
[null]
filename=/dev/nullb0
rw=randrw
bs=4k
iodepth=8
size=2m
[merges]
filename=/dev/sda
offset=64m
rw=write
bs=4k
iodepth=32
iodepth_batch_submit=8
size=2m
E
cat > work.sh <<'E'
fio --output=/dev/null job.fio
dd if=/dev/zero of=/dev/sda bs=4k count=256 seek=24000 conv=fsync status=none
dd if=/dev/zero of=/dev/mapper/upper bs=64k count=8 oflag=direct status=none
dmsetup remove --noudevsync upper
mkfs.ext4 -q -E nodiscard /dev/sda
mount /dev/sda /tmp/mounted
cp /bin/busybox /tmp/mounted/written_back
stat -c "inode %i" /tmp/mounted/written_back
sync
umount /tmp/mounted
E
blktrace -d /dev/nullb0 -d /dev/sda -D /tmp/bt >/dev/null & tracer=$!
for i in $(seq 100); do test -e /sys/kernel/debug/block/sda/trace0 && break; sleep 0.1; done
sleep 0.5
relayscope record -q --sources block,syscalls -o session -- sh work.sh
kill -INT $tracer
wait $tracer || true
cp -r /tmp/bt .
relayscope record -q --sources block --filter 'block:dev == 8:0 and bytes >= 65536' -o filtered -- \\
	sh -c 'dd if=/dev/zero of=/dev/sda bs=64k count=3 oflag=direct status=none
		dd if=/dev/zero of=/dev/sda bs=4k count=3 oflag=direct status=none'
`;

/** What blkparse calls the events of ours. */
const LETTERS: Readonly<Record<string, string>> = {
	block_bio_queue: "Q",
	block_bio_queue_cached: "Q",
	block_getrq: "G",
	block_bio_backmerge: "M",
	block_rq_merge: "M",
	block_bio_frontmerge: "F",
	block_rq_insert: "I",
	block_rq_issue: "D",
	block_rq_requeue: "R",
	block_rq_complete: "C",
	block_split: "X",
	block_bio_remap: "A",
};
const DEVICES = [
	{ name: "nullb0", number: "254:0" },
	{ name: "sda", number: "8:0" },
] as const;

let guest: GuestRun;
let session: string;

beforeAll(async () => {
	guest = await inGuest("block", SCRIPT);
	expect(guest.status, guest.output).toBe(0);
	session = join(guest.directory, "session");
}, 480_000);

function devOf(text: string): number {
	const [major = 0, minor = 0] = text.split(":").map(Number);
	return (major << 20) | minor;
}

describe.each(DEVICES)("$name, beside blktrace", ({ name, number }) => {
	let btt: ReadonlyMap<string, { readonly average: number; readonly count: number }>;
	const parsed = { text: "" };

	beforeAll(() => {
		const at = { cwd: guest.directory, encoding: "utf8", maxBuffer: 256 << 20 } as const;
		const dump = `${name}.bin`;
		const args = ["-D", "bt", "-i", name, "-d", dump, "-f", "%a\n"];
		parsed.text = execFileSync("blkparse", args, at);
		const output = execFileSync("btt", ["-i", dump], at);
		// It takes every device of a major number above 240 for the device mapper's.
		const rows = output.matchAll(
			/^([A-Z]2[A-Z])(?:dm)?\s+[\d.]+\s+([\d.]+)\s+[\d.]+\s+(\d+)\s*$/gm,
		);
		btt = new Map(
			[...rows].map(([, key = "", average, count]) => [
				key,
				{ average: Number(average) * 1e9, count: Number(count) },
			]),
		);
	});

	test("every event is there, of each kind as many", () => {
		const theirs: Record<string, number> = {};
		for (const letter of parsed.text.match(/^[A-Z]$/gm) ?? []) {
			if (Object.values(LETTERS).includes(letter)) theirs[letter] = (theirs[letter] ?? 0) + 1;
		}
		const ours: Record<string, number> = {};
		const events = Object.keys(LETTERS);
		for (const { event, fields } of readRecords(session, { events })) {
			if (fields["dev"] !== devOf(number)) continue;
			const letter = LETTERS[event] ?? "";
			ours[letter] = (ours[letter] ?? 0) + 1;
		}
		expect(ours).toEqual(theirs);
	});

	test("times are btt's, within one in a hundred", () => {
		// btt leaves out what has no data and write-zeroes, and counts each part of a split bio.
		const counted = `dev = '${number}' AND bytes > 0 AND op <> 'write_zeroes'`;
		const splits = splitsOn(devOf(number));
		const [mean] = ask(
			session,
			`SELECT count(q2c) AS q2c_n, avg(q2c) AS q2c, count(d2c) AS d2c_n, avg(d2c) AS d2c
			FROM block_ios WHERE ${counted}`,
		);
		for (const key of ["q2c", "d2c"]) {
			const theirs = btt.get(key.toUpperCase());
			expect(Number(mean?.[`${key}_n`]) + splits).toBe(theirs?.count);
			expect(ratio(Number(mean?.[key]), theirs?.average)).toBeLessThan(0.01);
		}
		const i2d = btt.get("I2D");
		if (i2d === undefined) return;
		const [row] = ask(
			session,
			`SELECT count(i2d) AS n, avg(i2d) AS mean FROM block_requests WHERE ${counted}`,
		);
		expect(Number(row?.["n"])).toBe(i2d.count);
		expect(ratio(Number(row?.["mean"]), i2d.average)).toBeLessThan(0.01);
	});
});

/** Of bios of one device, or of all. */
function splitsOn(dev?: number): number {
	const splits = [...readRecords(session, { events: ["block_split"] })];
	return splits.filter(({ fields }) => dev === undefined || fields["dev"] === dev).length;
}

function ratio(ours: number, theirs: number | undefined): number {
	return Math.abs(ours - (theirs ?? 0)) / (theirs ?? 1);
}

test("requests add up to their bios, and both to what was queued", () => {
	const [merged] = ask(
		session,
		`SELECT sum(bios) AS bios, sum(bios > 1) > 5 AS merged,
			(SELECT count(*) FROM block_ios WHERE request IS NOT NULL) AS ios
		FROM block_requests`,
	);
	// A bio that was split is in several requests.
	expect(merged?.["bios"]).toBe(Number(merged?.["ios"]) + splitsOn());
	expect(merged?.["merged"]).toBe(1);
	const unfinished = "SELECT count(*) AS n FROM block_ios WHERE q2c IS NULL";
	expect(ask(session, unfinished)).toEqual([{ n: 0 }]);
});

test("a bio of the device mapper leads to the one below, of the same thread", () => {
	const rows = ask(
		session,
		`SELECT upper.bytes, upper.comm, count(*) AS parts, sum(lower.bytes) AS below,
			min(lower.comm) AS lower_comm, min(lower.q2c < upper.q2c) AS inside,
			min(lower.sector - upper.sector) AS moved
		FROM block_ios upper JOIN block_ios lower ON lower.parent = upper.io
		WHERE upper.dev LIKE '25_:%' AND upper.dev <> '254:0' GROUP BY upper.io`,
	);
	expect(rows).toHaveLength(8);
	for (const row of rows) {
		const own = { bytes: 65536, comm: "dd", below: 65536, lower_comm: "dd" };
		expect(row).toMatchObject({ ...own, inside: 1, moved: 2048 });
	}
});

test("what is written back belongs to who wrote the file", () => {
	const inode = Number(/inode (\d+)/.exec(guest.stdout)?.[1]);
	const [row] = ask(
		session,
		`SELECT sum(bytes) AS bytes, min(comm) AS first, max(comm) AS last, min(file_dev) AS file_dev
		FROM block_ios WHERE op = 'write' AND inode = ${inode}`,
	);
	expect(row).toMatchObject({ file_dev: "8:0" });
	expect([row?.["first"], row?.["last"]].every((comm) => comm === "cp" || comm === "sync")).toBe(
		true,
	);
	expect(Number(row?.["bytes"])).toBeGreaterThan(500_000);
});

test("an I/O has the call that it was queued in", () => {
	const rows = ask(
		session,
		`SELECT name, comm, count(*) AS n, min(call_ts <= ts AND ts <= call_ts + dur) AS inside
		FROM io_causes WHERE dev = '254:0' AND comm = 'fio' GROUP BY name, comm`,
	);
	expect(rows).toEqual([{ name: "io_submit", comm: "fio", n: 512, inside: 1 }]);
	const [fsync] = ask(
		session,
		"SELECT sum(bytes) AS bytes FROM io_causes WHERE name = 'fsync' AND comm = 'dd' AND op = 'write'",
	);
	expect(fsync).toEqual({ bytes: 256 * 4096 });
});

test("a filter chooses a device and sizes", () => {
	const rows = ask(
		join(guest.directory, "filtered"),
		"SELECT dev, bytes, count(*) AS n, count(q2c) AS whole FROM block_requests GROUP BY 1, 2",
	);
	expect(rows).toEqual([{ dev: "8:0", bytes: 65536, n: 3, whole: 3 }]);
});

test.each(["session", "filtered"])("the books of %s balance on every CPU", (name) => {
	const rows = ask(
		join(guest.directory, name),
		`SELECT cpu, sum(value) FILTER (WHERE name = 'seen') AS seen,
			sum(value) FILTER (WHERE name IN ('filtered', 'lost', 'written')) AS decided,
			sum(value) FILTER (WHERE name = 'written') AS written,
			sum(value) FILTER (WHERE name IN ('stored', 'unread', 'faults')) AS kept
		FROM stats WHERE channel = 'kernel' GROUP BY cpu`,
	);
	expect(rows).toHaveLength(2);
	for (const { seen, decided, written, kept } of rows) {
		expect(seen).toBe(decided);
		expect(written).toBe(kept);
	}
});
