import type { Session } from "../../session/session-reader.js";
import { QueryDatabase } from "./query-database.js";
import { readSessionFacts, type SessionFacts } from "./session-facts.js";

/** A session that can be asked: its facts and its database, open until disposed of. */
export interface Asking {
	readonly facts: SessionFacts;
	readonly database: QueryDatabase;
	[Symbol.dispose](): void;
}

/** Asks a database that is known to be the session's. */
export function askDatabase(session: Session, databasePath: string): Asking {
	const database = new QueryDatabase(databasePath);
	const facts = readSessionFacts(session, database);
	return { facts, database, [Symbol.dispose]: () => database.close() };
}
