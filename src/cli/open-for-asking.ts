import { type Asking, askDatabase } from "../analyze/query/asking.js";
import { openSession, type Session } from "../session/session-reader.js";
import { findDatabase } from "../store/database-file.js";

/** Opens a session for asking; a missing or stale database is built first, with a progress bar. */
export async function openForAsking(path: string): Promise<Asking> {
	const session = openSession(path);
	return askDatabase(session, findDatabase(session) ?? (await build(session)));
}

/** Loaded when there is something to build: most questions find their database ready. */
async function build(session: Session): Promise<string> {
	const { buildWithProgress } = await import("./build-database.js");
	return (await buildWithProgress(session)).path;
}
