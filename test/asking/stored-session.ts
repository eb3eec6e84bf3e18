/** A session whose database is written by the store itself, row by row, as the pipeline would. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Asking, askDatabase } from "../../src/analyze/query/asking.js";
import { DATABASE_FILE, METADATA_FILE } from "../../src/session/layout.js";
import { openSession } from "../../src/session/session-reader.js";
import { encodeMetadata } from "../../src/session/write-metadata.js";
import { FINGERPRINT_KEY } from "../../src/store/database-file.js";
import type { ProcessRow } from "../../src/store/life-rows.js";
import { SessionStore } from "../../src/store/session-store.js";
import { fixtureMetadata, START } from "./fixture-session.js";

/** Fills the store; times are ns since START. */
export async function writeStoredSession(
	directory: string,
	fill: (store: SessionStore) => void | Promise<void>,
	{ strings = true, thread = false } = {},
): Promise<string> {
	mkdirSync(directory, { recursive: true });
	writeFileSync(join(directory, METADATA_FILE), encodeMetadata(fixtureMetadata({})));
	const { fingerprint } = openSession(directory);
	const path = join(directory, DATABASE_FILE);
	const store = new SessionStore({ path, timeBase: START, cpuIds: 2, events: [], strings }, thread);
	await fill(store);
	store.sessionValue(FINGERPRINT_KEY, fingerprint);
	await store.finish();
	return path;
}

export function askStoredSession(directory: string): Asking {
	const session = openSession(directory);
	return askDatabase(session, session.databasePath);
}

/** A process with one thread, both of the same number. */
export function addProcess(
	store: SessionStore,
	{ upid, pid, comm }: Pick<ProcessRow, "upid" | "pid" | "comm">,
): void {
	store.lives.process({
		...{ upid, pid, ppid: 1, uid: 1000, comm, exe: `/usr/bin/${comm}`, argv: null },
		...{ startTs: null, endTs: null, exitStatus: null, euid: null, gid: null },
		...{ loginuid: null, sessionId: null, cgroup: null, container: null },
	});
	store.lives.thread({ utid: upid, upid, tid: pid, comm });
}
