import { mkdirSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { withContext } from "../../../test/encode-context.js";
import { encodePayload } from "../../../test/encode-event.js";
import { type BuiltSession, TracedSession } from "../../../test/traced-session.js";
import { RECORD_CONTEXT } from "../../collector/abi.js";
import { readRecords } from "../../records.js";
import { BUILTIN_EVENTS } from "../../schema/generated/builtin-events.js";
import type { DecodedValue } from "../../schema/values.js";
import {
	appendCgroupPaths,
	appendProcessMaps,
	writeKernelSymbols,
} from "../../session/symbol-files.js";
import { askDatabase } from "../query/asking.js";
import { runReport } from "../reports/run-report.js";

const KALLSYMS = `ffffffff81000000 t __traceiter_sys_enter
ffffffff81000100 t do_syscall_64
ffffffff81000200 t entry
ffffffffc0000000 t worker\t[mine]
`;
const MODULES = "mine 4096 0 - Live 0xffffffffc0000000\n";
const CALL = [0xffffffff81000110n, 0xffffffff81000210n];
const NAMESPACES = [11, 12, 13, 14, 15, 16, 0];

let session: TracedSession;
afterEach(() => session.remove());

function record(
	cpu: number,
	ts: number,
	tid: number,
	name: string,
	values: readonly DecodedValue[],
	context: Parameters<typeof withContext>[1],
): void {
	const schema = BUILTIN_EVENTS.find((event) => event.name === name);
	if (schema === undefined) throw new Error(`no event ${name}`);
	const payload = withContext(encodePayload(schema, values), context);
	session.record(cpu, ts, schema.id | RECORD_CONTEXT, tid, payload);
}

/** A call that two threads make and a log line in an interrupt, with contexts. */
function written(): void {
	session = new TracedSession();
	session.fork(1, 5, 7, { comm: "worker" });
	session.fork(1, 5, 8, { comm: "other" });
	const enter = [39, 0, 0, Buffer.alloc(0)];
	const inner = { userStack: [0x400010n, 0x400020n], cgroup: 2n ** 63n + 1n };
	record(0, 10, 7, "syscall_enter", enter, { kernelStack: CALL, narrow: true, ...inner });
	record(0, 20, 7, "syscall_exit_short", [39, 5], { kernelStack: CALL });
	// Another tracer was there meanwhile: the tracepoint calls its probes from a function of its own.
	const through = [0xffffffff81000010n, ...CALL];
	record(1, 30, 8, "syscall_enter", enter, { kernelStack: through, ...inner });
	record(1, 40, 0, "printk", ["line"], {
		...{ kernelStack: [0xffffffffc0000004n], namespaces: NAMESPACES, flags: 8 | 1 },
	});
	session.event(1, 50, 8, "printk", "without");
}

function keepSymbols(): void {
	mkdirSync(session.directory, { recursive: true });
	writeKernelSymbols(session.directory, { kallsyms: KALLSYMS, modules: MODULES }, "start");
	const file = { start: 0x400000n, end: 0x401000n, offset: 0n, buildId: "", path: "/opt/p" };
	// What 7 and 8 run is what 5 runs: they were forked from it.
	appendCgroupPaths(session.directory, [
		{ id: 2n ** 63n + 1n, path: "/a b" },
		{ id: 3n, path: "/" },
	]);
	appendProcessMaps(session.directory, { pid: 5, ts: 1n, exe: "/bin/p", files: [file] });
}

async function built(): Promise<BuiltSession> {
	session.finish();
	keepSymbols();
	const { buildDatabase } = await import("../../pipeline.js");
	const { BuiltSession } = await import("../../../test/traced-session.js");
	return new BuiltSession(await buildDatabase(session.open()), session.timeBase);
}

test("contexts are rows beside the records', with the name that their thread had", async () => {
	written();
	const database = await built();
	expect(
		database.ask(
			`SELECT ts - ${session.timeBase}, cpu, pid, tid, comm, event, cgroup, pid_ns, cgroup_ns, time_ns,
			 interrupt, kernel_cut, user_cut, cgroup_path FROM context ORDER BY ts`,
		),
	).toEqual([
		"10|0|7|7|worker|syscall_enter|-9223372036854775807|-|-|-|0|0|0|/a b",
		"20|0|7|7|worker|syscall_exit_short|-|-|-|-|0|0|0|-",
		"30|1|8|8|other|syscall_enter|-9223372036854775807|-|-|-|0|0|0|/a b",
		"40|1|0|0|swapper|printk|-|11|16|-|1|1|0|-",
	]);
	// And what they belong to is as it would be without them.
	expect(database.calls()).toEqual([
		"10 10 cpu0 7/7 worker getpid() = 5",
		"30 - cpu1 8/8 other getpid() = -",
	]);
	expect(database.ask("SELECT text FROM logs ORDER BY ts")).toEqual(["line", "without"]);
	expect(
		database.ask("SELECT name, value FROM stats WHERE name LIKE 'faults%' AND value > 0"),
	).toEqual([]);
});

test("a stack is stored once, and named by what the session keeps", async () => {
	written();
	const database = await built();
	expect(
		database.ask(
			`SELECT group_concat(event || ' ' || tid), (SELECT group_concat(symbol || '+' || symbol_offset || ' ' || object, ' < ')
			 FROM stacks WHERE stack = kernel_stack) FROM (SELECT * FROM context ORDER BY ts) GROUP BY kernel_stack ORDER BY min(ts)`,
		),
	).toEqual([
		"syscall_enter 7,syscall_exit_short 7,syscall_enter 8|do_syscall_64+16 kernel < entry+16 kernel",
		"printk 0|worker+4 mine",
	]);
	expect(
		database.ask(
			"SELECT DISTINCT kind, level, address, symbol, object, object_offset FROM stacks WHERE kind = 'user' ORDER BY level",
		),
	).toEqual(["user|0|4194320|-|/opt/p|16", "user|1|4194336|-|/opt/p|32"]);
});

test("without symbols there are addresses", async () => {
	written();
	const database = await session.build();
	expect(
		database.ask(
			"SELECT DISTINCT printf('%x', address), symbol, object FROM stacks WHERE kind = 'kernel' ORDER BY level, 1",
		),
	).toEqual([
		"ffffffff81000010|-|-",
		"ffffffff81000110|-|-",
		"ffffffffc0000004|-|-",
		"ffffffff81000210|-|-",
	]);
});

test("the report counts stacks by what called whom", async () => {
	written();
	const database = await built();
	using asking = askDatabase(session.open(), database.path);
	const found = (by: string): unknown => {
		const { json } = runReport("stacks", asking, { by });
		return "stacks" in json
			? (json.stacks as { count: number; folded: string }[]).map((each) => [
					each.count,
					each.folded,
				])
			: undefined;
	};
	expect(found("kernel")).toEqual([
		[1, "other;entry;do_syscall_64"],
		[1, "worker;entry;do_syscall_64"],
		[1, "worker;entry;do_syscall_64"],
		[1, "swapper;worker"],
	]);
	expect(found("user")).toEqual([
		[1, "worker;p+0x20;p+0x10"],
		[1, "other;p+0x20;p+0x10"],
	]);
	expect(found("both")).toContainEqual([1, "worker;p+0x20;p+0x10;entry_[k];do_syscall_64_[k]"]);
});

test("readRecords gives them with their record", () => {
	written();
	session.finish();
	const contexts = [...readRecords(session.directory)].map(({ event, context }) => [
		event,
		context,
	]);
	expect(contexts.slice(2)).toEqual([
		[
			"syscall_enter",
			{
				...{ interrupt: false, kernelStack: CALL, userStack: [0x400010n, 0x400020n] },
				cgroup: 2n ** 63n + 1n,
			},
		],
		["syscall_exit_short", { interrupt: false, kernelStack: CALL }],
		["syscall_enter", expect.objectContaining({ userStack: [0x400010n, 0x400020n] })],
		[
			"printk",
			{
				...{ interrupt: true, kernelStack: [0xffffffffc0000004n] },
				namespaces: { pid: 11, net: 12, user: 13, uts: 14, ipc: 15, cgroup: 16, time: 0 },
			},
		],
		["printk", undefined],
	]);
});
