import type { SliceRows } from "../../store/slice-rows.js";
import type { ThreadTable } from "./thread-table.js";

/** Key of this dictionary row among a thread's rows; calls have keys from 0. */
const KEY = -3;
/** In place of the utid of a thread whose life is not told. */
const NO_LIFE = 0;
/** The idle thread of every CPU; what interrupts do while a CPU idles is done under its id. */
const IDLE = { utid: 0, pid: 0, tid: 0, comm: "swapper" } as const;

/** More of them than a busy machine starts in the time that a bio takes. */
const STRANGERS_MAX = 65_536;

interface Stranger {
	readonly pid: number;
	readonly comm: string;
	readonly row: number;
}

/** Dictionary rows of whose something was, under the name that the thread had then. */
export class ThreadRows {
	#idleRow = 0;
	readonly #strangers = new Map<number, Stranger>();

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

	/** Row of a thread that is not recorded, by what a record says of it. */
	rowOfStranger(tid: number, pid: number, comm: string): number {
		const known = this.#strangers.get(tid);
		if (known !== undefined && known.pid === pid && known.comm === comm) return known.row;
		if (this.#strangers.size >= STRANGERS_MAX) this.#strangers.clear();
		const row = this.dictionary.thread(NO_LIFE, pid, tid, comm);
		this.#strangers.set(tid, { pid, comm, row });
		return row;
	}
}
