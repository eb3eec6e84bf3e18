import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readRecords } from "../../src/records.js";
import { ask, type GuestRun, inGuest, relayscope } from "./guest.js";
import { buildModule } from "./sample-module.js";

const ROUNDS = 200;
const CALLS = 20_000;

let guest: GuestRun;

beforeAll(async () => {
	const sample = await buildModule("kmod/relay/sample", "context-sample");
	guest = await inGuest(
		"context",
		`
		relayscope sources >/dev/null
		insmod $RELAYSCOPE_MODULES/test_relayscope.ko
		$PROGRAMS/context_edges

		# Stacks and the rest of every context of every CPU, into buffers that are too small for it.
		for size in "4096 4" "65536 8"; do
			$PROGRAMS/verifying_recorder 4 $size test:15,sched:15,syscalls:15 &
			sleep 1
			echo 2000 100 >/sys/kernel/debug/test_relayscope/storm
			wait $! && echo "conserved in $size"
		done

		relayscope record -q --context stack,ustack,cgroup,ns -o $OUT/all -- $PROGRAMS/user_stack ${ROUNDS} >$OUT/printed
		cat /proc/kallsyms >$OUT/kallsyms
		relayscope record -q --sources syscalls -o $OUT/none -- $PROGRAMS/getppid ${CALLS}

		group=/sys/fs/cgroup/relayscope-test
		mkdir $group
		stat -c 'group %i' $group
		relayscope record -q --sources syscalls --context syscalls:cgroup,ns -o $OUT/contained -- \
			bash -c 'echo $$ >/sys/fs/cgroup/relayscope-test/cgroup.procs
				for ns in pid net user uts ipc cgroup time; do echo "outer $ns $(readlink /proc/self/ns/$ns)"; done
				exec unshare -n -u -i -C -T -U -r -p --fork bash -c "
					for ns in pid net user uts ipc cgroup time; do readlink /proc/self/ns/\\$ns; done | sed s/^/inner\\ /"'

		insmod ${sample}/sample.ko
		relayscope record -q -a --sources sample --context sample:stack,cgroup -o $OUT/sample & recorder=$!
		until [ -s $OUT/sample/kernel.cpu0.raw ] || [ -s $OUT/sample/kernel.cpu1.raw ]; do
			kill -0 $recorder; echo 100 >/sys/module/sample/parameters/requests; sleep 0.1
		done
		kill -INT $recorder; wait $recorder

		relayscope record -q --flight-recorder --snapshot-at-end --context sched:stack,ustack -o $OUT/flight -- \
			$PROGRAMS/user_stack 50 >/dev/null

		sysctl -qw kernel.kptr_restrict=2
		relayscope record --context sched:stack -o $OUT/hidden -- true 2>$OUT/hidden.txt
		sysctl -qw kernel.kptr_restrict=0

		relayscope record -q -a --duration 1s --context stack,ustack,cgroup,ns -o $OUT/system
		dmesg | grep -E 'BUG|WARNING|Oops' || echo "no complaint"
		`,
	);
	expect(guest.status, guest.output).toBe(0);
}, 480_000);

const session = (name: string): string => join(guest.directory, name);

/** The frames of each stack that a question finds, innermost first. */
function stacksOf(name: string, stacks: string): Map<unknown, Record<string, unknown>[]> {
	const rows = ask(
		session(name),
		`SELECT * FROM stacks WHERE stack IN (${stacks}) ORDER BY stack, level`,
	);
	const found = new Map<unknown, Record<string, unknown>[]>();
	for (const row of rows) {
		const frames = found.get(row["stack"]);
		if (frames === undefined) found.set(row["stack"], [row]);
		else frames.push(row);
	}
	return found;
}

function symbolsOf(frames: readonly Record<string, unknown>[]): string[] {
	return frames.map(({ symbol }) => String(symbol));
}

test("the edges of a context", () => {
	const lines = guest.stdout.split("\n").filter((line) => /^(not )?ok - /.test(line));
	expect(lines.filter((line) => line.startsWith("not"))).toEqual([]);
	expect(lines).toHaveLength(13);
});

describe("writers in every context on every CPU", () => {
	test.each(["4096 4", "65536 8"])("are all accounted for in buffers of %s", (size) => {
		expect(guest.stdout).toContain(`conserved in ${size}`);
		expect(guest.stdout).not.toMatch(/BROKEN/);
	});

	test("have contexts that add up", () => {
		const counts = [...guest.stdout.matchAll(/^cpu\d+ contexts (\d+)$/gm)].map(([, n]) =>
			Number(n),
		);
		expect(counts).toHaveLength(4);
		for (const count of counts) expect(count).toBeGreaterThan(20);
	});
});

describe("the kernel's stack", () => {
	test("of a call's entry is the way in, with nothing of the recording", () => {
		const stacks = stacksOf(
			"all",
			"SELECT kernel_stack FROM context WHERE event = 'syscall_enter'",
		);
		expect(stacks.size).toBeGreaterThan(0);
		for (const frames of stacks.values()) {
			const symbols = symbolsOf(frames);
			expect(symbols.at(-1)).toMatch(/^entry_/);
			expect(symbols).toContain("do_syscall_64");
			expect(symbols.join()).not.toMatch(/relayscope|__traceiter|stack_trace_save/);
			for (const { object } of frames) expect(object).toBe("kernel");
		}
	});

	test("of a sleeper says what it sleeps in", () => {
		const stacks = stacksOf(
			"all",
			"SELECT kernel_stack FROM context WHERE event = 'sched_switch' AND comm = 'user_stack'",
		);
		const sleeps = [...stacks.values()]
			.map(symbolsOf)
			.filter((symbols) => symbols.includes("do_nanosleep"));
		expect(sleeps.length).toBeGreaterThan(0);
		for (const symbols of sleeps) {
			expect(symbols[0]).toMatch(/^__schedule/);
			expect(symbols.indexOf("do_nanosleep")).toBeLessThan(symbols.indexOf("do_syscall_64"));
		}
		const [row] = ask(
			session("all"),
			`SELECT count(*) AS sleeps FROM context WHERE kernel_stack IN
			 (SELECT stack FROM stacks WHERE symbol = 'do_nanosleep')`,
		);
		expect(row?.["sleeps"]).toBeGreaterThanOrEqual(ROUNDS / 10);
	});

	test("is named as the kernel's own list of symbols has it", () => {
		const symbols = readFileSync(join(guest.directory, "kallsyms"), "latin1")
			.split("\n")
			.map((line) => /^([0-9a-f]{16}) [tTwW] (\S+)(?:\t\[(\S+)\])?/.exec(line))
			.flatMap((match) =>
				match === null ? [] : [{ at: BigInt(`0x${match[1]}`), name: match[2] ?? "" }],
			);
		const frames = ask(
			session("all"),
			"SELECT DISTINCT address, symbol, symbol_offset FROM stacks WHERE kind = 'kernel'",
		);
		expect(frames.length).toBeGreaterThan(20);
		for (const { address, symbol, symbol_offset } of frames) {
			const return_address = BigInt.asUintN(64, BigInt(String(address)));
			let start = 0n;
			for (const { at } of symbols) if (at < return_address && at > start) start = at;
			const names = symbols.filter(({ at }) => at === start).map(({ name }) => name);
			expect(names).toContain(symbol);
			expect(return_address - start).toBe(BigInt(String(symbol_offset)));
		}
	});
});

describe("the user's stack", () => {
	test("has the functions that were called, where the program says they are", () => {
		const printed = readFileSync(join(guest.directory, "printed"), "utf8");
		const stacks = stacksOf(
			"all",
			"SELECT user_stack FROM context JOIN syscalls USING (ts, cpu, tid) WHERE name = 'getppid'",
		);
		expect(stacks.size).toBe(1);
		for (const frames of stacks.values()) {
			expect(symbolsOf(frames).slice(0, 4)).toEqual(["inner", "middle", "outer", "main"]);
			for (const { symbol, symbol_offset, address, object } of frames.slice(0, 3)) {
				const [, start = ""] = new RegExp(`${symbol} (0x[0-9a-f]+)`).exec(printed) ?? [];
				expect(BigInt(String(address))).toBe(BigInt(start) + BigInt(String(symbol_offset)));
				expect(object).toMatch(/\/user_stack$/);
			}
			expect(frames[4]).toMatchObject({ object: expect.stringMatching(/\/libc\.so\.6$/) });
		}
	});

	test("is not there for what never was in user space", () => {
		const [row] = ask(
			session("system"),
			`SELECT count(*) > 0 AS some, count(user_stack) AS stacks FROM context
			 WHERE tid = 0 OR tid IN (SELECT tid FROM thread WHERE comm LIKE 'kworker%')`,
		);
		expect(row).toEqual({ some: 1, stacks: 0 });
	});
});

describe("joined with what else is recorded", () => {
	test("every call has the context of its entry", () => {
		const [row] = ask(
			session("all"),
			`SELECT count(*) AS calls, count(c.kernel_stack) AS stacks FROM syscalls s
			 LEFT JOIN context c ON c.ts = s.ts AND c.cpu = s.cpu AND c.tid = s.tid
			 AND c.event = 'syscall_enter' WHERE s.name = 'getppid'`,
		);
		expect(row).toEqual({ calls: ROUNDS, stacks: ROUNDS });
	});

	test("every slice that ended has the context of its end", () => {
		const [row] = ask(
			session("all"),
			`SELECT count(*) > 0 AS some, count(*) - count(c.ts) AS without FROM sched_slices s
			 LEFT JOIN context c ON c.ts = s.ts + s.dur AND c.cpu = s.cpu AND c.tid = s.tid
			 AND c.event = 'sched_switch' WHERE s.dur IS NOT NULL`,
		);
		expect(row).toEqual({ some: 1, without: 0 });
	});

	test("the library gives both with each record", () => {
		const [first] = readRecords(session("all"), { events: ["sched_switch"] });
		expect(first?.context).toMatchObject({ interrupt: false, cgroup: expect.any(BigInt) });
		expect(first?.context?.kernelStack?.length).toBeGreaterThan(2);
		const [plain] = readRecords(session("none"), { events: ["syscall_enter"] });
		expect(plain).toBeDefined();
		expect(plain).not.toHaveProperty("context");
	});
});

describe("whose it is", () => {
	const inodes = (prefix: string): Record<string, number> =>
		Object.fromEntries(
			[...guest.stdout.matchAll(new RegExp(`^${prefix}(?: \\w+)? (\\w+):\\[(\\d+)\\]$`, "gm"))].map(
				([, name, inode]) => [`${name}_ns`, Number(inode)],
			),
		);

	test("the cgroup is the directory that the process was put in", () => {
		const [, group] = /^group (\d+)$/m.exec(guest.stdout) ?? [];
		const rows = ask(
			session("contained"),
			"SELECT DISTINCT cgroup, cgroup_path FROM context WHERE comm IN ('readlink', 'sed', 'unshare')",
		);
		expect(rows).toEqual([{ cgroup: Number(group), cgroup_path: "/relayscope-test" }]);
		const all = ask(session("contained"), "SELECT DISTINCT cgroup FROM context");
		expect(all.length).toBeGreaterThan(1);
	});

	test("the namespaces are those that /proc shows, outside and inside a container", () => {
		const outer = inodes("outer");
		const inner = inodes("inner");
		expect(Object.keys(outer)).toHaveLength(7);
		for (const [name, inode] of Object.entries(outer)) expect(inner[name]).not.toBe(inode);
		const rows = ask(
			session("contained"),
			`SELECT DISTINCT pid_ns, net_ns, user_ns, uts_ns, ipc_ns, cgroup_ns, time_ns FROM context
			 WHERE comm = 'readlink' AND event LIKE 'syscall_exit%'`,
		);
		expect(rows).toHaveLength(2);
		expect(rows).toEqual(expect.arrayContaining([outer, inner]));
	});
});

describe("events of a module", () => {
	test("carry what was asked for in every context", () => {
		const rows = ask(
			session("sample"),
			`SELECT b.context, c.interrupt, count(*) = count(c.kernel_stack) AS stacks,
			 min(c.cgroup) > 0 AS cgroup, count(user_stack) AS user FROM sample_batch b
			 LEFT JOIN context c ON c.ts = b.ts AND c.cpu = b.cpu AND c.tid = b.tid AND c.event = 'sample_batch'
			 GROUP BY 1, 2 ORDER BY 1`,
		);
		expect(rows).toEqual([
			{ context: "hardirq", interrupt: 1, stacks: 1, cgroup: 1, user: 0 },
			{ context: "process", interrupt: 0, stacks: 1, cgroup: 1, user: 0 },
			{ context: "softirq", interrupt: 1, stacks: 1, cgroup: 1, user: 0 },
		]);
	});

	test("have the module's functions in their stacks", () => {
		const stacks = stacksOf(
			"sample",
			"SELECT kernel_stack FROM context WHERE event = 'sample_batch' AND interrupt = 0",
		);
		expect(stacks.size).toBe(1);
		for (const frames of stacks.values()) {
			const own = frames.filter(({ object }) => object === "sample").map(({ symbol }) => symbol);
			expect(own).toContain("handle_requests");
			expect(symbolsOf(frames).at(-1)).toMatch(/^entry_/);
		}
	});
});

test("a flight recorder's snapshot has its stacks named", () => {
	const name = readdirSync(session("flight")).find((each) => each.startsWith("snapshot-")) ?? "";
	const [row] = ask(
		join(session("flight"), name),
		`SELECT count(DISTINCT stack) FILTER (WHERE symbol = 'do_nanosleep') > 0 AS kernel,
		 count(DISTINCT stack) FILTER (WHERE symbol = 'inner') > 0 AS user FROM stacks`,
	);
	expect(row).toEqual({ kernel: 1, user: 1 });
});

test("where the kernel hides its symbols there are addresses, and record says so", () => {
	expect(readFileSync(session("hidden.txt"), "utf8")).toMatch(/kernel\.kptr_restrict is 2/);
	const [row] = ask(
		session("hidden"),
		"SELECT count(*) > 0 AS frames, count(symbol) AS names FROM stacks WHERE kind = 'kernel'",
	);
	expect(row).toEqual({ frames: 1, names: 0 });
});

describe("a recording that was not asked for any", () => {
	test("takes the bytes that it always took, and keeps no symbols", () => {
		const files = readdirSync(session("none"));
		const bytes = files
			.filter((name) => /^kernel\.cpu\d+\.raw$/.test(name))
			.reduce((sum, name) => sum + statSync(join(session("none"), name)).size, 0);
		const [stored] = ask(
			session("none"),
			"SELECT sum(value) AS records FROM stats WHERE name = 'stored'",
		);
		const records = Number(stored?.["records"]);
		expect(records).toBeGreaterThan(2 * CALLS);
		expect(bytes / records).toBeLessThan(16.5);
		for (const name of ["kallsyms.z", "modules", "maps", "cgroups"]) {
			expect(existsSync(join(session("none"), name)), name).toBe(false);
		}
	});

	test("has no rows of them", () => {
		const [row] = ask(
			session("none"),
			"SELECT (SELECT count(*) FROM context) AS contexts, (SELECT count(*) FROM stacks) AS frames",
		);
		expect(row).toEqual({ contexts: 0, frames: 0 });
	});
});

test.each(["all", "contained", "sample", "system"])("%s balances on every CPU", (name) => {
	const rows = ask(
		session(name),
		`SELECT cpu, sum(value) FILTER (WHERE name = 'seen') AS seen,
		 sum(value) FILTER (WHERE name IN ('filtered', 'lost', 'written')) AS accounted,
		 sum(value) FILTER (WHERE name = 'written') AS written,
		 sum(value) FILTER (WHERE name IN ('stored', 'unread')) AS kept,
		 coalesce(sum(value) FILTER (WHERE name = 'faults'), 0) AS faults
		 FROM stats WHERE channel = 'kernel' GROUP BY cpu`,
	);
	expect(rows).toHaveLength(2);
	for (const { seen, accounted, written, kept, faults } of rows) {
		expect(seen).toBe(accounted);
		expect(written).toBe(kept);
		expect(faults).toBe(0);
	}
});

test("the report counts stacks, and folds them for a flame graph", () => {
	const { status, stdout } = relayscope(
		"report",
		session("all"),
		"stacks",
		"--by",
		"both",
		"--json",
	);
	expect(status).toBe(0);
	const { stacks } = JSON.parse(stdout);
	expect(stacks[0]).toMatchObject({
		count: ROUNDS,
		folded: expect.stringMatching(/^user_stack;.*;main;outer;middle;inner;.*_\[k\]$/),
	});
});

test("the kernel has nothing to complain about", () => {
	expect(guest.stdout).toMatch(/^no complaint$/m);
});
