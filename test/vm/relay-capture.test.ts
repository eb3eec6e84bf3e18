import { join } from "node:path";
import { expect, test } from "vitest";
import { ask, inGuest } from "./guest.js";

const REQUESTS = 3000;
const MAGIC = 0x65617407;
const HEADER = 48;
const COMPLETE = 8;

/**
 * A stock kernel's own block trace, with no module of ours loaded. A writer that holds the channel
 * open makes it and takes it down; the recording only reads.
 */
const SCRIPT = `
modprobe null_blk nr_devices=1 queue_mode=2
device=/dev/nullb0
cd "$OUT"
mkfifo /run/lines
"$PROGRAMS/block_trace" $device </run/lines >said &
holder=$!
exec 3>/run/lines
until grep -q tracing said; do sleep 0.1; done
relayscope record --sources relay:/sys/kernel/debug/block/nullb0/trace -o "$OUT/session" -- \
	sh -c 'for n in 1 2 3; do dd if=/dev/zero of=/dev/nullb0 bs=4096 count=1000 oflag=direct status=none; done; sleep 1; exit 7' \
	&& status=0 || status=$?
echo "status $status"
cat /sys/kernel/debug/block/nullb0/dropped | sed 's/^/dropped /'
echo "modules $(lsmod | grep -c '^relayscope')"
# Loads ours, to ask them.
relayscope sources
echo >&3
until grep -q stopped said; do sleep 0.1; done
echo >&3
wait $holder
`;

test("another driver's relay channel is captured whole, without a module of ours", async () => {
	const guest = await inGuest("relay-capture", SCRIPT);
	expect(guest.status, guest.output).toBe(0);
	expect(guest.stdout).toContain(
		"relay:/sys/kernel/debug/block/nullb0/trace  block requests of a device (blktrace)",
	);
	expect(guest.stdout).toContain("status 7");
	expect(guest.stdout).toContain("dropped 0");
	expect(guest.stdout).toContain("modules 0");

	const session = join(guest.directory, "session");
	const chunks = ask(
		session,
		`SELECT cpu, path, lower(hex(data)) AS hex FROM relay_chunks ORDER BY cpu, ts`,
	);
	const streams = new Map<number, Buffer[]>();
	for (const { cpu, path, hex } of chunks as { cpu: number; path: string; hex: string }[]) {
		expect(path).toBe("/sys/kernel/debug/block/nullb0/trace");
		streams.set(cpu, [...(streams.get(cpu) ?? []), Buffer.from(hex, "hex")]);
	}
	let completed = 0;
	for (const parts of streams.values()) {
		const bytes = Buffer.concat(parts);
		let at = 0;
		while (at < bytes.length) {
			// Version and magic, action, bytes of payload behind the header.
			expect(bytes.readUInt32LE(at)).toBe(MAGIC);
			if ((bytes.readUInt32LE(at + 28) & 0xffff) === COMPLETE) completed++;
			at += HEADER + bytes.readUInt16LE(at + 46);
		}
		expect(at).toBe(bytes.length);
	}
	expect(completed).toBe(REQUESTS);
	expect(ask(session, "SELECT sum(value) AS faults FROM stats WHERE name = 'faults'")).toEqual([
		{ faults: 0 },
	]);
}, 480_000);

test("a channel that is not there is named, with what to do", async () => {
	const guest = await inGuest(
		"relay-capture-wrong",
		`relayscope record --sources relay:/sys/kernel/debug/nothing/trace -o "$OUT/none" -- true 2>&1 || echo "status $?"
		 relayscope record --sources relay:/sys/kernel/debug/nothing/trace,sched -o "$OUT/none" -- true 2>&1 || echo "status $?"
		 ls "$OUT"`,
	);
	expect(guest.stdout).toContain("there is no relay channel at /sys/kernel/debug/nothing/trace");
	expect(guest.stdout).toContain("in a session of their own");
	expect(guest.stdout.match(/status 125/g)).toHaveLength(2);
	expect(guest.stdout).not.toContain("none\n");
}, 480_000);
