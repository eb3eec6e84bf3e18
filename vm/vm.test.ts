/** Boots real machines. Several facts are checked per boot, because a boot takes seconds. */
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	realpathSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RelayscopeError } from "../src/base/error.js";
import { DEFAULT_KERNEL, ensureKernel } from "./kernel-cache.js";
import { runVm } from "./machine.js";
import { ensureModules } from "./modules.js";
import { silently } from "./progress.js";
import type { VmResult } from "./vm-process.js";

const BOOT_MS = 240_000;
/** First use downloads a kernel. */
const DOWNLOAD_MS = 600_000;

let scratch = "";

beforeAll(async () => {
	// Below /tmp on purpose: the guest's own /tmp must not hide it.
	scratch = realpathSync(mkdtempSync(join(tmpdir(), "relayscope vm, test-")));
	await ensureKernel(DEFAULT_KERNEL, silently);
}, DOWNLOAD_MS);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function run(command: readonly string[], input?: string): Promise<VmResult> {
	return runVm({
		command,
		share: scratch,
		modulesFrom: null,
		streams: "collect",
		timeoutSeconds: 200,
		...(input === undefined ? {} : { input }),
	});
}

async function failure(machine: Promise<VmResult>): Promise<RelayscopeError> {
	const error: unknown = await machine.then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	if (!(error instanceof RelayscopeError)) throw error ?? new Error("the machine did not fail");
	expect(error.code).toBe("VM_FAILED");
	return error;
}

/** Named at the end of the error's hint. */
function consoleLog(error: RelayscopeError): string {
	return / is in (.+)$/.exec(error.hint ?? "")?.[1] ?? "";
}

describe("a command in a machine", () => {
	let result: VmResult;
	const outside = `/var/relayscope-vm-test-${process.pid}`;

	beforeAll(async () => {
		const script = `
			say() { printf '%s=%s\\n' "$1" "$2"; }
			say release "$(uname -r)"
			say user "$(id -u)"
			say where "$(pwd)"
			say clock "$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
			say node "$(ls -d /usr)"
			echo made > "$PWD/made in the guest"
			echo lost > ${outside}; say outside "$(cat ${outside})"
			modprobe null_blk nr_devices=1 && say block "$(ls /sys/block | grep nullb)"
			say debugfs "$(stat -fc %T /sys/kernel/debug)"
			say tracefs "$(ls -d /sys/kernel/tracing/events/sched)"
			say loopback "$(cat /sys/class/net/lo/operstate)"
			say relayscope "$(command -v relayscope)"
			say unshared "$(unshare --user true && echo yes)"
			echo '<4>from the kernel' > /dev/kmsg
			echo reopened > /dev/stderr
			say input "$(cat)"
			sleep 1000 & disown 2>/dev/null
			exit 3`;
		result = await run(["bash", "-c", script], "line 1\nline 2\n");
	}, BOOT_MS);

	function said(name: string): string | undefined {
		return new RegExp(`^${name}=(.*)$`, "m").exec(result.stdout)?.[1];
	}

	test("ends with the command's status, although it left a process behind", () => {
		expect(result.status).toBe(3);
	});

	test("runs as root on the stock kernel, with the precise clock", () => {
		expect(said("release")).toMatch(/^6\.1\..*-amd64$/);
		expect(said("user")).toBe("0");
		expect(said("clock")).toBe("tsc");
	});

	test("sees the host's files and may load the kernel's modules", () => {
		expect(said("node")).toBe("/usr");
		expect(said("block")).toBe("nullb0");
		expect(said("debugfs")).toBe("debugfs");
		expect(said("tracefs")).toBe("/sys/kernel/tracing/events/sched");
		expect(said("loopback")).toBe("unknown");
		expect(said("relayscope")).toBe("/usr/local/bin/relayscope");
	});

	test("has a real root directory, not a chroot", () => {
		expect(said("unshared")).toBe("yes");
	});

	test("writes the shared directory at its own path", () => {
		expect(said("where")).toBe(scratch);
		expect(readFileSync(join(scratch, "made in the guest"), "utf8")).toBe("made\n");
	});

	test("cannot write anything else of the host", () => {
		expect(said("outside")).toBe("lost");
		expect(existsSync(outside)).toBe(false);
	});

	test("gets the input, and its output holds nothing of the kernel's", () => {
		expect(result.stdout).toContain("input=line 1\nline 2\n");
		expect(result.stderr).toBe("reopened\n");
		expect(result.output).not.toContain("from the kernel");
		expect(result.output).not.toMatch(/^\[ *\d+\.\d+\]/m);
	});
});

test(
	"arguments arrive byte for byte, and large output arrives whole",
	async () => {
		const args = ["a b", "", "'", '"', "$HOME `id` \\", "line\nbreak", "é†", "--", "*", "-n"];
		const script = 'printf "%s\\0" "$@" >arguments; seq 1 200000; echo end >&2';
		const result = await run(["sh", "-c", script, "sh", ...args]);
		expect(result.status).toBe(0);
		const arrived = readFileSync(join(scratch, "arguments"), "utf8").split("\0").slice(0, -1);
		expect(arrived).toEqual(args);
		const lines = result.stdout.split("\n");
		expect(lines).toHaveLength(200_001);
		expect(lines[199_999]).toBe("200000");
		expect(result.stderr).toBe("end\n");
	},
	BOOT_MS,
);

test(
	"a command that does not exist ends with 127",
	async () => {
		const result = await run(["relayscope-no-such-command"]);
		expect(result.status).toBe(127);
		expect(result.stderr).toContain("relayscope-no-such-command: not found");
	},
	BOOT_MS,
);

test(
	"a machine that hangs is stopped and leaves its console",
	async () => {
		const hung = runVm({
			command: ["sleep", "1000"],
			share: scratch,
			modulesFrom: null,
			streams: "collect",
			timeoutSeconds: 2,
		});
		const error = await failure(hung);
		expect(error.message).toContain("stopped after 2 s");
		rmSync(consoleLog(error));
	},
	BOOT_MS,
);

test(
	"a kernel panic is told with the end of the console",
	async () => {
		const error = await failure(run(["sh", "-c", "echo c >/proc/sysrq-trigger"]));
		expect(error.message).toContain("Kernel panic - not syncing: sysrq triggered crash");
		const log = consoleLog(error);
		expect(readFileSync(log, "utf8")).toContain("Kernel panic");
		rmSync(log);
	},
	BOOT_MS,
);

describe("modules", () => {
	const greeting = (text: string): string => `
		#include <linux/module.h>
		#include "../include/greeting.h"
		static int __init greet(void) { pr_alert(GREETING "${text}\\n"); return 0; }
		static void __exit leave(void) { }
		module_init(greet);
		module_exit(leave);
		MODULE_LICENSE("GPL");
	`;

	function writeSources(directory: string, source: string): void {
		mkdirSync(join(directory, "kmod"), { recursive: true });
		mkdirSync(join(directory, "include"), { recursive: true });
		writeFileSync(join(directory, "include/greeting.h"), '#define GREETING "greeting: "\n');
		writeFileSync(join(directory, "kmod/Kbuild"), "obj-m := relayscope_greeting.o\n");
		writeFileSync(join(directory, "kmod/relayscope_greeting.c"), source);
	}

	test(
		"are built once per state of their sources, and load",
		async () => {
			const kernel = await ensureKernel(DEFAULT_KERNEL, silently);
			const sources = join(scratch, "sources");
			const text = `built by ${process.pid}`;
			writeSources(sources, greeting(text));
			const built = await ensureModules(kernel, { sources });
			const lines: string[] = [];
			const again = await ensureModules(kernel, { sources, progress: (line) => lines.push(line) });
			expect(again).toBe(built);
			expect(lines).toEqual([]);
			expect(existsSync(join(sources, "kmod/relayscope_greeting.o"))).toBe(false);

			const result = await runVm({
				command: ["sh", "-c", 'insmod "$RELAYSCOPE_MODULES/relayscope_greeting.ko"'],
				share: scratch,
				modulesFrom: sources,
				streams: "collect",
				timeoutSeconds: 200,
			});
			expect(result).toMatchObject({ status: 0, output: "" });
			expect(result.console).toContain(`greeting: ${text}`);
			rmSync(built, { recursive: true });
		},
		BOOT_MS,
	);

	test(
		"that do not compile fail with the compiler's words",
		async () => {
			const kernel = await ensureKernel(DEFAULT_KERNEL, silently);
			const sources = join(scratch, "broken");
			writeSources(sources, greeting('" no_such_symbol "'));
			const build = ensureModules(kernel, { sources });
			await expect(build).rejects.toMatchObject({
				code: "NO_MODULES",
				message: expect.stringContaining("no_such_symbol"),
			});
		},
		BOOT_MS,
	);
});
