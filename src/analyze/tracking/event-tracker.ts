import { compileDecoder } from "../../schema/decoder.js";
import type { EventSchema } from "../../schema/event-schema.js";
import { toSqlValue } from "../../schema/table-ddl.js";
import type { RowBuffer } from "../../store/row-buffer.js";
import type { RecordHandler } from "./lifecycle-tracker.js";
import type { ThreadTable } from "./thread-table.js";

/** The idle thread of every CPU; what interrupts do while a CPU idles is done under its id. */
const IDLE = 0;

/** Stores an event as it is: time, place, thread and its own fields. */
export function eventHandler(
	schema: EventSchema,
	rows: RowBuffer,
	threads: ThreadTable,
): RecordHandler {
	const { decode } = compileDecoder(schema);
	return ({ view, bytes, payloadOffset, payloadLength, ts, cpu, tid }) => {
		const decoded = decode(view, bytes, payloadOffset, payloadLength);
		if (decoded === undefined) return false;
		const { values } = rows;
		let to = rows.at;
		values[to++] = ts;
		values[to++] = cpu;
		// A thread without history is not known to be a process.
		const thread = threads.find(tid);
		const known = thread !== undefined && thread.origin !== "unknown";
		values[to++] = known ? thread.process.pid : tid === IDLE ? IDLE : null;
		values[to++] = tid;
		for (const value of decoded) values[to++] = toSqlValue(value);
		rows.at = to;
		rows.rowAdded();
		return true;
	};
}
