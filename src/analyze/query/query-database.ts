import Database = require("better-sqlite3");

import { RelayscopeError } from "../../base/error.js";
import { describeSqlError, type ViewInfo } from "./sql-error.js";
import { firstKeyword, isBlankSql } from "./sql-scan.js";

/** Integers are bigint: every digit of 64 bits is kept. */
export type SqlValue = bigint | number | string | Uint8Array | null;

/** A value for each `?`, or one object for all `@name`. */
export type Binding = SqlValue | { readonly [name: string]: SqlValue };

export interface RowSet {
	/** As SQLite names them; a name may occur twice. */
	readonly columns: readonly string[];
	/** Read as it is iterated, once. */
	readonly rows: IterableIterator<readonly SqlValue[]>;
}

const READING = new Set(["SELECT", "WITH", "VALUES", "EXPLAIN", "PRAGMA"]);

/** Of all pragmas, those that only tell. Checked before SQLite sees the text: some act on prepare. */
const TELLING_PRAGMA =
	/^\s*PRAGMA\s+(?:\w+\.)?(?:table_info|table_xinfo|table_list|index_list|index_info|index_xinfo|database_list|compile_options|function_list|collation_list|user_version|application_id|page_count|page_size|schema_version|encoding|integrity_check|quick_check)\s*(?:\([^()=;]*\)\s*)?;?\s*$/i;

/**
 * A session's database opened for asking: nothing done through it can change a byte of the file,
 * and whatever is wrong with a question comes back as BAD_SQL.
 */
export class QueryDatabase {
	readonly #database: Database.Database;
	#views: readonly ViewInfo[] | undefined;

	constructor(readonly path: string) {
		try {
			this.#database = new Database(path, { readonly: true, fileMustExist: true });
			this.#database.pragma("query_only = 1");
			this.#database.defaultSafeIntegers(true);
			this.#database.prepare("SELECT count(*) FROM sqlite_schema").get();
		} catch (cause) {
			throw new RelayscopeError(
				"DATABASE",
				`the session's database cannot be read: ${messageOf(cause)}`,
				{ cause, hint: "Rebuild it from the raw files: relayscope import --force SESSION" },
			);
		}
	}

	/** Runs a question that a user wrote. */
	ask(sql: string): RowSet {
		const statement = this.#prepareForReading(sql);
		return {
			columns: statement.columns().map((column) => column.name),
			rows: this.#guarded(sql, statement.raw(true)),
		};
	}

	/** For SQL that this program wrote: rows as arrays, read one at a time. */
	rows<Row extends readonly SqlValue[]>(
		sql: string,
		...values: readonly Binding[]
	): IterableIterator<Row> {
		return this.#database
			.prepare<Binding[], Row>(sql)
			.raw(true)
			.iterate(...values);
	}

	/**
	 * As `rows`, with integers as doubles: for hot scans of values known to be below 2^53, such as
	 * times relative to the session's start.
	 */
	numberRows<Row extends readonly (number | string | null)[]>(
		sql: string,
		...values: readonly Binding[]
	): IterableIterator<Row> {
		const statement = this.#database.prepare<Binding[], Row>(sql);
		return statement
			.raw(true)
			.safeIntegers(false)
			.iterate(...values);
	}

	/** Views and tables that are there to be asked, with their columns, by name. */
	views(): readonly ViewInfo[] {
		this.#views ??= this.#readViews();
		return this.#views;
	}

	has(view: string, column?: string): boolean {
		const found = this.views().find((candidate) => candidate.name === view);
		return found !== undefined && (column === undefined || found.columns.includes(column));
	}

	/** Whether there is a table that is the store's own affair. */
	hasTable(name: string): boolean {
		const found = this.rows("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", name);
		return [...found].length > 0;
	}

	hasColumn(table: string, column: string): boolean {
		const found = this.rows("SELECT 1 FROM pragma_table_xinfo(?) WHERE name = ?", table, column);
		return [...found].length > 0;
	}

	/** Rows in all tables, those behind the views included. */
	storedRows(): bigint {
		let rows = 0n;
		const tables = [...this.rows<[string]>("SELECT name FROM sqlite_schema WHERE type = 'table'")];
		for (const [table] of tables) {
			for (const [count] of this.rows<[bigint]>(
				`SELECT count(*) FROM "${table.replaceAll('"', '""')}"`,
			)) {
				rows += count;
			}
		}
		return rows;
	}

	close(): void {
		this.#database.close();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	#readViews(): readonly ViewInfo[] {
		const kinds = new Map<string, string>();
		const objects = this.rows<[string, string]>(
			"SELECT name, type FROM sqlite_schema WHERE type IN ('view', 'table') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
		);
		for (const [name, type] of objects) kinds.set(name, type);
		// Tables behind the views are the store's own affair; without any view the tables are all there is.
		const anyView = [...kinds.values()].includes("view");
		const views: ViewInfo[] = [];
		for (const [name, type] of kinds) {
			if (anyView && type !== "view") continue;
			const columns: string[] = [];
			for (const [column] of this.rows<[string]>("SELECT name FROM pragma_table_xinfo(?)", name)) {
				columns.push(column);
			}
			views.push({ name, columns });
		}
		return views;
	}

	#prepareForReading(sql: string): Database.Statement<SqlValue[], readonly SqlValue[]> {
		if (isBlankSql(sql)) {
			throw new RelayscopeError("BAD_SQL", "there is no SQL statement to run", {
				hint: `Try: SELECT name, count(*) FROM syscalls GROUP BY name`,
			});
		}
		const keyword = firstKeyword(sql);
		if (keyword !== undefined && STATEMENTS_THAT_DO.has(keyword)) throw refused(keyword);
		if (keyword === "PRAGMA" && !TELLING_PRAGMA.test(sql)) throw refused("this PRAGMA");
		let statement: Database.Statement<SqlValue[], readonly SqlValue[]>;
		try {
			statement = this.#database.prepare<SqlValue[], readonly SqlValue[]>(sql);
		} catch (cause) {
			throw this.#badSql(sql, cause);
		}
		const explains = keyword === "EXPLAIN";
		if (
			keyword === undefined ||
			!READING.has(keyword) ||
			!statement.reader ||
			(!statement.readonly && !explains)
		) {
			throw refused(keyword === "WITH" ? "a WITH that writes" : (keyword ?? "this statement"));
		}
		return statement;
	}

	*#guarded(
		sql: string,
		statement: Database.Statement<SqlValue[], readonly SqlValue[]>,
	): Generator<readonly SqlValue[]> {
		try {
			yield* statement.iterate();
		} catch (cause) {
			if (cause instanceof Database.SqliteError || isParameterError(cause))
				throw this.#badSql(sql, cause);
			throw cause;
		}
	}

	#badSql(sql: string, cause: unknown): RelayscopeError {
		const { message, hint } = describeSqlError(sql, messageOf(cause), this.views(), (prefix) => {
			try {
				this.#database.prepare(prefix);
				return undefined;
			} catch (error) {
				return messageOf(error);
			}
		});
		return new RelayscopeError("BAD_SQL", message, {
			cause,
			...(hint === undefined ? {} : { hint }),
		});
	}
}

/** Refused by name, before SQLite compiles them. */
const STATEMENTS_THAT_DO = new Set(
	"ALTER ANALYZE ATTACH BEGIN COMMIT CREATE DELETE DETACH DROP END INSERT REINDEX RELEASE REPLACE ROLLBACK SAVEPOINT UPDATE VACUUM".split(
		" ",
	),
);

function refused(what: string): RelayscopeError {
	return new RelayscopeError("BAD_SQL", `${what} is refused: a session is only read`, {
		hint: "Ask with SELECT, WITH, VALUES or EXPLAIN. To change things, work on a copy of session.db.",
	});
}

function isParameterError(error: unknown): boolean {
	return error instanceof RangeError || error instanceof TypeError
		? /parameter/.test(error.message)
		: false;
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
