import type { RecordCursor } from "../../collector/record-cursor.js";
import type { EventSchema } from "../../schema/event-schema.js";
import { bytesReader, fieldReader, textReader } from "../../schema/read-field.js";
import { readText } from "../../schema/values.js";
import type { LogLine, LogRows } from "../../store/log-rows.js";
import type { RecordHandler } from "./lifecycle-tracker.js";
import type { ThreadRows } from "./thread-rows.js";

type Content = Pick<LogLine, "source" | "text" | "data" | "truncated">;

/** Lines from the kernel's own log and from modules that log into the recording. */
export class LogTracker {
	constructor(
		private readonly threads: ThreadRows,
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
			this.lines.add({ ts, cpu, thread: this.threads.rowOf(record.tid, ts), ...found });
			return true;
		};
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
