import { constants as files, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { HeldCommand } from "#native";
import { runProgram } from "./run-program.js";
import { scratchDirectory } from "./scratch.js";

function shell(script: string, cwd = "/"): HeldCommand {
	return new HeldCommand({ file: "/bin/sh", argv: ["sh", "-c", script], env: [], cwd });
}

function released(script: string): HeldCommand {
	const command = shell(script);
	command.release();
	return command;
}

function isAlive(pid: number): boolean {
	try {
		return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
	} catch {
		return false;
	}
}

async function until(condition: () => boolean): Promise<void> {
	for (let i = 0; i < 500 && !condition(); i++) await sleep(10);
	expect(condition()).toBe(true);
}

describe("HeldCommand", () => {
	test("runs nothing before it is released", async () => {
		const directory = scratchDirectory();
		const command = shell(`echo ran > ${directory}/out`);
		await sleep(50);
		expect(readlinkSync(`/proc/${command.pid}/exe`)).toBe(process.execPath);
		expect(() => readFileSync(join(directory, "out"))).toThrow("ENOENT");
		command.release();
		expect(await command.wait()).toEqual({ status: 0, signal: 0, execErrno: 0 });
		expect(readFileSync(join(directory, "out"), "utf8")).toBe("ran\n");
	});

	test("has argv, environment and directory exactly as given", async () => {
		const directory = scratchDirectory();
		const command = new HeldCommand({
			file: "/bin/sh",
			argv: [
				"not the file's name",
				"-c",
				`cat /proc/$$/cmdline > cmdline; cat /proc/$$/environ > environ`,
				"",
				"ünïcode \n",
			],
			env: ["A=1", "EMPTY=", "SPACE= x y "],
			cwd: directory,
		});
		command.release();
		expect(await command.wait()).toEqual({ status: 0, signal: 0, execErrno: 0 });
		expect(readFileSync(join(directory, "cmdline"), "utf8").split("\0").slice(-3)).toEqual([
			"",
			"ünïcode \n",
			"",
		]);
		expect(readFileSync(join(directory, "cmdline"), "utf8")).toMatch(/^not the file's name\0-c\0/);
		expect(readFileSync(join(directory, "environ"), "utf8")).toBe("A=1\0EMPTY=\0SPACE= x y \0");
	});

	test.each([
		["exit 0", { status: 0, signal: 0, execErrno: 0 }],
		["exit 3", { status: 3, signal: 0, execErrno: 0 }],
		["exit 127", { status: 127, signal: 0, execErrno: 0 }],
		["kill -TERM $$", { status: 143, signal: constants.signals.SIGTERM, execErrno: 0 }],
		["kill -PIPE $$", { status: 141, signal: constants.signals.SIGPIPE, execErrno: 0 }],
	])("%s", async (script, expected) => {
		expect(await released(script).wait()).toEqual(expected);
	});

	test("every wait gets the status, also a late one", async () => {
		const command = released("exit 5");
		const [first, second] = await Promise.all([command.wait(), command.wait()]);
		expect([first.status, second.status, (await command.wait()).status]).toEqual([5, 5, 5]);
	});

	test("a program that is not there, and one that may not run", async () => {
		const missing = new HeldCommand({ file: "/nonexistent", argv: ["x"], env: [], cwd: "/" });
		missing.release();
		expect(await missing.wait()).toEqual({
			status: 127,
			signal: 0,
			execErrno: constants.errno.ENOENT,
		});
		const file = join(scratchDirectory(), "plain");
		writeFileSync(file, "text", { mode: 0o600 });
		const plain = new HeldCommand({ file, argv: ["x"], env: [], cwd: "/" });
		plain.release();
		expect((await plain.wait()).execErrno).toBe(constants.errno.EACCES);
	});

	test("signals pass; after the end they do nothing", async () => {
		const command = released("exec sleep 60");
		await until(() => readFileSync(`/proc/${command.pid}/comm`, "utf8") === "sleep\n");
		expect(() => command.kill(4096)).toThrow(expect.objectContaining({ code: "EINVAL" }));
		command.kill(constants.signals.SIGINT);
		expect((await command.wait()).status).toBe(130);
		command.kill(constants.signals.SIGINT);
	});

	test("starts with no signal ignored or blocked, in the caller's process group", async () => {
		const directory = scratchDirectory();
		const command = shell(
			`while read line; do case $line in Sig*) echo "$line";; esac; done < /proc/self/status > signals; cut -d' ' -f5 /proc/$$/stat > group`,
			directory,
		);
		command.release();
		await command.wait();
		const signals = readFileSync(join(directory, "signals"), "utf8");
		expect(signals).toMatch(/^SigBlk:\s+0{16}$/m);
		expect(signals).toMatch(/^SigIgn:\s+0{16}$/m);
		const own = readFileSync("/proc/self/stat", "utf8").split(" ")[4];
		expect(readFileSync(join(directory, "group"), "utf8").trim()).toBe(own);
	});

	test("leaks no descriptor", async () => {
		const directory = scratchDirectory();
		const [other, command] = [shell("exit 0"), shell("ls -l /proc/$$/fd > fds", directory)];
		command.release();
		await command.wait();
		other.release();
		await other.wait();
		const fds = readFileSync(join(directory, "fds"), "utf8");
		expect(fds).not.toMatch(/pidfd|eventfd/);
	});

	test("its first system call after the release is its execve", { timeout: 120_000 }, async () => {
		const trace = join(scratchDirectory(), "trace");
		const strace = ["strace", "-f", "-qq", "-o", trace];
		const result = await runProgram("hold-and-release.mjs", ["200"], [], strace);
		expect(result).toMatchObject({ status: 0, stderr: "" });
		const { pid, status, heldMs } = JSON.parse(result.stdout) as {
			pid: number;
			status: number;
			heldMs: number;
		};
		expect(status).toBe(0);
		// Held all that time, and still without a call.
		expect(heldMs).toBeGreaterThanOrEqual(199);
		const calls = readFileSync(trace, "utf8")
			.split("\n")
			.filter((line) => line.startsWith(`${pid} `))
			.map((line) => line.replace(/^\d+ +/, ""));
		const execve = calls.findIndex((call) => call.startsWith("execve("));
		expect(calls[execve]).toContain('execve("/bin/true", ["true"]');
		// strace splits a call in two lines when another process comes between.
		expect(calls[execve - 1]).toMatch(/^(?:chdir\("\/"|<\.\.\. chdir resumed>)\) += 0/);
	});

	test("ends when its recorder is killed before it could release it", async () => {
		const result = await runProgram("hold-and-die.mjs");
		expect(result.signal).toBe("SIGKILL");
		const pid = Number(result.stdout);
		expect(pid).toBeGreaterThan(0);
		await until(() => !isAlive(pid));
	});

	test("outlives its recorder once released", async () => {
		const result = await runProgram("hold-and-die.mjs", ["release"]);
		expect(result.signal).toBe("SIGKILL");
		const pid = Number(result.stdout);
		await sleep(200);
		expect(isAlive(pid)).toBe(true);
		process.kill(pid, "SIGKILL");
	});

	test("has the standard streams, blocking, after Node has used them", async () => {
		const result = await runProgram("hold-and-print.mjs");
		expect(result.stderr).toBe("before\nerr\n");
		const [before, out, flags, input] = result.stdout.split("\n");
		expect([before, out, input]).toEqual(["before", "out", "in "]);
		expect(Number(`0o${flags?.split(/\s+/)[1]}`) & files.O_NONBLOCK).toBe(0);
	});

	test("ends when it is collected unreleased", async () => {
		const result = await runProgram("hold-and-collect.mjs", [], ["--expose-gc"]);
		expect(result).toMatchObject({ status: 0, stdout: "collected\n", stderr: "" });
	});
});
