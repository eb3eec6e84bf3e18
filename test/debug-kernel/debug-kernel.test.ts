/** Not part of `npm test`: `npm run test:debug-kernel` builds the kernel and runs this. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../src/base/package-root.js";
import { type GuestRun, inGuest } from "../vm/guest.js";

const STRESS_SECONDS = Number(process.env["RELAYSCOPE_STRESS_SECONDS"] ?? 300);
/** Emulated, building up and taking down take longer than the stress. */
const LIMIT_SECONDS = STRESS_SECONDS + 3600;

/** What KASAN, lockdep, UBSAN, the watchdogs and the rest of the kernel begin a complaint with. */
const COMPLAINT =
	/BUG:|WARNING:|UBSAN:|KASAN:|ODEBUG:|INFO: task .* blocked|rcu: INFO|suspicious RCU|possible (circular|recursive|irq)|inconsistent lock state|Oops|general protection|list_(add|del) corruption|soft lockup|workqueue lockup|Kernel panic|lock debugging|locking correctness/;

/** 6.1 forgets a class's name when registering the class finds no memory; corrected in 6.2. */
const KERNELS_OWN_LEAK = /kobject_set_name\S+\n.*__class_register/;

let guest: GuestRun;
const left = (name: string): string => readFileSync(join(guest.directory, name), "utf8");

beforeAll(
	async () => {
		const script = join(packageRoot(), "test", "debug-kernel", "stress.sh");
		guest = await inGuest("debug-kernel", `${script} ${STRESS_SECONDS} 2>&1 | tee $OUT/progress`, {
			kernel: "6.1-debug",
			cpus: 3,
			memoryMiB: 3072,
			append: "log_buf_len=16M",
			timeoutSeconds: LIMIT_SECONDS,
		});
		expect(guest.status, guest.output).toBe(0);
	},
	(LIMIT_SECONDS + 60) * 1000,
);

describe("under stress on the debug kernel", () => {
	test("the kernel has nothing to complain of", () => {
		const lines = left("log").split("\n");
		const first = lines.findIndex((line) => COMPLAINT.test(line));
		expect(first < 0 ? "" : lines.slice(first, first + 60).join("\n")).toBe("");
	});

	test("no memory is leaked", () => {
		const leaks = left("leaks").split(/^(?=unreferenced object)/m);
		expect(leaks.filter((leak) => !KERNELS_OWN_LEAK.test(leak)).join("")).toBe("");
	});

	test("recorders, removals and rounds go as they must", () => {
		expect(left("failures")).toBe("");
		expect(guest.stdout).toMatch(/\d+ rounds in \d+ s/);
	});

	test("every step of a recording has had its allocations fail", () => {
		const failed = [...left("allocations").matchAll(/^(\S+): (\d+) allocations failed$/gm)];
		const counts = new Map(failed.map(([, step, count]) => [step, Number(count)]));
		for (const step of [
			"bufflink",
			"relayscope",
			"open",
			"channel",
			"attach",
			"filter",
			"trigger",
			"process",
			"start",
			"late-channel",
			"late-files",
			"global-channel",
			"global-attach",
			"global-files",
			"strings-attach",
		]) {
			expect(counts.get(step), step).toBeGreaterThan(0);
		}
	});

	test("mappings that outlive their channel stay good", () => {
		const lines = left("mappings").split("\n");
		expect(lines.filter((line) => line.startsWith("not ok"))).toEqual([]);
		expect(lines.filter((line) => line.startsWith("ok")).length).toBeGreaterThan(10);
	});
});
