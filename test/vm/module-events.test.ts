import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecords } from "../../src/records.js";
import { ask, type GuestRun, inGuest, relayscope } from "./guest.js";
import { buildSample } from "./sample-module.js";

const scratch = mkdtempSync(join(tmpdir(), "relayscope-module-events-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let guest: GuestRun;

beforeAll(async () => {
	const sample = await buildSample("sample");
	// Says that its batches go into a view of ours, and nothing else is different.
	const forged = await buildSample("forged", (directory) => {
		const header = join(directory, "sample_events.h");
		const text = readFileSync(header, "utf8");
		writeFileSync(header, text.replace('view\\":\\"sample_batch', 'view\\":\\"losses'));
	});
	guest = await inGuest(
		"module-events",
		`
		requests() { echo $1 >/sys/module/sample/parameters/requests; }
		ours() { lsmod | grep -c '^relayscope' || true; }
		# recording NAME COMMAND...: the whole system, while the command runs.
		recording() {
			relayscope record -q -a --sources sample,klog,printk -o $OUT/$1 & recorder=$!
			until [ -s $OUT/$1/kernel.cpu0.raw ] || [ -s $OUT/$1/kernel.cpu1.raw ]; do
				kill -0 $recorder; echo ready >/dev/kmsg; sleep 0.1
			done
			"\${@:2}"
			kill -INT $recorder; wait $recorder
		}
		remove_ours() { rmmod relayscope_printk relayscope_sched relayscope_syscalls relayscope bufflink; }

		insmod ${sample}/sample.ko
		requests 100
		echo "loaded without ours $(ours)"
		relayscope sources >$OUT/sources.txt
		recording first requests 1000
		remove_ours
		echo "ours removed $(ours)"
		requests 100
		recording second requests 2000

		# The module goes while it is recorded, comes back, and goes for good.
		come_and_go() { requests 300; rmmod sample; insmod ${sample}/sample.ko; requests 200; rmmod sample; }
		recording third come_and_go
		relayscope record -q --sources sample -o $OUT/none -- true 2>$OUT/gone.txt || echo "gone $?"

		insmod ${sample}/sample.ko
		requests 50
		relayscope record -q --sources sample,klog -o $OUT/command -- bash -c 'echo 700 >/sys/module/sample/parameters/requests'

		rmmod sample
		insmod ${forged}/sample.ko
		relayscope record -q --sources sample -o $OUT/forged -- true 2>$OUT/forged.txt || echo "forged $?"
		dmesg | grep -E 'BUG|WARNING|Oops|refcount' || echo "no complaint"
		`,
	);
	expect(guest.status, guest.output).toBe(0);
}, 900_000);

const session = (name: string): string => join(guest.directory, name);

function expectRequests(name: string, count: number, batches: readonly number[]): void {
	const [row] = ask(
		session(name),
		`SELECT count(*) AS requests, sum(bytes) AS bytes, count(*) FILTER (WHERE status = -5) AS failed,
		 min(owner) AS owner, max(owner) AS last_owner FROM sample_request`,
	);
	const bytes = batches.reduce((sum, size) => sum + (512 * size * (size - 1)) / 2, 0);
	expect(row).toEqual({
		requests: count,
		bytes,
		failed: count / 10,
		owner: "bash",
		last_owner: "bash",
	});
	// Every number of every batch, no more and no less.
	const distinct = ask(
		session(name),
		"SELECT count(*) AS numbers FROM (SELECT number FROM sample_request GROUP BY number)",
	);
	expect(distinct).toEqual([{ numbers: Math.max(...batches) }]);
}

/** seen by the probes and not refused by the filter = what the files hold, on every CPU. */
function expectConservation(name: string): void {
	const rows = ask(
		session(name),
		`SELECT cpu, sum(value) FILTER (WHERE name = 'produced') AS produced,
		 sum(value) FILTER (WHERE name IN ('stored', 'lost')) AS accounted,
		 sum(value) FILTER (WHERE name IN ('lost', 'faults')) AS bad
		 FROM stats WHERE channel = 'kernel' GROUP BY cpu`,
	);
	expect(rows.length).toBeGreaterThan(0);
	for (const { produced, accounted, bad } of rows) {
		expect(produced).toBe(accounted);
		expect(bad).toBe(0);
	}
}

test("the module loads, works and stays while ours is absent, comes and goes", () => {
	expect(guest.stdout).toMatch(/^loaded without ours 0$/m);
	expect(guest.stdout).toMatch(/^ours removed 0$/m);
	expect(guest.stdout).toMatch(/^no complaint$/m);
});

test("its source is listed beside ours", () => {
	const text = readFileSync(session("sources.txt"), "utf8");
	expect(text).toMatch(/^sample +Requests of the sample module$/m);
	expect(text).toMatch(/^klog +\S/m);
	expect(text).toMatch(/^syscalls +\S/m);
});

describe("records are exact in number and content", () => {
	test("in the first recording", () => {
		expectRequests("first", 1000, [1000]);
		expectConservation("first");
	});

	test("after ours was unloaded and loaded again", () => {
		expectRequests("second", 2000, [2000]);
		expectConservation("second");
	});

	test("when the module goes and comes back while it is recorded", () => {
		expectRequests("third", 500, [300, 200]);
		expectConservation("third");
		expect(guest.stdout).toMatch(/^gone 125$/m);
		expect(readFileSync(session("gone.txt"), "utf8")).toMatch(/there is no source sample/);
	});

	test("of one command", () => {
		expectRequests("command", 700, [700]);
		expectConservation("command");
	});

	test("from every context", () => {
		expect(ask(session("first"), "SELECT requests, context FROM sample_batch")).toEqual(
			expect.arrayContaining(
				["process", "softirq", "hardirq"].map((context) => ({ requests: 1000, context })),
			),
		);
	});
});

test("a moved session is decoded without the module's source, by SQL and by the library", () => {
	const moved = join(scratch, "moved");
	cpSync(session("second"), moved, { recursive: true });
	rmSync(join(moved, "session.db"), { force: true });
	expect(ask(moved, "SELECT count(*) AS requests FROM sample_request")).toEqual([
		{ requests: 2000 },
	]);
	const faults: string[] = [];
	const records = [
		...readRecords(moved, {
			events: ["sample_request"],
			onFault: (reason) => faults.push(reason),
		}),
	];
	expect(faults).toEqual([]);
	expect(records.map(({ fields }) => fields["number"])).toEqual(
		Array.from({ length: 2000 }, (_, number) => number),
	);
	expect(records.at(-1)).toMatchObject({
		event: "sample_request",
		fields: { number: 1999, bytes: 512 * 1999, status: -5, owner: "bash" },
	});
});

describe("logs", () => {
	test("has formatted lines from process, softirq and hardirq context, and raw bytes", () => {
		const lines = ask(
			session("first"),
			`SELECT text FROM logs WHERE source = 'klog' AND data IS NULL AND NOT truncated
			 AND pid IS NOT NULL AND comm IS NOT NULL`,
		).map(({ text }) => text);
		expect(lines.sort()).toEqual(
			["hardirq", "process", "softirq"].map((context) => `batch of 1000 done, ${context} context`),
		);
		expect(
			ask(session("first"), "SELECT hex(data) AS bytes FROM logs WHERE data IS NOT NULL"),
		).toEqual([{ bytes: "E8030000" }]);
	});

	test("has the kernel's own log", () => {
		const [row] = ask(
			session("first"),
			"SELECT count(*) > 0 AS some, min(comm) AS comm FROM logs WHERE source = 'printk' AND text LIKE '%ready'",
		);
		expect(row).toEqual({ some: 1, comm: "bash" });
	});
});

test("a module that claims a view of ours is not recorded, and says why", () => {
	expect(guest.stdout).toMatch(/^forged 125$/m);
	const text = readFileSync(session("forged.txt"), "utf8");
	expect(text).toMatch(/source sample cannot be recorded: its event sample_batch claims/);
	expect(relayscope("query", session("forged"), "SELECT 1").status).toBe(3);
});
