import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../src/base/package-root.js";
import { ask, type GuestRun, inGuest, relayscope } from "./guest.js";

const scratch = mkdtempSync(join(tmpdir(), "relayscope-wrong-use-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** One clear sentence, then what to do, and the documented status. */
function expectComplaint(
	run: { readonly status: number; readonly stderr: string },
	status: number,
	sentence: RegExp,
): void {
	expect(run.stderr).toMatch(sentence);
	expect(run.stderr).toMatch(/^relayscope: .+\n {2}.+/m);
	expect(run.stderr).not.toMatch(/\n\s+at /);
	expect(run.status).toBe(status);
}

describe("on any machine", () => {
	test("a session directory that is not there", () => {
		expectComplaint(relayscope("report", join(scratch, "nothing"), "syscalls"), 3, /nothing/);
	});

	test("a directory that is no session", () => {
		const directory = join(scratch, "foreign");
		mkdirSync(directory);
		writeFileSync(join(directory, "notes.txt"), "hello");
		expectComplaint(relayscope("query", directory, "SELECT 1"), 3, /foreign/);
	});

	test("an ordinary user who records", () => {
		// A user's own copy of node may lie where another user cannot go: ask as one who is not root.
		const script = join(packageRoot(), "bin", "relayscope.js");
		const command = [
			"--reuid=65534",
			"--clear-groups",
			process.execPath,
			script,
			"record",
			"--",
			"true",
		];
		const run = runAllowingFailure("setpriv", command);
		expectComplaint(run, 125, /needs root/);
	});

	test("no QEMU", () => {
		const empty = join(scratch, "empty-path");
		mkdirSync(empty);
		const script = join(packageRoot(), "bin", "relayscope.js");
		const run = runAllowingFailure(process.execPath, [script, "vm", "--", "true"], {
			PATH: empty,
			HOME: scratch,
		});
		expectComplaint(run, 125, /qemu/i);
		expect(run.stderr).toMatch(/apt-get install qemu-system-x86/);
	});
});

describe("in the virtual machine", () => {
	let guest: GuestRun;

	beforeAll(async () => {
		guest = await inGuest(
			"wrong-use",
			`
			try() { local name=$1; shift; "$@" >$OUT/$name.out 2>$OUT/$name.err && echo "$name 0" || echo "$name $?"; }
			RELAYSCOPE_MODULES=/nonexistent try no-modules relayscope record -o $OUT/a -- true
			try unknown-source relayscope record --sources syscalls,nonsense -o $OUT/b -- true
			try nothing-to-record relayscope record -o $OUT/c
			try no-command relayscope record -o $OUT/d -- no-such-program
			echo 'exit 0' >$OUT/no-interpreter && chmod +x $OUT/no-interpreter
			try not-executable relayscope record -o $OUT/j -- $OUT/no-interpreter
			try no-process relayscope record -o $OUT/e --pid 999999
			mkdir $OUT/full && touch $OUT/full/file
			try not-empty relayscope record -o $OUT/full -- true
			try bad-buffers relayscope record --subbuf-size 5000 -o $OUT/f -- true
			try exit-status relayscope record -o $OUT/g -- sh -c 'exit 3'
			try killed relayscope record -o $OUT/h -- sh -c 'kill -TERM $$'
			mkdir /mnt/small && mount -t tmpfs -o size=8M tmpfs /mnt/small
			try disk-full relayscope record -o /mnt/small/session -- $PROGRAMS/getppid 2000000
			cp -r /mnt/small/session $OUT/disk-full
			relayscope record -q -o $OUT/in-use -- sleep 60 & recorder=$!
			until pgrep -x sleep >/dev/null; do kill -0 $recorder; sleep 0.02; done
			try in-use rmmod relayscope_syscalls
			kill -INT $recorder; pkill -x sleep; wait $recorder || true
			rmmod relayscope_sched relayscope_syscalls relayscope bufflink
			echo integrity >/sys/kernel/security/lockdown
			try lockdown relayscope record -o $OUT/i -- true
			try doctor relayscope doctor
			`,
		);
		expect(guest.status, guest.output).toBe(0);
	}, 480_000);

	const complaint = (name: string): { status: number; stderr: string } => ({
		status: Number(new RegExp(`^${name} (\\d+)$`, "m").exec(guest.stdout)?.[1]),
		stderr: execFileSync("cat", [join(guest.directory, `${name}.err`)], { encoding: "utf8" }),
	});

	test.each([
		["no-modules", 125, /no relayscope modules/],
		["unknown-source", 125, /no source nonsense/],
		["nothing-to-record", 125, /nothing to record/],
		["no-command", 127, /no-such-program: command not found/],
		["not-executable", 126, /cannot be run: ENOEXEC/],
		["no-process", 125, /no process 999999/],
		["not-empty", 125, /full is not empty/],
		["bad-buffers", 125, /5000/],
		["disk-full", 125, /disk is full/],
		["lockdown", 125, /locked down \(integrity\)/],
	] as const)("%s", (name, status, sentence) => {
		expectComplaint(complaint(name), status, sentence);
	});

	test("the command's own status passes through", () => {
		expect(complaint("exit-status").status).toBe(3);
		expect(complaint("killed").status).toBe(128 + 15);
	});

	test("what was recorded before the disk was full can be read", () => {
		const session = join(guest.directory, "disk-full");
		const [row] = ask(
			session,
			"SELECT count(*) > 1000 AS many FROM syscalls WHERE name = 'getppid'",
		);
		expect(row).toEqual({ many: 1 });
		const [unread] = ask(
			session,
			"SELECT sum(value) > 0 AS counted FROM stats WHERE name = 'unread'",
		);
		expect(unread).toEqual({ counted: 1 });
		expect(relayscope("report", session, "losses").stdout).toMatch(/disk is full/);
	});

	test("a module in use is not removed", () => {
		expect(complaint("in-use").status).toBe(1);
		expect(complaint("in-use").stderr).toMatch(/in use/);
	});

	test("doctor names the lockdown and what to do", () => {
		expect(complaint("doctor").status).toBe(5);
		const text = execFileSync("cat", [join(guest.directory, "doctor.out")], { encoding: "utf8" });
		expect(text).toMatch(/PROBLEM +lockdown/);
		expect(text).toMatch(/relayscope vm/);
	});
});

function runAllowingFailure(
	program: string,
	args: readonly string[],
	env: NodeJS.ProcessEnv = process.env,
): { status: number; stderr: string } {
	try {
		execFileSync(program, args, { encoding: "utf8", stdio: "pipe", env });
		return { status: 0, stderr: "" };
	} catch (error) {
		if (!(error instanceof Error && "status" in error && "stderr" in error)) throw error;
		return { status: Number(error.status), stderr: String(error.stderr) };
	}
}
