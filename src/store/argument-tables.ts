import { SYMBOL_SETS } from "../syscalls/symbol-sets.js";
import type { StoredTable } from "./stored-table.js";

/** What calls' arguments are, and the names of their values: the meaning of arg0 to arg5 in SQL. */
export function argumentTables(): string {
	const symbols = SYMBOL_SETS.flatMap(({ kind, symbols: each }) =>
		each.map(({ symbol, mask, value }) => `('${kind}', ${mask}, ${value}, '${symbol}')`),
	);
	return `
CREATE TABLE argument_row (
	name TEXT,
	abi TEXT,
	position INTEGER,
	argument TEXT NOT NULL,
	type TEXT NOT NULL,
	kind TEXT NOT NULL,
	PRIMARY KEY (name, abi, position)
) WITHOUT ROWID;
CREATE VIEW syscall_arguments AS
	SELECT name, abi, position, argument, type, kind FROM argument_row;
CREATE TABLE symbol_row (
	kind TEXT,
	mask INTEGER,
	value INTEGER,
	symbol TEXT NOT NULL,
	PRIMARY KEY (kind, mask, value)
) WITHOUT ROWID;
INSERT INTO symbol_row VALUES ${symbols.join(", ")};
CREATE VIEW argument_symbols AS
	SELECT kind, mask, value, symbol FROM symbol_row;
`;
}

export const ARGUMENT_TABLE: StoredTable = {
	name: "argument_row",
	columns: ["name", "abi", "position", "argument", "type", "kind"],
	batch: 100,
};
