import { renameSync, rmSync, statSync } from "node:fs";
import Database from "better-sqlite3";
import type { EventSchema } from "../schema/event-schema.js";
import { eventTableName } from "../schema/table-ddl.js";
import { BatchedInsert } from "./batched-insert.js";
import type { CallBlock } from "./call-block.js";
import { CALL_DETAIL_INDICES } from "./call-detail-tables.js";
import { CallInserts } from "./call-inserts.js";
import { CALL_PATH_INDICES, CALLS_BY_PATHS } from "./call-path-tables.js";
import { CONTEXT_INDICES } from "./context-tables.js";
import { applyCorrections, CORRECTION_TABLE } from "./corrections.js";
import type { NumberBlock } from "./number-block.js";
import { PlaceCode } from "./place.js";
import type { RowSink } from "./row-sink.js";
import type { SliceBlock } from "./slice-block.js";
import { SliceInserts } from "./slice-inserts.js";
import { storedTables } from "./stored-tables.js";
import { PLACE_SCALE_KEY, tablesDdl } from "./tables.js";
import { APPLICATION_ID, STORE_VERSION } from "./version.js";

export interface StoreOptions {
	/** A file that does not exist yet; there is one when the store is finished. */
	readonly path: string;
	/** CLOCK_MONOTONIC ns that every time given to the store is counted from. */
	readonly timeBase: bigint;
	readonly cpuIds: number;
	/** Whether strings of system calls were recorded: calls have paths then. */
	readonly strings: boolean;
	/** Events that have a table and a view of their own. */
	readonly events: readonly EventSchema[];
}

const SCRATCH_SUFFIX = "-scratch";
/** Every table and index has a page at least, so small databases have small ones. */
const SMALL_PAGE_SIZE = 4096;
const LARGE_PAGE_SIZE = 16384;
const LARGE_DATABASE_BYTES = 64 * 2 ** 20;

/**
 * Writes the database of one session. Nobody else looks at the file until it is whole, so nothing
 * is journaled or synced.
 */
export class DatabaseWriter implements RowSink {
	readonly #path: string;
	readonly #scratch: string;
	readonly #database: Database.Database;
	readonly #calls: CallInserts;
	readonly #slices: SliceInserts;
	readonly #tables: ReadonlyMap<string, BatchedInsert>;
	readonly #events: readonly EventSchema[];
	readonly #strings: boolean;

	constructor(options: StoreOptions) {
		this.#path = options.path;
		this.#scratch = `${options.path}${SCRATCH_SUFFIX}`;
		this.#events = options.events;
		const database = new Database(this.#scratch);
		this.#database = database;
		prepareForBuilding(database);
		database.exec(tablesDdl(options) + CORRECTION_TABLE);
		const { timeBase, cpuIds, events, strings } = options;
		const place = new PlaceCode(cpuIds);
		this.#calls = new CallInserts(database, timeBase, place, strings);
		this.#strings = strings;
		this.#slices = new SliceInserts(database, timeBase, place);
		this.#tables = new Map(
			storedTables(timeBase, events, strings).map(({ name, columns, batch }) => [
				name,
				new BatchedInsert(database, name, columns, batch),
			]),
		);
		database.prepare("INSERT INTO store_value VALUES (?, ?)").run(PLACE_SCALE_KEY, place.scale);
		database.exec("BEGIN");
	}

	table(name: string): BatchedInsert {
		const table = this.#tables.get(name);
		if (table === undefined) throw new Error(`no table ${name}`);
		return table;
	}

	calls(block: CallBlock): CallBlock {
		this.#calls.insert(block);
		block.clear();
		return block;
	}

	slices(block: SliceBlock): SliceBlock {
		this.#slices.insert(block);
		block.clear();
		return block;
	}

	numbers(block: NumberBlock): NumberBlock {
		this.table(block.table).addNumbers(block.values, block.rows);
		block.clear();
		return block;
	}

	commit(): void {
		this.#flush();
		this.#database.exec("COMMIT; BEGIN");
	}

	ready(): Promise<void> {
		return Promise.resolve();
	}

	async finish(): Promise<void> {
		this.#flush();
		applyCorrections(this.#database);
		const indices = this.#events.map(
			(event) => `CREATE INDEX "${eventTableName(event)}_ts" ON "${eventTableName(event)}" (ts);`,
		);
		this.#database.exec(`
			CREATE INDEX log_row_ts ON log_row (ts);
			${CONTEXT_INDICES}
			${this.#strings ? CALL_PATH_INDICES + CALLS_BY_PATHS + CALL_DETAIL_INDICES : ""}
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

	async abandon(): Promise<void> {
		this.#database.close();
		rmSync(this.#scratch, { force: true });
	}

	/**
	 * What ANALYZE would find by reading every row. It lets SQLite put a Bloom filter before the
	 * dictionary: of a second's calls, only one process's are then looked up (8 ms, not 80).
	 */
	#statistics(): string {
		const clustered = (table: string, rows: number): string[] =>
			rows === 0 ? [] : [`('${table}', '${table}', '${rows} 1 1')`];
		const dictionary = (table: string): string[] => {
			const rows = this.#database.prepare(`SELECT max(id) FROM ${table}`).pluck().get();
			return rows === null ? [] : [`('${table}', NULL, '${rows}')`];
		};
		const rows = [
			...clustered("syscall_row", this.#calls.rows),
			...dictionary("caller"),
			...clustered("slice_row", this.#slices.rows),
			...dictionary("named_thread"),
			...this.#pathStatistics(),
		];
		if (rows.length === 0) return "";
		return `ANALYZE errno_name;
			DELETE FROM sqlite_stat1;
			INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ${rows.join(", ")};`;
	}

	/** How many calls name the same: SQLite then begins at what is named, when a question says it. */
	#pathStatistics(): string[] {
		const { naming } = this.#calls;
		if (naming === 0) return [];
		const names = this.#database.prepare("SELECT max(id) FROM call_paths").pluck().get();
		if (typeof names !== "number") return [];
		const each = Math.max(1, Math.round(naming / names));
		return [
			`('syscall_row', 'syscall_row_paths', '${naming} ${each} 1 1')`,
			...["path", "path2", "fd_path"].map(
				(column) => `('call_paths', 'call_paths_${column}', '${names} 2')`,
			),
		];
	}

	/**
	 * Rows that come in order leave every page of a clustered table an eighth empty. A copy is
	 * packed: 27 bytes a call instead of 31, for 110 ns a call.
	 */
	#pack(): void {
		const database = this.#database;
		const large = statSync(this.#scratch).size >= LARGE_DATABASE_BYTES;
		database.pragma(`page_size = ${large ? LARGE_PAGE_SIZE : SMALL_PAGE_SIZE}`);
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
		this.#calls.flush();
		this.#slices.flush();
		for (const table of this.#tables.values()) table.flush();
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
	database.pragma("cache_size = -8192");
	database.pragma("temp_store = FILE");
}
