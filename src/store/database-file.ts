import {
	chmodSync,
	closeSync,
	existsSync,
	fdatasyncSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readdirSync,
	renameSync,
	rmdirSync,
	rmSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";

import Database = require("better-sqlite3");

import { RelayscopeError } from "../base/error.js";
import { isStale, type Session } from "../session/session-reader.js";
import { APPLICATION_ID, STORE_VERSION } from "./version.js";

/** Key of `session` that says which raw data a database was built from. */
export const FINGERPRINT_KEY = "fingerprint";

/** The session's database when there is one that is whole and not stale. */
export function findDatabase(session: Session): string | undefined {
	return places(session).find((path) => isCurrent(path, session));
}

/**
 * Has a database built and puts it in its place, whole or not at all: beside the raw files or, when
 * nothing can be written there, in the user's cache. Returns its path.
 */
export async function installDatabase(
	session: Session,
	build: (path: string) => Promise<void>,
): Promise<string> {
	const [beside, cached] = places(session);
	const path = canWrite(dirname(beside)) ? beside : cached;
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	removeLeftovers(path);
	const partial = `${path}.partial-${process.pid}`;
	rmSync(partial, { force: true });
	try {
		await build(partial);
		// It tells what every process did: like the raw files, for its owner's eyes only.
		chmodSync(partial, 0o600);
		syncFile(partial);
		renameSync(partial, path);
	} catch (error) {
		rmSync(partial, { force: true });
		throw explained(error, path);
	}
	return path;
}

/** A name must not lead to a half-written file after the power fails. */
function syncFile(path: string): void {
	const fd = openSync(path, "r");
	try {
		fdatasyncSync(fd);
	} finally {
		closeSync(fd);
	}
}

function explained(cause: unknown, path: string): unknown {
	if (!(cause instanceof Database.SqliteError)) return cause;
	if (cause.code === "SQLITE_FULL") {
		return new RelayscopeError("DISK_FULL", `No space left for the database ${path}.`, {
			hint: "Free some space on that disk; the recording itself is whole.",
			cause,
		});
	}
	return new RelayscopeError(
		"DATABASE",
		`The database ${path} cannot be built: ${cause.message}.`,
		{
			hint: "The recording itself is untouched; try again, or copy the session to another disk.",
			cause,
		},
	);
}

function places(session: Session): readonly [beside: string, cached: string] {
	const cache = process.env["XDG_CACHE_HOME"];
	const root = cache === undefined || cache === "" ? join(homedir(), ".cache") : cache;
	return [session.databasePath, join(root, "relayscope", "db", `${session.fingerprint}.db`)];
}

function isCurrent(path: string, session: Session): boolean {
	if (!existsSync(path)) return false;
	let database: Database.Database | undefined;
	try {
		database = new Database(path, { readonly: true, fileMustExist: true });
		if (database.pragma("application_id", { simple: true }) !== APPLICATION_ID) return false;
		if (database.pragma("user_version", { simple: true }) !== STORE_VERSION) return false;
		const value = database
			.prepare("SELECT value FROM session WHERE key = ?")
			.pluck()
			.get(FINGERPRINT_KEY);
		return typeof value === "string" && !isStale(session, value);
	} catch (error) {
		// Damaged, or something else by that name: it can be built again.
		if (error instanceof Database.SqliteError) return false;
		throw error;
	} finally {
		database?.close();
	}
}

function canWrite(directory: string): boolean {
	try {
		// Not access(2): root may write anywhere by that, on a file system mounted read-only too.
		const probe = mkdtempSync(join(directory, ".relayscope-"));
		rmdirSync(probe);
		return true;
	} catch {
		return false;
	}
}

/** Removes what builders left behind that were killed. */
function removeLeftovers(path: string): void {
	const prefix = `${basename(path)}.partial-`;
	for (const name of readdirSync(dirname(path))) {
		if (!name.startsWith(prefix)) continue;
		const pid = Number.parseInt(name.slice(prefix.length), 10);
		if (!isRunning(pid)) rmSync(join(dirname(path), name), { force: true });
	}
}

function isRunning(pid: number): boolean {
	if (!Number.isSafeInteger(pid) || pid <= 0) return true;
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return !(error instanceof Error && "code" in error && error.code === "ESRCH");
	}
}
