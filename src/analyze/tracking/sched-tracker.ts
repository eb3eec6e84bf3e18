import type { RecordCursor } from "../../collector/record-cursor.js";
import type { EventSchema } from "../../schema/event-schema.js";
import { type FieldReader, fieldReader } from "../../schema/read-field.js";
import type { SliceRows } from "../../store/slice-rows.js";
import type { LossHistory } from "./loss-history.js";
import { endState } from "./task-state.js";
import type { Thread } from "./thread.js";
import type { ThreadTable } from "./thread-table.js";

const NEXT_RECORDED = 2;
/** Key of the slices' dictionary row among a thread's rows; calls have keys from 0. */
const SLICE_KEY = -2;

/** What runs on a CPU. */
interface Running {
	tid: number;
	ts: number;
	/** Dictionary row; 0: nobody who is being recorded, or nobody knows. */
	row: number;
}

/** Slices of time that a thread ran on a CPU, from a switch to it until the next one there. */
export class SchedTracker {
	readonly #threads: ThreadTable;
	readonly #rows: SliceRows;
	readonly #losses: LossHistory;
	readonly #cpus: Running[] = [];
	readonly #prevState: FieldReader;
	readonly #nextTid: FieldReader;
	readonly #flags: FieldReader;

	constructor(schema: EventSchema, threads: ThreadTable, rows: SliceRows, losses: LossHistory) {
		this.#threads = threads;
		this.#rows = rows;
		this.#losses = losses;
		this.#prevState = fieldReader(schema, "prev_state");
		this.#nextTid = fieldReader(schema, "next_tid");
		this.#flags = fieldReader(schema, "flags");
	}

	switched(record: RecordCursor): boolean {
		const { view, payloadOffset, ts, cpu, channel, tid } = record;
		const flags = this.#flags(view, payloadOffset);
		const running = this.#cpus[cpu] ?? { tid: 0, ts: 0, row: 0 };
		this.#cpus[cpu] = running;
		if (running.row !== 0) {
			const whole =
				running.tid === tid &&
				!(this.#losses.any && this.#losses.between(channel, cpu, running.ts, ts));
			if (whole) {
				const state = endState(this.#prevState(view, payloadOffset), flags);
				this.#rows.add(running.ts, running.row, cpu, ts - running.ts, state);
			} else this.#rows.add(running.ts, running.row, cpu, Number.NaN, null);
		}
		const next = this.#nextTid(view, payloadOffset);
		running.tid = next;
		running.ts = ts;
		const recorded = next !== 0 && (flags & NEXT_RECORDED) !== 0;
		running.row = recorded ? this.#row(this.#threads.at(next, ts), ts) : 0;
		return true;
	}

	/** Slices that were still going on when the recording ended. */
	finish(): void {
		this.#cpus.forEach((running, cpu) => {
			if (running.row !== 0) this.#rows.add(running.ts, running.row, cpu, Number.NaN, null);
			running.row = 0;
		});
	}

	#row(thread: Thread, ts: number): number {
		let row = thread.rows.get(SLICE_KEY);
		if (row === undefined) {
			row = { id: this.#newRow(thread), latestTs: Number.NEGATIVE_INFINITY };
			thread.rows.set(SLICE_KEY, row);
		}
		// (ts, thread, cpu) is the key of a slice's row, and a coarse clock can stand still.
		if (ts <= row.latestTs) row.id = this.#newRow(thread);
		row.latestTs = ts;
		return row.id;
	}

	#newRow({ utid, process, tid, comm }: Thread): number {
		return this.#rows.thread(utid, process.pid, tid, comm);
	}
}
