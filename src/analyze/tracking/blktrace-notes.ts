import type { BlktraceStream } from "../../collector/blktrace/blktrace-stream.js";
import {
	BLKTRACE_CGROUP,
	BLKTRACE_CGROUP_SIZE,
	BLKTRACE_NOTE,
} from "../../collector/blktrace/layout.js";
import { readText } from "../../schema/values.js";
import type { LogRows } from "../../store/log-rows.js";
import type { ThreadRows } from "./thread-rows.js";
import type { ThreadTable } from "./thread-table.js";

/** What blktrace notes beside events: names of threads, messages, and the wall clock. */
export class BlktraceNotes {
	constructor(
		private readonly threads: ThreadTable,
		private readonly rows: ThreadRows,
		private readonly lines: LogRows,
	) {}

	/** False: the note is not what it should be. */
	add({ ts, cpu, walk }: BlktraceStream): boolean {
		const { action, pid, bytes } = walk;
		const lead = (action & BLKTRACE_CGROUP) === 0 ? 0 : BLKTRACE_CGROUP_SIZE;
		if (walk.dataLength < lead) return false;
		const end = walk.dataAt + walk.dataLength;
		const start = walk.dataAt + lead;
		const text = (): string => readText(bytes, start, end);
		switch (action & ~BLKTRACE_CGROUP) {
			case BLKTRACE_NOTE.process: {
				const comm = text();
				// The idle threads are one to us.
				if (pid !== 0) this.threads.named(pid, ts, comm);
				return comm !== "";
			}
			case BLKTRACE_NOTE.timestamp:
				return end - start >= 8;
			case BLKTRACE_NOTE.message:
				this.lines.add({
					ts,
					cpu,
					thread: this.rows.rowOf(pid, ts),
					source: "blktrace",
					text: text().trimEnd(),
					data: null,
					truncated: false,
				});
				return true;
			default:
				// Of a later kernel: understood, but kept nowhere.
				return true;
		}
	}
}
