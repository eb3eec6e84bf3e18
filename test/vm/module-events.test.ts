import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecords } from "../../src/records.js";
import { ask, type GuestRun, inGuest, relayscope } from "./guest.js";
import { buildModule } from "./sample-module.js";

const scratch = mkdtempSync(join(tmpdir(), "relayscope-module-events-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const SAMPLE = "kmod/relay/sample";

let guest: GuestRun;

function edit(file: string, from: string, to: string): void {
	const text = readFileSync(file, "utf8");
	expect(text).toContain(from);
	writeFileSync(file, text.replaceAll(from, to));
}

beforeAll(async () => {
	const sample = await buildModule(SAMPLE, "sample");
	const fields = await buildModule("test/vm/fields", "fields");
	// Says that its batches go into a view of ours, and nothing else is different.
	const forged = await buildModule(SAMPLE, "forged", (directory) =>
		edit(join(directory, "sample_events.h"), 'view\\":\\"sample_batch', 'view\\":\\"losses'),
	);
	// Offers the sample's source with other words in it.
	const rival = await buildModule(SAMPLE, "rival", (directory) => {
		renameSync(join(directory, "sample.c"), join(directory, "rival.c"));
		edit(join(directory, "Makefile"), "sample.o", "rival.o");
		edit(join(directory, "sample_events.h"), "Its number", "The number");
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
		remove_ours() { rmmod relayscope_printk relayscope_block relayscope_sched relayscope_syscalls relayscope bufflink; }

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

		insmod ${rival}/rival.ko
		dmesg | grep 'module rival'
		rmmod rival

		insmod ${fields}/fields.ko
		relayscope record -q --sources fields,klog -o $OUT/fields -- bash -c 'echo 1 >/sys/module/fields/parameters/cause'

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

test("every kind of field arrives, at the edges of what it can hold", () => {
	const rows = ask(
		session("fields"),
		`SELECT small, negative, large, lowest, name, hex(tag) AS tag, list, text, length(data) AS bytes,
		 hex(substr(data, 1, 5)) AS data FROM every_field ORDER BY ts`,
	);
	const lowest = -(2n ** 63n);
	expect(rows).toEqual([
		{
			...{ small: 255, negative: -32768, large: -1, lowest, name: "longer t", tag: "0001FF" },
			...{ list: "[1,-1,1099511627776]", text: "text", bytes: 5, data: "0064617461" },
		},
		{
			...{ small: 0, negative: 0, large: 0, lowest: 0, name: "", tag: "0001FF" },
			...{ list: "[]", text: "", bytes: 0, data: "" },
		},
		{
			...{ small: 2, negative: 2, large: 2, lowest: 2, name: "fits", tag: "0001FF" },
			...{ list: "[]", text: "", bytes: 60000, data: "7878787878" },
		},
	]);
	expect(ask(session("fields"), "SELECT count(*) AS moments FROM no_field")).toEqual([
		{ moments: 1 },
	]);
});

test("what is too long is cut and says so, or is lost and counted", () => {
	expect(
		ask(
			session("fields"),
			"SELECT length(text) AS length, truncated, length(data) AS bytes FROM logs ORDER BY ts",
		),
	).toEqual([
		{ length: 512, truncated: 1, bytes: null },
		{ length: 60000, truncated: 0, bytes: 60000 },
	]);
	expect(
		ask(session("fields"), "SELECT sum(value) AS lost FROM stats WHERE name = 'lost'"),
	).toEqual([{ lost: 2 }]);
});

test("a second module with other events by the same name is refused", () => {
	expect(guest.stdout).toMatch(
		/source of module rival is not offered: it is another module's, with other events/,
	);
});

test("a module that claims a view of ours is not recorded, and says why", () => {
	expect(guest.stdout).toMatch(/^forged 125$/m);
	const text = readFileSync(session("forged.txt"), "utf8");
	expect(text).toMatch(/source sample cannot be recorded: its event sample_batch claims/);
	expect(relayscope("query", session("forged"), "SELECT 1").status).toBe(3);
});
