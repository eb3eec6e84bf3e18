import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { NR, TracedSession } from "../traced-session.js";

// A thread runs compiled code only: all of it is taken from there.
const compiled = new URL("../../dist/src/pipeline.js", import.meta.url).href;
const { buildDatabase, Pipeline } = (await import(
	/* @vite-ignore */ compiled
)) as typeof import("../../src/pipeline.js");

const sessions: TracedSession[] = [];

afterEach(() => {
	for (const session of sessions.splice(0)) session.remove();
});

/** More calls and slices than fit a block, results and arguments beyond 2^53, renamed threads. */
function recorded(): TracedSession {
	const session = new TracedSession();
	sessions.push(session);
	session.fork(1, 5, 7, { comm: "a", start: 1n }).exec(2, 7, { comm: "prog" });
	session.channel("main", { subbufSize: 65536 });
	for (let time = 10; time < 400_000; time += 20) {
		const cpu = time % 3;
		session.enter(cpu, time, 7, NR.read, [3, BigInt(time) << 40n, 100]);
		session.exit(cpu, time + 5, 7, NR.read, time % 1000 === 10 ? 2n ** 60n : -(time % 50));
		session.enter(cpu, time + 6, 9, NR.getpid).exit(cpu, time + 7, 9, NR.getpid, 9);
	}
	session.channel("sched", { subbufSize: 65536 });
	for (let time = 10; time < 400_000; time += 40) {
		session.switch(1, time, 0, 7).switch(1, time + 20, 7, 0, time % 3);
	}
	session.channel("main").lose(1, 5);
	session.enter(0, 500_000, 7, NR.exit_group, [0]).die(500_001, 7);
	session.finish();
	return session;
}

function dump(path: string): string {
	return execFileSync("sqlite3", [path, ".dump"], { encoding: "utf8", maxBuffer: 1 << 28 });
}

test("a thread writes the same database", async () => {
	const session = recorded();
	const here = dump(await buildDatabase(session.open(), { writerThread: false }));
	const there = dump(await buildDatabase(session.open(), { writerThread: true }));
	expect(here.match(/^INSERT INTO syscall_row/gm)?.length).toBeGreaterThan(30_000);
	expect(here.match(/^INSERT INTO slice_row/gm)?.length).toBeGreaterThan(8192);
	expect(there === here).toBe(true);
	expect(readdirSync(session.directory).filter((name) => name.startsWith("session.db"))).toEqual([
		"session.db",
	]);
});

test("what goes wrong in the thread is told, with SQLite's own code", async () => {
	const session = recorded();
	// No file system takes a name of that length.
	const path = join(session.directory, "x".repeat(300));
	const pipeline = new Pipeline(session.open(), path, true);
	const building = (async () => {
		while (pipeline.step(1000) === "record") await pipeline.ready();
		await pipeline.finish();
	})();
	await expect(building).rejects.toMatchObject({ name: "SqliteError", code: "SQLITE_CANTOPEN" });
	await pipeline.abandon();
});

test("what is given up leaves nothing", async () => {
	const session = recorded();
	const before = readdirSync(session.directory);
	const pipeline = new Pipeline(session.open(), join(session.directory, "half.db"), true);
	for (let step = 0; step < 20; step++) {
		pipeline.step(1000);
		await pipeline.ready();
	}
	await pipeline.abandon();
	expect(readdirSync(session.directory)).toEqual(before);
});
