import type { RowBuffer } from "./row-buffer.js";
import type { RowSink } from "./row-sink.js";

export interface LogLine {
	/** ns since the time base. */
	readonly ts: number;
	readonly cpu: number;
	/** Row of the dictionary of threads. */
	readonly thread: number;
	/** Source that recorded it. */
	readonly source: "klog" | "printk" | "blktrace";
	readonly text: string;
	/** Bytes as they were logged, where they need not be text. */
	readonly data: Buffer | null;
	/** Whether the line was longer than what was kept. */
	readonly truncated: boolean;
}

/** Rows of what was logged, a row a line. */
export class LogRows {
	readonly #lines: RowBuffer;

	constructor(sink: RowSink) {
		this.#lines = sink.table("log_row");
	}

	add({ ts, cpu, thread, source, text, data, truncated }: LogLine): void {
		this.#lines.add(ts, cpu, thread, source, text, data, Number(truncated));
	}

	flush(): void {
		this.#lines.flush();
	}
}
