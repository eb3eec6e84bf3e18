import type { SliceRows } from "../../store/slice-rows.js";
import type { ThreadTable } from "./thread-table.js";

/** Key of this dictionary row among a thread's rows; calls have keys from 0. */
const KEY = -3;
/** The idle thread of every CPU; what interrupts do while a CPU idles is done under its id. */
const IDLE = { utid: 0, pid: 0, tid: 0, comm: "swapper" } as const;

/** Dictionary rows of whose something was, under the name that the thread had then. */
export class ThreadRows {
	#idleRow = 0;

	constructor(
		private readonly threads: ThreadTable,
		private readonly dictionary: SliceRows,
	) {}

	rowOf(tid: number, ts: number): number {
		if (tid === IDLE.tid) {
			this.#idleRow ||= this.dictionary.thread(IDLE.utid, IDLE.pid, IDLE.tid, IDLE.comm);
			return this.#idleRow;
		}
		const { utid, process, comm, rows } = this.threads.at(tid, ts);
		let row = rows.get(KEY);
		if (row === undefined) {
			row = { id: this.dictionary.thread(utid, process.pid, tid, comm), latestTs: ts };
			rows.set(KEY, row);
		}
		return row.id;
	}
}
