/**
 * How `relayscope snapshot` reaches a running flight recorder: a socket in a directory that only
 * root can enter, named after the session directory. A line of JSON each way; the recorder closes.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { basename, join, resolve } from "node:path";
import { RelayscopeError } from "../base/error.js";
import type { TakenSnapshot } from "./snapshots.js";

const RUN_DIRECTORY = "/run/relayscope";
const QUESTION_MAX = 4096;

/** What a recorder is asked. */
type Question = "session" | "snapshot";

interface Answer {
	/** Session directory of the recording. */
	readonly session?: string;
	readonly snapshot?: SnapshotAnswer;
	readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** A TakenSnapshot as JSON has it: 64-bit values as decimal text. */
export interface SnapshotAnswer {
	readonly directory: string;
	readonly records: string;
	readonly torn: string;
	readonly reach_ns: string | null;
	readonly keep_ns: string;
}

export function snapshotAnswer(taken: TakenSnapshot): SnapshotAnswer {
	return {
		directory: taken.directory,
		records: String(taken.records),
		torn: String(taken.torn),
		reach_ns: taken.reachNs === undefined ? null : String(taken.reachNs),
		keep_ns: String(taken.keepNs),
	};
}

/** Takes requests for a recording until it is closed. */
export class SnapshotSocket {
	readonly #server: Server;

	private constructor(server: Server) {
		this.#server = server;
	}

	static async open(
		session: string,
		snapshot: () => Promise<TakenSnapshot>,
	): Promise<SnapshotSocket> {
		mkdirSync(RUN_DIRECTORY, { recursive: true, mode: 0o700 });
		const path = socketPath(realPath(session));
		// Left by a recorder that was killed: two live ones never have the same directory.
		rmSync(path, { force: true });
		const server = createServer({ allowHalfOpen: true }, (socket) => {
			answer(socket, session, snapshot);
		});
		server.listen(path);
		await once(server, "listening");
		// The recording decides how long the process lives.
		server.unref();
		return new SnapshotSocket(server);
	}

	close(): void {
		this.#server.close();
	}
}

function answer(socket: Socket, session: string, snapshot: () => Promise<TakenSnapshot>): void {
	let question = "";
	socket.setEncoding("utf8");
	// Who asked and left gets no answer, and the recording goes on.
	socket.on("error", () => socket.destroy());
	socket.on("data", (text: string) => {
		question += text;
		if (question.length > QUESTION_MAX) socket.destroy();
		if (!question.includes("\n")) return;
		socket.removeAllListeners("data");
		answerTo(question.trim(), session, snapshot).then((found) => {
			socket.end(`${JSON.stringify(found)}\n`);
		});
	});
}

async function answerTo(
	question: string,
	session: string,
	snapshot: () => Promise<TakenSnapshot>,
): Promise<Answer> {
	if (question === ("session" satisfies Question)) return { session };
	if (question !== ("snapshot" satisfies Question)) {
		return {
			error: { code: "BAD_ARGUMENT", message: "another version of relayscope is recording" },
		};
	}
	try {
		return { session, snapshot: snapshotAnswer(await snapshot()) };
	} catch (error) {
		const { code, message, hint } =
			error instanceof RelayscopeError
				? error
				: { code: "SNAPSHOT_FAILED", message: String(error), hint: undefined };
		return { error: { code, message, ...(hint === undefined ? {} : { hint }) } };
	}
}

/**
 * Has the recorder of the session directory (the only one running when none is named) take a
 * snapshot, and waits for it.
 */
export async function requestSnapshot(session: string | undefined): Promise<SnapshotAnswer> {
	const path = session === undefined ? await onlyRecorder() : socketPath(realPath(session));
	const found = await ask(path, "snapshot");
	if (found === undefined) throw noRecorder(session);
	if (found.error !== undefined) {
		const { code, message, hint } = found.error;
		const known = code === "DISK_FULL" ? code : "SNAPSHOT_FAILED";
		throw new RelayscopeError(known, message, hint === undefined ? {} : { hint });
	}
	if (found.snapshot === undefined) throw noRecorder(session);
	return found.snapshot;
}

async function onlyRecorder(): Promise<string> {
	const paths = socketPaths();
	const answers = await Promise.all(paths.map((path) => ask(path, "session")));
	const running = paths.flatMap((path, index) => {
		const session = answers[index]?.session;
		return session === undefined ? [] : [{ path, session }];
	});
	const [only] = running;
	if (only === undefined) throw noRecorder(undefined);
	if (running.length === 1) return only.path;
	throw new RelayscopeError("BAD_ARGUMENT", `${running.length} flight recorders are running`, {
		hint: `Name the directory of one: ${running.map(({ session }) => session).join(", ")}`,
	});
}

function socketPaths(): string[] {
	try {
		return readdirSync(RUN_DIRECTORY)
			.filter((name) => name.endsWith(".sock"))
			.map((name) => join(RUN_DIRECTORY, name));
	} catch (error) {
		if (errno(error) === "ENOENT") return [];
		throw notAllowed(error);
	}
}

/** Undefined: nobody listens there any more. */
function ask(path: string, question: Question): Promise<Answer | undefined> {
	return new Promise((settle, fail) => {
		let text = "";
		const socket = createConnection(path);
		socket.setEncoding("utf8");
		socket.on("connect", () => socket.end(`${question}\n`));
		socket.on("data", (more: string) => {
			text += more;
		});
		socket.on("error", (error) => {
			const code = errno(error);
			if (code === "ECONNREFUSED" || code === "ENOENT" || code === "ECONNRESET") settle(undefined);
			else fail(notAllowed(error));
		});
		socket.on("close", () => settle(text === "" ? undefined : (JSON.parse(text) as Answer)));
	});
}

/** A socket's path may have no more than 107 bytes; a directory's may have many more. */
function socketPath(session: string): string {
	const name = createHash("sha256").update(session).digest("hex").slice(0, 16);
	return join(RUN_DIRECTORY, `${name}.sock`);
}

function realPath(directory: string): string {
	try {
		return realpathSync(directory);
	} catch {
		// Not there: nobody records to it, which is what the caller finds out next.
		return resolve(directory);
	}
}

function noRecorder(session: string | undefined): RelayscopeError {
	const where = session === undefined ? "" : ` to ${basename(session)}`;
	return new RelayscopeError("NO_RECORDER", `no flight recorder is running${where}`, {
		hint: "Start one: relayscope record --flight-recorder -o DIR -a",
	});
}

function notAllowed(error: unknown): unknown {
	if (errno(error) !== "EACCES") return error;
	return new RelayscopeError("NOT_ROOT", "asking a recorder for a snapshot needs root", {
		hint: "Run it with sudo.",
		cause: error,
	});
}

function errno(error: unknown): string | undefined {
	return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
