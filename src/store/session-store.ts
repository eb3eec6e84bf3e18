import type { EventSchema } from "../schema/event-schema.js";
import { eventTableName } from "../schema/table-ddl.js";
import type { DescribedCall } from "../syscalls/argument-table.js";
import { BlockRows } from "./block-rows.js";
import { CallDetailRows } from "./call-detail-rows.js";
import { CallPathRows } from "./call-path-rows.js";
import { CallRows } from "./call-rows.js";
import { ContextRows } from "./context-rows.js";
import { DatabaseWriter, type StoreOptions } from "./database-writer.js";
import { LifeRows } from "./life-rows.js";
import { LogRows } from "./log-rows.js";
import { PlaceCode } from "./place.js";
import type { RowBuffer } from "./row-buffer.js";
import type { RowSink } from "./row-sink.js";
import { SliceRows } from "./slice-rows.js";
import { WriterThread } from "./writer-thread.js";

export type SessionValue = string | number | bigint;

/** What calls name, and what only some of them have. */
export interface StringRows {
	readonly callPaths: CallPathRows;
	readonly callDetails: CallDetailRows;
}

/** The database of one session while it is built, as the pipeline sees it. */
export class SessionStore {
	readonly calls: CallRows;
	/** Only of a session with strings. */
	readonly strings: StringRows | undefined;
	readonly slices: SliceRows;
	readonly logs: LogRows;
	readonly blocks: BlockRows;
	readonly contexts: ContextRows;
	readonly lives: LifeRows;
	readonly #sink: RowSink;
	readonly #losses: RowBuffer;
	readonly #stats: RowBuffer;
	readonly #session: RowBuffer;
	readonly #arguments: RowBuffer;
	readonly #events: ReadonlyMap<EventSchema, RowBuffer>;

	/** `thread`: the database is written by a thread of its own. */
	constructor(options: StoreOptions, thread: boolean) {
		const sink = thread ? new WriterThread(options) : new DatabaseWriter(options);
		this.#sink = sink;
		this.lives = new LifeRows(sink);
		this.calls = new CallRows(sink, options.strings);
		if (options.strings) {
			this.strings = {
				callPaths: new CallPathRows(sink),
				callDetails: new CallDetailRows(sink),
			};
		}
		this.slices = new SliceRows(sink);
		this.logs = new LogRows(sink);
		this.blocks = new BlockRows(sink, new PlaceCode(options.cpuIds));
		this.contexts = new ContextRows(sink);
		this.#losses = sink.table("loss_row");
		this.#stats = sink.table("stat_row");
		this.#session = sink.table("session_value");
		this.#arguments = sink.table("argument_row");
		this.#events = new Map(
			options.events.map((event) => [event, sink.table(eventTableName(event))]),
		);
	}

	/** Where rows of an event go; in the order of eventColumns, `ts` relative to the time base. */
	events(event: EventSchema): RowBuffer {
		const rows = this.#events.get(event);
		if (rows === undefined) throw new Error(`event ${event.name} has no table`);
		return rows;
	}

	loss(
		tsBegin: number,
		tsEnd: number | undefined,
		channel: string,
		cpu: number | undefined,
		lost: number | bigint | undefined,
	): void {
		this.#losses.add(tsBegin, tsEnd ?? null, channel, cpu ?? null, lost ?? null);
	}

	stat(channel: string, cpu: number | undefined, name: string, value: number | bigint): void {
		this.#stats.add(channel, cpu ?? null, name, value);
	}

	sessionValue(key: string, value: SessionValue): void {
		// A column without a type keeps a double as one: 8 would read 8.0.
		this.#session.add(key, typeof value === "number" ? BigInt(value) : value);
	}

	/** What the arguments of a call are, in the recorded kernel's tables. */
	call({ name, table, arguments: described }: DescribedCall): void {
		for (const [position, argument] of described.entries()) {
			this.#arguments.add(name, table, position, argument.name, argument.type, argument.kind);
		}
	}

	/** Ends a batch: what was inserted will be in the file, for a reader to see. */
	commit(): void {
		this.#flush();
		this.#sink.commit();
	}

	/** Resolves when more rows may come; rejects when those before could not be written. */
	ready(): Promise<void> {
		return this.#sink.ready();
	}

	/** Makes the indices and the finished file; nothing else may be asked of the store then. */
	finish(): Promise<void> {
		this.calls.finish();
		this.#flush();
		return this.#sink.finish();
	}

	/** Gives up; nothing is left of it. */
	abandon(): Promise<void> {
		return this.#sink.abandon();
	}

	#flush(): void {
		this.lives.flush();
		this.calls.flush();
		this.strings?.callPaths.flush();
		this.strings?.callDetails.flush();
		this.slices.flush();
		this.logs.flush();
		this.blocks.flush();
		this.contexts.flush();
		this.#losses.flush();
		this.#stats.flush();
		this.#session.flush();
		this.#arguments.flush();
		for (const rows of this.#events.values()) rows.flush();
	}
}
