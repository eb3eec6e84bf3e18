import { renameSync, rmSync } from "node:fs";
import Database from "better-sqlite3";
import type { EventSchema } from "../schema/event-schema.js";
import { eventColumns, eventTableName } from "../schema/table-ddl.js";
import { BatchedInsert } from "./batched-insert.js";
import { CallRows } from "./call-rows.js";
import { LifeRows } from "./life-rows.js";
import { PlaceCode } from "./place.js";
import { SliceRows } from "./slice-rows.js";
import { APPLICATION_ID, PLACE_SCALE_KEY, STORE_VERSION, tablesDdl } from "./tables.js";
import { timeColumn } from "./time-column.js";

export interface StoreOptions {
	/** A file that does not exist yet; there is one when the store is finished. */
	readonly path: string;
	/** CLOCK_MONOTONIC ns that every time given to the store is counted from. */
	readonly timeBase: bigint;
	readonly cpuIds: number;
	readonly events: readonly EventSchema[];
}

const SCRATCH_SUFFIX = "-scratch";
const PACKED_PAGE_SIZE = 16384;

export type SessionValue = string | number | bigint;

/**
 * The database of one session while it is built. Nobody else looks at the file until it is whole,
 * so nothing is journaled or synced.
 */
export class SessionStore {
	readonly calls: CallRows;
	readonly slices: SliceRows;
	readonly lives: LifeRows;
	readonly #path: string;
	readonly #scratch: string;
	readonly #database: Database.Database;
	readonly #losses: BatchedInsert;
	readonly #stats: BatchedInsert;
	readonly #events = new Map<EventSchema, BatchedInsert>();
	readonly #session: Database.Statement<[string, SessionValue]>;

	constructor(options: StoreOptions) {
		this.#path = options.path;
		this.#scratch = `${options.path}${SCRATCH_SUFFIX}`;
		const database = new Database(this.#scratch);
		this.#database = database;
		prepareForBuilding(database);
		database.exec(tablesDdl(options));
		const { timeBase } = options;
		const place = new PlaceCode(options.cpuIds);
		this.lives = new LifeRows(database, timeBase);
		this.calls = new CallRows(database, timeBase, place);
		this.slices = new SliceRows(database, timeBase, place);
		this.#losses = new BatchedInsert(
			database,
			"loss_row",
			[timeColumn("ts_begin", timeBase), timeColumn("ts_end", timeBase), "channel", "cpu", "lost"],
			1,
		);
		this.#stats = new BatchedInsert(database, "stat_row", ["channel", "cpu", "name", "value"], 1);
		for (const event of options.events) {
			const columns = eventColumns(event).map(({ name }) =>
				name === "ts" ? timeColumn(name, timeBase) : name,
			);
			this.#events.set(event, new BatchedInsert(database, eventTableName(event), columns, 20));
		}
		this.#session = database.prepare("INSERT OR REPLACE INTO session_value VALUES (?, ?)");
		database.prepare("INSERT INTO store_value VALUES (?, ?)").run(PLACE_SCALE_KEY, place.scale);
		database.exec("BEGIN");
	}

	/** Where rows of an event go; in the order of eventColumns, `ts` relative to the time base. */
	events(event: EventSchema): BatchedInsert {
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
		this.#session.run(key, typeof value === "number" ? BigInt(value) : value);
	}

	/** Ends a batch: what was inserted is in the file from here on, for a reader to see. */
	commit(): void {
		this.#flush();
		this.#database.exec("COMMIT; BEGIN");
	}

	/** Makes the indices and the finished file; nothing else may be asked of the store then. */
	finish(): void {
		this.calls.finish();
		this.#flush();
		this.lives.correct();
		const indices = [...this.#events.keys()].map(
			(event) => `CREATE INDEX "${eventTableName(event)}_ts" ON "${eventTableName(event)}" (ts);`,
		);
		this.#database.exec(`
			CREATE INDEX loss_row_ts ON loss_row (ts_begin);
			CREATE INDEX process_row_pid ON process_row (pid);
			CREATE INDEX thread_row_tid ON thread_row (tid);
			CREATE INDEX thread_row_upid ON thread_row (upid);
			${indices.join("\n")}
			${this.#statistics()}
			COMMIT;
			PRAGMA application_id = ${APPLICATION_ID};
			PRAGMA user_version = ${STORE_VERSION};
		`);
		this.#pack();
	}

	/**
	 * What ANALYZE would find by reading every row. It lets SQLite put a Bloom filter before the
	 * dictionary: of a second's calls, only one process's are then looked up (8 ms, not 80).
	 */
	#statistics(): string {
		const clustered = (table: string, rows: number): string[] =>
			rows === 0 ? [] : [`('${table}', '${table}', '${rows} 1 1')`];
		const dictionary = (table: string, rows: number): string[] =>
			rows === 0 ? [] : [`('${table}', NULL, '${rows}')`];
		const rows = [
			...clustered("syscall_row", this.calls.rows),
			...dictionary("caller", this.calls.callers),
			...clustered("slice_row", this.slices.rows),
			...dictionary("named_thread", this.slices.threads),
		];
		if (rows.length === 0) return "";
		return `ANALYZE errno_name;
			DELETE FROM sqlite_stat1;
			INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ${rows.join(", ")};`;
	}

	/** Gives up; nothing is left of it. */
	abandon(): void {
		this.#database.close();
		rmSync(this.#scratch, { force: true });
	}

	/**
	 * Rows that come in order leave every page of a clustered table an eighth empty. A copy is
	 * packed: 27 bytes a call instead of 31, for 110 ns a call.
	 */
	#pack(): void {
		const database = this.#database;
		database.pragma(`page_size = ${PACKED_PAGE_SIZE}`);
		try {
			database.prepare("VACUUM INTO ?").run(this.#path);
		} catch (error) {
			if (!(error instanceof Database.SqliteError && error.code === "SQLITE_FULL")) throw error;
			// No room for both: what there is will do as well.
			rmSync(this.#path, { force: true });
			database.close();
			renameSync(this.#scratch, this.#path);
			return;
		}
		database.close();
		rmSync(this.#scratch);
	}

	#flush(): void {
		this.lives.flush();
		this.calls.flush();
		this.slices.flush();
		this.#losses.flush();
		this.#stats.flush();
		for (const rows of this.#events.values()) rows.flush();
	}
}

function prepareForBuilding(database: Database.Database): void {
	// Or else journal_mode = OFF is refused, silently.
	database.unsafeMode(true);
	// Before anything else: over 9p there are no working file locks to take and give back.
	database.pragma("locking_mode = EXCLUSIVE");
	database.pragma("page_size = 8192");
	const journal = database.pragma("journal_mode = OFF", { simple: true });
	if (journal !== "off") throw new Error(`the journal is ${String(journal)}`);
	database.pragma("synchronous = OFF");
	database.pragma("cache_size = -32768");
	database.pragma("temp_store = FILE");
}
