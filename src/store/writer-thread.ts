import { Worker } from "node:worker_threads";
import Database from "better-sqlite3";
import { CallBlock } from "./call-block.js";
import type { StoreOptions } from "./database-writer.js";
import { NumberBlock } from "./number-block.js";
import { type BoundValue, RowBuffer } from "./row-buffer.js";
import type { RowSink } from "./row-sink.js";
import { SliceBlock } from "./slice-block.js";
import { storedTables } from "./stored-tables.js";
import type { WriterMessage, WriterReply } from "./writer-message.js";

/** Messages that may wait; half a megabyte each at most. */
const WAITING_MAX = 12;
const ENTRY = new URL("./writer-main.js", import.meta.url);

/** Has a thread of its own write the database: it takes as long as everything before it. */
export class WriterThread implements RowSink {
	readonly #worker: Worker;
	readonly #tables: ReadonlyMap<string, RowBuffer>;
	readonly #spareCalls: ArrayBuffer[] = [];
	readonly #spareSlices: ArrayBuffer[] = [];
	/** Of blocks of numbers, by their size. */
	readonly #spareNumbers = new Map<number, ArrayBuffer[]>();
	#waiting = 0;
	#failure: Error | undefined;
	#ended = false;
	/** Called at every reply, and when none will come any more. */
	#onReply: () => void = () => undefined;

	constructor(options: StoreOptions) {
		this.#worker = new Worker(ENTRY, { workerData: options });
		this.#worker.on("message", (reply: WriterReply) => this.#take(reply));
		this.#worker.on("error", (error) => this.#fail(error));
		this.#worker.on("exit", () => {
			this.#ended = true;
			this.#fail(new Error("the thread that writes the database ended"));
		});
		this.#tables = new Map(
			storedTables(options.timeBase, options.events, options.strings).map(
				({ name, columns, batch }) => [
					name,
					new SentRows(columns.length, batch, (values) =>
						this.#send({ kind: "rows", table: name, values }),
					),
				],
			),
		);
	}

	table(name: string): RowBuffer {
		const table = this.#tables.get(name);
		if (table === undefined) throw new Error(`no table ${name}`);
		return table;
	}

	calls({ buffer, rows, wide }: CallBlock): CallBlock {
		this.#send({ kind: "calls", buffer, rows, wide }, buffer);
		return new CallBlock(this.#spareCalls.pop());
	}

	slices({ buffer, rows }: SliceBlock): SliceBlock {
		this.#send({ kind: "slices", buffer, rows }, buffer);
		return new SliceBlock(this.#spareSlices.pop());
	}

	numbers({ table, columns, buffer, rows }: NumberBlock): NumberBlock {
		const spare = this.#spareNumbers.get(buffer.byteLength)?.pop();
		this.#send({ kind: "numbers", table, columns, buffer, rows }, buffer);
		return new NumberBlock(table, columns, spare);
	}

	commit(): void {
		this.#send({ kind: "commit" });
	}

	ready(): Promise<void> {
		return this.#until(WAITING_MAX);
	}

	async finish(): Promise<void> {
		this.#send({ kind: "finish" });
		await this.#until(0);
		await this.#worker.terminate();
	}

	async abandon(): Promise<void> {
		if (this.#ended) return;
		this.#worker.postMessage({ kind: "abandon" } satisfies WriterMessage);
		await new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
	}

	#send(message: WriterMessage, buffer?: ArrayBuffer): void {
		this.#waiting++;
		this.#worker.postMessage(message, buffer === undefined ? [] : [buffer]);
	}

	#take(reply: WriterReply): void {
		if (reply.kind === "failed") {
			const { sqliteCode, error } = reply;
			// An error loses its class on the way.
			this.#fail(
				sqliteCode === undefined ? error : new Database.SqliteError(error.message, sqliteCode),
			);
			return;
		}
		this.#waiting--;
		if (reply.buffer !== undefined) {
			this.#sparesFor(reply.of, reply.buffer.byteLength).push(reply.buffer);
		}
		this.#onReply();
	}

	#sparesFor(kind: WriterMessage["kind"], size: number): ArrayBuffer[] {
		if (kind === "calls") return this.#spareCalls;
		if (kind === "slices") return this.#spareSlices;
		const spares = this.#spareNumbers.get(size) ?? [];
		this.#spareNumbers.set(size, spares);
		return spares;
	}

	#fail(error: Error): void {
		this.#failure ??= error;
		this.#onReply();
	}

	async #until(waiting: number): Promise<void> {
		while (this.#waiting > waiting && this.#failure === undefined) {
			await new Promise<void>((resolve) => {
				this.#onReply = resolve;
			});
		}
		if (this.#failure !== undefined) throw this.#failure;
	}
}

class SentRows extends RowBuffer {
	readonly #send: (values: readonly BoundValue[]) => void;

	constructor(columns: number, rows: number, send: (values: readonly BoundValue[]) => void) {
		super(columns, rows);
		this.#send = send;
	}

	protected override deliver(values: readonly BoundValue[]): void {
		// A view would take the whole of its buffer along.
		this.#send(
			values.map((value) => (value instanceof Uint8Array ? Uint8Array.from(value) : value)),
		);
	}
}
