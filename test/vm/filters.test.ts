import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ask, type GuestRun, inGuest, relayscope } from "./guest.js";
import { buildModule } from "./sample-module.js";

let guest: GuestRun;

const RECORDINGS = [
	...["plain", "failing", "named", "not-named", "mixed", "late-names", "ia32", "thread-exec"],
	...["strace", "comm", "uid", "pid", "cgroup", "slow", "masses", "crowded"],
] as const;

beforeAll(async () => {
	const sample = await buildModule("kmod/relay/sample", "sample");
	guest = await inGuest(
		"filters",
		`
		record() { relayscope record -q -o $OUT/"$@"; }
		try() { local name=$1; shift; "$@" >$OUT/$name.out 2>$OUT/$name.err && echo "$name 0" || echo "$name $?"; }
		known() { record $1 "\${@:2}" -- $PROGRAMS/known_results >/dev/null || true; }

		known plain
		$PROGRAMS/refused_programs >$OUT/refused.txt
		known failing --filter 'ret < 0'
		known named --filter 'name in (openat, lseek)'
		known not-named --filter 'not (name in (openat, lseek) or errno == ENOENT)'
		known mixed --filter 'name == openat or ret == -EBADF'
		record late-names --filter 'name ~ "exec*" and ret == 0' -- $PROGRAMS/children >/dev/null 2>&1
		record ia32 --filter 'abi == ia32 and ret < 0' -- $PROGRAMS/ia32_call
		record thread-exec --filter 'syscalls:dur >= 0' -- $PROGRAMS/exec_from_thread

		taskset -c 0 strace -f -c -U name,calls,errors -o $OUT/strace.txt $PROGRAMS/children >/dev/null 2>&1
		record strace --filter 'errno > 0' -- $PROGRAMS/children >/dev/null 2>&1

		# Followed children, of which the filter takes one program's.
		record comm --filter 'comm ~ "l?"' -- $PROGRAMS/children >/dev/null 2>&1
		record uid --filter 'uid == 65534' -- bash -c '/bin/true; setpriv --reuid=65534 --clear-groups /bin/ls /; /bin/true' >/dev/null
		mkfifo /tmp/go
		bash -c 'read -r line </tmp/go; echo "$line" >/dev/null; /bin/true' & shell=$!
		relayscope record -q -a --filter "pid == $shell" -o $OUT/pid & recorder=$!
		until [ -e $OUT/pid/metadata ]; do sleep 0.05; done
		sleep 0.5
		echo go >/tmp/go
		wait $shell
		kill -INT $recorder; wait $recorder
		mkdir -p /sys/fs/cgroup/outer/inner
		record cgroup --filter 'cgroup == "/outer"' -- bash -c '
			/bin/cat /etc/hostname
			echo $$ >/sys/fs/cgroup/outer/inner/cgroup.procs
			/bin/ls /
			echo $$ >/sys/fs/cgroup/cgroup.procs
			/bin/cat /etc/hostname' >/dev/null
		record slow --filter 'dur >= 100ms' -- bash -c '/bin/sleep 0.2; /bin/true'
		record masses --filter 'ret < 0 or arg0 == 12345' -- bash -c "taskset 1 $PROGRAMS/getppid 200000 & taskset 2 $PROGRAMS/getppid 200000 & wait"

		# More calls under way than there is room for.
		echo 32 >/sys/module/relayscope/parameters/pending_calls
		record crowded --filter 'ret == 0' -- bash -c 'for i in {1..60}; do sleep 1 & done; wait'
		echo 16384 >/sys/module/relayscope/parameters/pending_calls

		insmod ${sample}/sample.ko
		requests="echo 1000 >/sys/module/sample/parameters/requests"
		record sample --sources sample --filter 'status == -EIO and owner ~ "b[a-c]s*" and bytes >= 256K' -- bash -c "$requests"
		record sample-not --sources sample --filter 'not (number >= 10) or context == "hardirq"' -- bash -c "$requests"
		record sample-tail --sources sample,klog --filter 'klog:text ~ "*, process context"' --filter 'sample:event == sample_batch and context != "softirq"' -- bash -c "$requests"

		# Every context of every CPU, filtered, and triggers that fire all the time.
		insmod $RELAYSCOPE_MODULES/test_relayscope.ko
		FILTERED=1 $PROGRAMS/verifying_recorder 4 4096 4 test,sched,syscalls >$OUT/storm.txt & recorder=$!
		sleep 1
		echo 2000 100 >/sys/kernel/debug/test_relayscope/storm
		wait $recorder || echo "storm broke"

		# Triggers.
		flight="relayscope record --flight-recorder --subbuf-size 64K --subbufs 8"
		try one $flight --snapshot-on 'name == kill and ret == -ESRCH' -o $OUT/one -- bash -c 'kill -0 99999999; until ls '$OUT'/one | grep -q "^snapshot-[0-9-]*$"; do sleep 0.05; done; exit 0'
		try storm $flight --snapshot-cooldown 1h --snapshot-on 'syscalls:errno == ESRCH' -o $OUT/storm -- bash -c 'for i in {1..2000}; do kill -0 99999999; done 2>/dev/null; sleep 0.5; kill -0 99999999; exit 0'
		try exec-trigger $flight --sources sched --snapshot-on 'filename ~ "*/ls"' -o $OUT/exec-trigger -- bash -c '/bin/ls >/dev/null; exit 0'
		try no-flight relayscope record --snapshot-on 'ret < 0' -o $OUT/no-flight -- true

		try bad-field relayscope record --filter 'name == openat and rett < 0' -o $OUT/bad -- true
		try bad-syntax relayscope record --filter 'ret < (3)' -o $OUT/bad -- true
		try bad-source relayscope record --filter 'printk:pid == 3' -o $OUT/bad -- true
		try bad-call relayscope record --filter 'name == opnat' -o $OUT/bad -- true
		try bad-cgroup relayscope record --filter 'cgroup == "/nowhere"' -o $OUT/bad -- true
		ls -d $OUT/bad || true
		dmesg | grep -E 'BUG|WARNING|Oops|refcount|relayscope:' | grep -v 'relayscope: tracepoint' || echo "no complaint"
		`,
	);
	expect(guest.status, guest.output).toBe(0);
}, 600_000);

/** A row a call, without what differs from run to run. */
function calls(name: string, where = "1"): string[] {
	const rows = ask(
		join(guest.directory, name),
		`SELECT comm, name, ret, errno FROM syscalls WHERE ${where} ORDER BY ts`,
	);
	return rows.map(({ comm, name, ret, errno }) => `${comm} ${name} ${ret} ${errno ?? "-"}`);
}

test.each(RECORDINGS)("%s: the books of every CPU balance, and nothing is a fault", (name) => {
	const rows = ask(
		join(guest.directory, name),
		"SELECT channel, cpu, name, value FROM stats WHERE channel = 'kernel'",
	);
	const cpus = new Map<unknown, Map<string, bigint>>();
	for (const { cpu, name, value } of rows) {
		const terms = cpus.get(cpu) ?? new Map<string, bigint>();
		terms.set(String(name), BigInt(Number(value)));
		cpus.set(cpu, terms);
	}
	expect(cpus.size).toBe(2);
	for (const terms of cpus.values()) {
		const of = (term: string): bigint => terms.get(term) ?? 0n;
		expect(of("seen")).toBe(of("filtered") + of("lost") + of("written"));
		expect(of("written")).toBe(of("stored") + of("unread"));
		expect(of("faults")).toBe(0n);
	}
});

describe("a filter on calls", () => {
	const fails = (call: string): boolean => !/ -$/.test(call);

	test("by what they return keeps each with its arguments, time and duration", () => {
		const all = ask(
			join(guest.directory, "plain"),
			"SELECT name, ret FROM syscalls WHERE ret < 0 AND comm = 'known_results' ORDER BY ts",
		);
		const session = join(guest.directory, "failing");
		const kept = ask(
			session,
			"SELECT name, ret, dur, ts FROM syscalls WHERE comm = 'known_results' ORDER BY ts",
		);
		const called = ({ name, ret }: Record<string, unknown>): string => `${name} ${ret}`;
		// What standard output is differs between the two.
		const isAboutOutput = (call: string): boolean => call === "ioctl -25";
		expect(kept.map(called).filter((call) => !isAboutOutput(call))).toEqual(
			all.map(called).filter((call) => !isAboutOutput(call)),
		);
		expect(kept.length).toBeGreaterThan(10);
		for (const { dur } of kept) expect(Number(dur)).toBeGreaterThan(0);
		const nap = ask(session, "SELECT dur FROM syscalls WHERE name = 'nanosleep'");
		// The alarm came after 20 ms.
		expect(Number(nap[0]?.["dur"])).toBeGreaterThan(10e6);
		expect(ask(session, "SELECT arg0 FROM syscalls WHERE name = 'kill'")).toEqual([
			{ arg0: 0x3fffffff },
		]);
		expect(calls("failing", "ret >= 0 OR ret IS NULL")).toEqual([]);
	});

	test("by name keeps entries and exits alike, whatever they return", () => {
		const where = "name IN ('openat', 'lseek') AND comm = 'known_results'";
		expect(calls("named")).toEqual(calls("plain", where));
		expect(ask(join(guest.directory, "named"), "SELECT * FROM syscalls WHERE dur IS NULL")).toEqual(
			[],
		);
	});

	test("is negated as a whole; what has no errno is neither", () => {
		const expected = calls("plain", "name NOT IN ('openat', 'lseek') AND errno <> 'ENOENT'");
		const own = (call: string): boolean => !call.includes(" ioctl ");
		expect(calls("not-named").filter(own)).toEqual(expected.filter(own));
		expect(expected.length).toBeGreaterThan(5);
	});

	test("joins what is known at the entry with what is not", () => {
		const found = calls("mixed");
		expect(found.filter((call) => !call.includes(" openat "))).toEqual([
			"known_results close -9 EBADF",
		]);
		expect(found.filter((call) => call.includes(" openat "))).toEqual(
			calls("plain", "name = 'openat' AND comm = 'known_results'"),
		);
	});

	test("tells of an exec by the name that called it", () => {
		const execs = calls("late-names").map((call) => call.replace(/^(node|MainThread)/, "recorder"));
		expect(execs).toEqual([
			"recorder execve 0 -",
			"children execve 0 -",
			"children execve 0 -",
			"children execve 0 -",
		]);
	});

	test("counts a command's failing calls as strace does", () => {
		const rows = ask(
			join(guest.directory, "strace"),
			"SELECT name, count(*) AS errors FROM syscalls GROUP BY name ORDER BY name",
		);
		const lines = readFileSync(join(guest.directory, "strace.txt"), "utf8").trim().split("\n");
		const expected = lines
			.slice(2, -2)
			.map((line) => line.trim().split(/\s+/))
			.filter(([, , errors]) => errors !== undefined)
			.map(([name, , errors]) => ({ name, errors: Number(errors) }))
			.sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1));
		expect(expected.length).toBeGreaterThan(1);
		expect(rows).toEqual(expected);
		expect(calls("strace").every(fails)).toBe(true);
	});

	test("knows the 32-bit table's calls", () => {
		expect(calls("ia32")).toEqual(["ia32_call close -9 EBADF"]);
	});

	test("follows a call from one thread id to the next", () => {
		const found = calls("thread-exec", "name = 'execve' AND comm LIKE 'exec_from%'");
		expect(found).toEqual(["exec_from_threa execve 0 -"]);
		// The thread that was killed in pause() never returned, and exit_group does not.
		expect(calls("thread-exec", "ret IS NULL")).toEqual([]);
	});

	test("takes what lasts", () => {
		const found = calls("slow");
		expect(found).toContainEqual(expect.stringMatching(/^sleep (clock_)?nanosleep 0 -$/));
		const shortest = ask(join(guest.directory, "slow"), "SELECT min(dur) AS dur FROM syscalls");
		expect(Number(shortest[0]?.["dur"])).toBeGreaterThanOrEqual(100e6);
	});

	test("that nothing passes leaves nothing of 400,000 calls", () => {
		expect(calls("masses", "name = 'getppid'")).toEqual([]);
	});

	test("that waits for too many counts those as lost, and pairs none of them wrongly", () => {
		const session = join(guest.directory, "crowded");
		const [pending] = ask(session, "SELECT sum(value) AS n FROM stats WHERE name = 'lost_pending'");
		expect(Number(pending?.["n"])).toBeGreaterThan(0);
		expect(ask(session, "SELECT * FROM syscalls WHERE ret <> 0 OR dur IS NULL")).toEqual([]);
		const { stdout } = relayscope("report", session, "syscalls");
		expect(stdout).toMatch(/records were lost/);
	});
});

describe("a filter on the task", () => {
	const commsOf = (name: string): unknown[] =>
		ask(
			join(guest.directory, name),
			"SELECT DISTINCT comm FROM syscalls WHERE name NOT LIKE 'exec%' ORDER BY comm",
		).map(({ comm }) => comm);

	test("by name, in every source, among followed children", () => {
		expect(commsOf("comm")).toEqual(["ls"]);
		const [row] = ask(
			join(guest.directory, "comm"),
			"SELECT (SELECT count(*) FROM sched_process_exit) AS exits, (SELECT count(*) FROM sched_process_fork) AS forks",
		);
		expect(row).toEqual({ exits: 1, forks: 0 });
	});

	test("by user", () => {
		expect(commsOf("uid")).toEqual(["ls", "setpriv"]);
	});

	test("by process, of a whole system", () => {
		const rows = ask(
			join(guest.directory, "pid"),
			"SELECT count(DISTINCT pid) AS pids, count(*) > 5 AS many FROM syscalls",
		);
		expect(rows).toEqual([{ pids: 1, many: 1 }]);
		// Its last command is run in its place.
		expect(commsOf("pid")).toEqual(["bash", "true"]);
	});

	test("by cgroup, those below it with it", () => {
		expect(commsOf("cgroup")).toEqual(["bash", "ls"]);
	});
});

describe("a filter on a module's events", () => {
	test("asks for numbers, errnos and texts", () => {
		const rows = ask(
			join(guest.directory, "sample"),
			"SELECT count(*) AS n, min(bytes) AS least, min(status) AS a, max(status) AS b, min(owner) AS owner FROM sample_request",
		);
		// Every tenth of 1000 fails, and from number 512 on they have 256 KiB.
		expect(rows).toEqual([{ n: 49, least: 512 * 519, a: -5, b: -5, owner: "bash" }]);
		expect(ask(join(guest.directory, "sample"), "SELECT * FROM sample_batch")).toEqual([]);
	});

	test("is about each event that has the fields", () => {
		const session = join(guest.directory, "sample-not");
		expect(ask(session, "SELECT count(*) AS n, max(number) AS most FROM sample_request")).toEqual([
			{ n: 10, most: 9 },
		]);
		expect(ask(session, "SELECT context FROM sample_batch")).toEqual([{ context: "hardirq" }]);
	});

	test("may be one for each source", () => {
		const session = join(guest.directory, "sample-tail");
		expect(ask(session, "SELECT text FROM logs")).toEqual([
			{ text: "batch of 1000 done, process context" },
		]);
		expect(ask(session, "SELECT count(*) AS n FROM sample_request")).toEqual([{ n: 0 }]);
		// A softirq may be left to a thread of the kernel's, which nobody records.
		expect(ask(session, "SELECT context FROM sample_batch ORDER BY ts")).toEqual([
			{ context: "process" },
			{ context: "hardirq" },
		]);
	});
});

test("a session says what was filtered", () => {
	const facts = ask(
		join(guest.directory, "mixed"),
		"SELECT key, value FROM session WHERE key LIKE 'filter%'",
	);
	expect(facts).toEqual([{ key: "filter_syscalls", value: "name == openat or ret == -EBADF" }]);
	const both = ask(
		join(guest.directory, "comm"),
		"SELECT key FROM session WHERE key LIKE 'filter%' ORDER BY key",
	);
	expect(both).toEqual([{ key: "filter_sched" }, { key: "filter_syscalls" }]);
});

describe("a trigger", () => {
	const snapshotsOf = (name: string): string[] =>
		readdirSync(join(guest.directory, name)).filter((file) => file.startsWith("snapshot-"));

	test("takes a snapshot of what led to it", () => {
		expect(guest.output).toContain("one 0\n");
		const [snapshot = "", ...others] = snapshotsOf("one");
		expect(others).toEqual([]);
		const session = join("one", snapshot);
		expect(calls(session, "name = 'kill'")).toEqual(["bash kill -3 ESRCH"]);
		const facts = ask(
			join(guest.directory, session),
			"SELECT key, value FROM session WHERE key IN ('snapshot_reason', 'snapshot_on_syscalls') ORDER BY key",
		);
		expect(facts).toEqual([
			{ key: "snapshot_on_syscalls", value: "name == kill and ret == -ESRCH" },
			{ key: "snapshot_reason", value: "trigger" },
		]);
		const fired = ask(
			join(guest.directory, session),
			"SELECT count(*) AS n, min(event_tid = tid) AS own FROM trigger_fired",
		);
		expect(fired).toEqual([{ n: 1, own: 1 }]);
	});

	test("that fires in a storm takes one, and sends a message or two", () => {
		expect(guest.output).toContain("storm 0\n");
		expect(snapshotsOf("storm")).toHaveLength(1);
		const [row] = ask(join(guest.directory, "storm"), "SELECT count(*) AS n FROM trigger_fired");
		expect(Number(row?.["n"])).toBeLessThanOrEqual(2);
	});

	test("may come so late that the recording ends with it", () => {
		expect(guest.output).toContain("exec-trigger 0\n");
		expect(snapshotsOf("exec-trigger")).toHaveLength(1);
		const [snapshot = ""] = snapshotsOf("exec-trigger");
		const rows = ask(
			join(guest.directory, "exec-trigger", snapshot),
			"SELECT filename FROM sched_process_exec WHERE filename LIKE '%/ls'",
		);
		expect(rows).toEqual([{ filename: "/bin/ls" }]);
	});

	test("needs a flight recorder", () => {
		const text = readFileSync(join(guest.directory, "no-flight.err"), "utf8");
		expect(text).toMatch(/--snapshot-on is for a flight recorder/);
	});
});

describe("a filter that cannot be is refused before anything is recorded", () => {
	const complaint = (name: string): string =>
		readFileSync(join(guest.directory, `${name}.err`), "utf8");

	test.each([
		[
			"bad-field",
			/no field rett in syscalls, sched\n {4}name == openat and rett < 0\n {23}\^{4}\n {2}Did you mean ret/,
		],
		["bad-syntax", /a value is due here\n {4}ret < \(3\)\n {10}\^\n/],
		["bad-source", /source printk is not recorded/],
		["bad-call", /no system call opnat\n.*\n {12}\^{5}\n {2}Did you mean openat/],
		["bad-cgroup", /no such cgroup/],
	])("%s", (name, text) => {
		expect(complaint(name)).toMatch(text);
		expect(guest.output).toContain(`${name} 125\n`);
		expect(readdirSync(guest.directory)).not.toContain("bad");
	});

	test("and by the kernel, should a program be wrong", () => {
		const lines = readFileSync(join(guest.directory, "refused.txt"), "utf8").trim().split("\n");
		const refused = (name: string, index = 0): string => `${name} EINVAL ${index}`;
		expect(lines).toEqual([
			...[refused("backward", 1), refused("out-of-program"), refused("out-when-false")],
			...[refused("unterminated", 1), refused("skip-at-the-end", 1)],
			...[refused("before-the-record"), refused("behind-any-record"), refused("across-the-end")],
			...[refused("unaligned"), refused("odd-width"), refused("no-width"), refused("no-operand")],
			...[refused("no-op"), refused("zero-op"), refused("unknown-flag"), refused("reserved")],
			...[refused("no-context"), refused("no-call-part"), refused("text-behind-the-pool")],
			...[refused("text-wraps"), refused("pattern-too-long"), refused("number-of-a-text")],
			...[refused("text-without-size"), refused("early-looks-at-the-record")],
			...[refused("early-looks-at-the-return"), refused("too-long", -1), refused("empty", -1)],
			...[refused("too-much-text", -1), refused("no-such-kind", -1), refused("not-attached", -1)],
			...["no-memory-there EFAULT -1", "good - -1", "a-second EEXIST -1", "good-early - -1"],
			"after-start EBUSY -1",
		]);
	});
});

test("records of every context of every CPU are filtered and accounted for", () => {
	const text = readFileSync(join(guest.directory, "storm.txt"), "utf8");
	expect(text).toMatch(/^conserved$/m);
	expect(text).toMatch(/written [1-9]/);
	expect(text).toMatch(/fired [1-9]/);
});

test("the kernel has no complaint", () => {
	expect(guest.output).toMatch(/no complaint\n$/);
});
