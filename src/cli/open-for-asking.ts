import { type Asking, askDatabase } from "../analyze/query/asking.js";
import { openSession } from "../session/session-reader.js";
import { findDatabase } from "../store/database-file.js";
import { buildWithProgress } from "./build-database.js";

/** Opens a session for asking; a missing or stale database is built first, with a progress bar. */
export async function openForAsking(path: string): Promise<Asking> {
	const session = openSession(path);
	const database = findDatabase(session) ?? (await buildWithProgress(session)).path;
	return askDatabase(session, database);
}
