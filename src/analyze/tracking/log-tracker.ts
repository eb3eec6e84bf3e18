import type { RecordCursor } from "../../collector/record-cursor.js";
import type { EventSchema } from "../../schema/event-schema.js";
import { bytesReader, fieldReader, textReader } from "../../schema/read-field.js";
import { readText } from "../../schema/values.js";
import type { LogLine, LogRows } from "../../store/log-rows.js";
import type { SliceRows } from "../../store/slice-rows.js";
import type { RecordHandler } from "./lifecycle-tracker.js";
import type { ThreadTable } from "./thread-table.js";

/** Key of the log's dictionary row among a thread's rows; calls have keys from 0. */
const LOG_KEY = -3;
/** The idle thread of every CPU; what interrupts log while a CPU idles is logged under its id. */
const IDLE = { utid: 0, pid: 0, tid: 0, comm: "swapper" } as const;

type Content = Pick<LogLine, "source" | "text" | "data" | "truncated">;

/** Lines from the kernel's own log and from modules that log into the recording. */
export class LogTracker {
	#idleRow = 0;

	constructor(
		private readonly threads: ThreadTable,
		private readonly dictionary: SliceRows,
		private readonly lines: LogRows,
	) {}

	/** Undefined for an event that is no log line. */
	handlerOf(schema: EventSchema): RecordHandler | undefined {
		const content = CONTENTS[schema.name]?.(schema);
		if (content === undefined) return undefined;
		return (record) => {
			const found = content(record);
			if (found === undefined) return false;
			const { ts, cpu } = record;
			this.lines.add({ ts, cpu, thread: this.#thread(record.tid, ts), ...found });
			return true;
		};
	}

	#thread(tid: number, ts: number): number {
		if (tid === IDLE.tid) {
			this.#idleRow ||= this.dictionary.thread(IDLE.utid, IDLE.pid, IDLE.tid, IDLE.comm);
			return this.#idleRow;
		}
		const { utid, process, comm, rows } = this.threads.at(tid, ts);
		let row = rows.get(LOG_KEY);
		if (row === undefined) {
			row = { id: this.dictionary.thread(utid, process.pid, tid, comm), latestTs: ts };
			rows.set(LOG_KEY, row);
		}
		return row.id;
	}
}

const CONTENTS: Readonly<
	Record<string, (schema: EventSchema) => (record: RecordCursor) => Content | undefined>
> = {
	klog(schema) {
		const read = bytesReader(schema, "data");
		return ({ view, bytes, payloadOffset, payloadLength }) => {
			const data = read(view, bytes, payloadOffset, payloadLength);
			if (data === undefined) return undefined;
			return { source: "klog", text: readText(data, 0, data.length), data, truncated: false };
		};
	},

	klog_printk(schema) {
		const read = textReader(schema, "text");
		const truncated = fieldReader(schema, "truncated");
		return ({ view, bytes, payloadOffset, payloadLength }) => {
			const text = read(view, bytes, payloadOffset, payloadLength);
			if (text === undefined) return undefined;
			return { source: "klog", text, data: null, truncated: truncated(view, payloadOffset) !== 0 };
		};
	},

	printk(schema) {
		const read = textReader(schema, "text");
		return ({ view, bytes, payloadOffset, payloadLength }) => {
			const text = read(view, bytes, payloadOffset, payloadLength);
			return text === undefined
				? undefined
				: { source: "printk", text, data: null, truncated: false };
		};
	},
};
