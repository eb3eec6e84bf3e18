import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ask, type GuestRun, inGuest, relayscope } from "./guest.js";

const CALLS = 1_000_000;

let guest: GuestRun;

beforeAll(async () => {
	guest = await inGuest(
		"conservation",
		`
		# Into memory: how fast the share takes data is the virtual machine's matter (7.2: slowly).
		relayscope record -q -o /tmp/default -- $PROGRAMS/getppid ${CALLS}
		cp -r /tmp/default $OUT/
		# Tiny buffers, and a reader that is stopped for most of the run.
		relayscope record -q --subbuf-size 4096 --subbufs 2 -o $OUT/stalled -- $PROGRAMS/getppid 2000000 &
		recorder=$!
		until pgrep -x getppid >/dev/null; do kill -0 $recorder; sleep 0.02; done
		kill -STOP $recorder
		sleep 0.3
		kill -CONT $recorder
		wait $recorder
		relayscope record -q -a --duration 1s -o $OUT/system
		`,
	);
	expect(guest.status, guest.output).toBe(0);
}, 480_000);

interface Books {
	readonly cpu: number;
	readonly [term: string]: number;
}

/** Every term of the conservation identity, per CPU, each as it was counted. */
function books(name: string): Books[] {
	const rows = ask(
		join(guest.directory, name),
		"SELECT cpu, name, value FROM stats WHERE channel = 'kernel'",
	);
	const cpus = new Map<number, Record<string, number>>();
	for (const row of rows) {
		const cpu = Number(row["cpu"]);
		const terms = cpus.get(cpu) ?? {};
		terms[String(row["name"])] = Number(row["value"]);
		cpus.set(cpu, terms);
	}
	return [...cpus].map(([cpu, terms]) => ({ cpu, ...terms }));
}

describe.each(["default", "stalled", "system"])("%s recording", (name) => {
	test("balances on every CPU, record by record", () => {
		const all = books(name);
		expect(all).toHaveLength(2);
		for (const cpu of all) {
			expect(cpu["seen"]).toBe(sum(cpu, "filtered", "lost", "written"));
			expect(cpu["written"]).toBe(sum(cpu, "stored", "unread", "faults"));
			expect(cpu["produced"]).toBe(sum(cpu, "stored", "lost"));
		}
	});
});

test(`${CALLS} calls with default buffers lose nothing`, () => {
	for (const cpu of books("default")) expect(cpu["lost"]).toBe(0);
	const [row] = ask(
		join(guest.directory, "default"),
		"SELECT count(*) AS calls, count(DISTINCT pid) AS pids FROM syscalls WHERE name = 'getppid' AND dur IS NOT NULL",
	);
	expect(row).toEqual({ calls: CALLS, pids: 1 });
});

test("an entry and an exit of getppid take 16 bytes each", () => {
	const session = join(guest.directory, "default");
	const bytes = readdirSync(session)
		.filter((name) => /^kernel\.cpu\d+\.raw$/.test(name))
		.reduce((sum, name) => sum + statSync(join(session, name)).size, 0);
	const records = books("default").reduce((sum, cpu) => sum + (cpu["stored"] ?? 0), 0);
	expect(bytes / records).toBeGreaterThan(16);
	expect(bytes / records).toBeLessThan(16.5);
});

describe("tiny buffers and a stalled reader", () => {
	test("lose, and every lost record stands in an interval", () => {
		const lost = books("stalled").reduce((total, cpu) => total + (cpu["lost"] ?? 0), 0);
		expect(lost).toBeGreaterThan(0);
		const session = join(guest.directory, "stalled");
		const [row] = ask(
			session,
			"SELECT sum(lost) AS lost, min(ts_end - ts_begin) AS shortest FROM losses",
		);
		expect(row?.["lost"]).toBe(lost);
		expect(row?.["shortest"]).toBeGreaterThanOrEqual(0);
	});

	test("are told by bufflink and on top of every report", () => {
		const session = join(guest.directory, "stalled");
		expect(ask(session, "SELECT count(*) > 0 AS told FROM losing_began")).toEqual([{ told: 1 }]);
		const { stdout } = relayscope("report", session, "syscalls");
		expect(stdout.split("\n").slice(0, 12).join("\n")).toMatch(/records were lost/);
	});

	test("never pair an entry with another call's exit", () => {
		const session = join(guest.directory, "stalled");
		const rows = ask(
			session,
			`SELECT count(*) AS wrong FROM syscalls WHERE name = 'getppid' AND dur IS NOT NULL
			 AND ret IS NOT (SELECT ppid FROM process WHERE process.pid = syscalls.pid)`,
		);
		expect(rows).toEqual([{ wrong: 0 }]);
	});
});

test("the recorder never records itself", () => {
	const session = join(guest.directory, "system");
	const recorder = "(SELECT CAST(value AS INTEGER) FROM session WHERE key = 'recorder_pid')";
	const [row] = ask(
		session,
		`SELECT (SELECT comm FROM process WHERE pid = ${recorder}) AS recorder,
		 (SELECT count(*) FROM syscalls WHERE pid = ${recorder}) AS calls,
		 (SELECT count(*) FROM sched_slices WHERE pid = ${recorder}) AS slices`,
	);
	expect(row).toEqual({ recorder: "node", calls: 0, slices: 0 });
});

function sum(terms: Books, ...names: readonly string[]): number {
	return names.reduce((total, name) => total + (terms[name] ?? Number.NaN), 0);
}
