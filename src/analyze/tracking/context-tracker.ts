import { CONTEXT_NAMESPACES_SIZE } from "../../collector/abi.js";
import { ContextParts } from "../../collector/record-context.js";
import type { RecordCursor } from "../../collector/record-cursor.js";
import type { ContextRows } from "../../store/context-rows.js";
import type { StackTable } from "./stack-table.js";
import type { ThreadRows } from "./thread-rows.js";
import type { ThreadTable } from "./thread-table.js";

/** What records carry beside their fields, whatever their event is. */
export class ContextTracker {
	readonly #parts = new ContextParts();
	readonly #events = new Map<number, number>();
	readonly #namespaces = new Map<string, number>();

	constructor(
		private readonly threads: ThreadTable,
		private readonly rows: ContextRows,
		private readonly threadRows: ThreadRows,
		private readonly stacks: StackTable,
		private readonly nameOf: (eventId: number) => string,
	) {}

	/** Of a record whose fields were understood. */
	add(record: RecordCursor): void {
		const { view, ts, cpu, tid, contextOffset, contextLength } = record;
		const parts = this.#parts.find(view, contextOffset, contextLength);
		this.rows.add({
			...{ ts, cpu, thread: this.threadRows.rowOf(tid, ts), event: this.#event(record.eventId) },
			kernelStack: parts.kernelFrames === 0 ? null : this.stacks.kernel(view, parts),
			userStack: parts.userFrames === 0 ? null : this.#userStack(record, parts),
			cgroup: parts.cgroup < 0 ? null : view.getBigUint64(parts.cgroup, true),
			namespaces: parts.namespaces < 0 ? null : this.#namespacesAt(view, parts.namespaces),
			flags: parts.flags,
		});
	}

	#userStack({ view, tid, ts }: RecordCursor, parts: ContextParts): number {
		const { process } = this.threads.at(tid, ts);
		const parent = (pid: number) => this.threads.find(pid)?.process;
		return this.stacks.user(view, parts, process, parent, ts);
	}

	#event(id: number): number {
		let row = this.#events.get(id);
		if (row === undefined) {
			row = this.rows.event(this.nameOf(id));
			this.#events.set(id, row);
		}
		return row;
	}

	#namespacesAt(view: DataView, at: number): number {
		// The last of the numbers is reserved.
		const inodes = Array.from({ length: CONTEXT_NAMESPACES_SIZE / 4 - 1 }, (_, index) =>
			view.getUint32(at + index * 4, true),
		);
		const key = inodes.join();
		let row = this.#namespaces.get(key);
		if (row === undefined) {
			row = this.rows.namespaces(inodes.map((inode) => (inode === 0 ? null : inode)));
			this.#namespaces.set(key, row);
		}
		return row;
	}
}
