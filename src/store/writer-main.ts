/** What the thread runs that writes a database. */
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";
import { CallBlock } from "./call-block.js";
import { DatabaseWriter, type StoreOptions } from "./database-writer.js";
import { NumberBlock } from "./number-block.js";
import { SliceBlock } from "./slice-block.js";
import type { WriterMessage, WriterReply } from "./writer-message.js";

const port = parentPort;
if (port === null) throw new Error("to be run as a thread");

let writer: DatabaseWriter | undefined;
let failed = false;

function reply(message: WriterReply, buffer?: ArrayBuffer): void {
	port?.postMessage(message, buffer === undefined ? [] : [buffer]);
}

/** Returns the buffer that the message lent. */
async function write(
	into: DatabaseWriter,
	message: Exclude<WriterMessage, { kind: "abandon" }>,
): Promise<ArrayBuffer | undefined> {
	switch (message.kind) {
		case "rows":
			into.table(message.table).addAll(message.values);
			return undefined;
		case "calls": {
			const block = new CallBlock(message.buffer);
			block.rows = message.rows;
			block.wide = [...message.wide];
			return into.calls(block).buffer;
		}
		case "slices": {
			const block = new SliceBlock(message.buffer);
			block.rows = message.rows;
			return into.slices(block).buffer;
		}
		case "numbers": {
			const block = new NumberBlock(message.table, message.columns, message.buffer);
			block.rows = message.rows;
			return into.numbers(block).buffer;
		}
		case "commit":
			into.commit();
			return undefined;
		case "finish":
			await into.finish();
			return undefined;
	}
}

async function obey(message: WriterMessage): Promise<void> {
	if (message.kind === "abandon") {
		try {
			await writer?.abandon();
		} finally {
			port?.close();
		}
		return;
	}
	if (failed) return;
	try {
		writer ??= new DatabaseWriter(workerData as StoreOptions);
		const buffer = await write(writer, message);
		reply({ kind: "done", of: message.kind, ...(buffer === undefined ? {} : { buffer }) }, buffer);
	} catch (cause) {
		failed = true;
		const error = cause instanceof Error ? cause : new Error(String(cause));
		const sqliteCode = cause instanceof Database.SqliteError ? cause.code : undefined;
		reply({ kind: "failed", sqliteCode, error });
	}
}

let last: Promise<void> = Promise.resolve();
port.on("message", (message: WriterMessage) => {
	// One at a time, also while one of them waits.
	last = last.then(() => obey(message));
});
