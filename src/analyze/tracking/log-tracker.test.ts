import { afterEach, expect, test } from "vitest";
import { TracedSession } from "../../../test/traced-session.js";

const session = new TracedSession();
afterEach(() => session.remove());

test("lines come with the name their thread had, the idle thread and bytes among them", async () => {
	session.fork(1, 5, 7, { pid: 6, comm: "worker" });
	session.event(1, 10, 7, "printk", "first");
	session.event(0, 20, 0, "klog_printk", 1, "cut sho");
	session.rename(25, 7, "worker", "renamed", { pid: 6 });
	session.event(1, 30, 7, "klog", Buffer.from("raw\0\x01", "latin1"));
	session.event(1, 40, 99, "printk", "");
	const database = await session.build();
	expect(
		database.ask(
			`SELECT ts - ${session.timeBase}, cpu, pid, tid, comm, source, text, hex(data), truncated
			 FROM logs ORDER BY ts`,
		),
	).toEqual([
		"10|1|6|7|worker|printk|first||0",
		"20|0|0|0|swapper|klog|cut sho||1",
		"30|1|6|7|renamed|klog|raw|7261770001|0",
		"40|1|99|99|-|printk|||0",
	]);
});
