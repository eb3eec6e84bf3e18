import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ask, type GuestRun, inGuest } from "./guest.js";

const COMMANDS = {
	dd: "dd if=/dev/zero of=/dev/null bs=1 count=20000",
	threads: "$PROGRAMS/threads",
	children: "$PROGRAMS/children",
} as const;

let guest: GuestRun;

// Emulated, a tracer that meets its tracee on another processor at every stop takes ten times as long.
beforeAll(async () => {
	const runs = Object.entries(COMMANDS).map(
		([name, command]) => `
			taskset -c 0 strace -f -c -U name,calls,errors -o $OUT/${name}.strace ${command} >/dev/null 2>&1
			relayscope record -q -o $OUT/${name} -- ${command} >/dev/null 2>&1`,
	);
	guest = await inGuest("strace-oracle", runs.join("\n"));
	expect(guest.output).toBe("");
	expect(guest.status).toBe(0);
}, 480_000);

describe("the same command gives the same counts as strace -f -c", () => {
	test.each(Object.keys(COMMANDS))("%s", (name) => {
		const session = join(guest.directory, name);
		// strace counts calls that returned; exit and exit_group never do.
		const rows = ask(
			session,
			`SELECT name, count(*) AS calls, count(errno) AS errors FROM syscalls
			 WHERE ret IS NOT NULL GROUP BY name ORDER BY name`,
		);
		expect(rows).toEqual(straceCounts(join(guest.directory, `${name}.strace`)));
		expect(ask(session, "SELECT * FROM losses")).toEqual([]);
		expect(ask(session, "SELECT value FROM stats WHERE name = 'faults' AND value > 0")).toEqual([]);
	});
});

function straceCounts(file: string): object[] {
	const lines = readFileSync(file, "utf8").trim().split("\n").slice(2, -2);
	const rows = lines.map((line) => {
		const [name, calls, errors] = line.trim().split(/\s+/);
		return { name, calls: Number(calls), errors: Number(errors ?? 0) };
	});
	return rows.sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1));
}
