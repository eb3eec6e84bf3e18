/**
 * Keeps in the session which files the recorded processes have mapped where. The kernel tells of no
 * mapping; so processes are looked at: at the start, when they call execve and a little later, when
 * libraries are there, and at the end. One that lives for a few milliseconds only is missed.
 */
import { readFileSync, readlinkSync, statSync } from "node:fs";
import { readClocks } from "#native";
import { present } from "../base/assert.js";
import { ElfFile } from "../base/elf-file.js";
import { FaultLog } from "../base/fault.js";
import { BufflinkStream } from "../collector/bufflink-stream.js";
import type { EventSchema } from "../schema/event-schema.js";
import { BUILTIN_EVENTS } from "../schema/generated/builtin-events.js";
import { fieldReader } from "../schema/read-field.js";
import { appendProcessMaps, type FileMapping } from "../session/symbol-files.js";
import { isDiskFull } from "../session/write-metadata.js";

/** How often the messages are looked through for calls of execve. */
const WATCH_INTERVAL_MS = 10;
/** After execve: the dynamic linker maps libraries, programs load more. */
const LATER_MS = [10, 50, 300];
const CHUNK = 64 << 10;
/** An execve takes less; and when nothing was mapped for so long the libraries are there. */
const EXEC_NS = 300_000_000n;
const SETTLE_NS = 50_000_000n;
/** Nobody changes or wakes it: to wait on it is to sleep. */
const NEVER = new Int32Array(new SharedArrayBuffer(4));
const EXEC = eventNamed("task_exec");
const FORK = eventNamed("task_fork");
const childPid = fieldReader(FORK, "child_pid");

export class ProcessMapKeeper {
	readonly #directory: string;
	readonly #messages: BufflinkStream;
	readonly #timer: NodeJS.Timeout;
	readonly #later = new Set<NodeJS.Timeout>();
	/** What was found last, by process. */
	readonly #latest = new Map<number, string>();
	readonly #buildIds = new Map<string, string>();

	/** `messages`: the file that the bufflink's messages are written to. */
	constructor(directory: string, messages: string, pids: readonly number[]) {
		this.#directory = directory;
		this.#messages = new BufflinkStream({
			...{ path: messages, timeBase: 0n, cpuIds: 2 ** 31, faults: new FaultLog(), chunk: CHUNK },
			live: {
				sealedBytes: () => statSync(messages).size,
				idleUntil: () => 0,
				ended: () => false,
			},
		});
		for (const pid of pids) this.#look(pid);
		// What a program that fails to start the recording leaves must not keep it from ending.
		this.#timer = setInterval(() => this.#watch(), WATCH_INTERVAL_MS).unref();
	}

	/**
	 * A command that has just been let go: looked at without a pause while it starts, for it may be
	 * over before a timer comes. The readers do not wait for us meanwhile.
	 */
	followStart(pid: number): void {
		let end = readClocks().monotonic + EXEC_NS;
		for (;;) {
			const found = this.#look(pid);
			const { monotonic } = readClocks();
			if (found === "gone" || monotonic > end) return;
			if (found === "new") end = monotonic + SETTLE_NS;
			Atomics.wait(NEVER, 0, 0, 1);
		}
	}

	/** Whoever still lives has mapped whatever it ever will. */
	finish(): void {
		clearInterval(this.#timer);
		for (const timer of this.#later) clearTimeout(timer);
		this.#watch();
		for (const timer of this.#later) clearTimeout(timer);
		this.#messages.close();
		for (const pid of this.#latest.keys()) this.#look(pid);
	}

	#watch(): void {
		while (this.#messages.advance() === "record") {
			const { eventId, tid, view, payloadOffset } = this.#messages;
			if (eventId === EXEC.id) {
				this.#look(tid);
				for (const delay of LATER_MS) this.#lookLater(tid, delay);
			} else if (eventId === FORK.id) {
				// It has what its parent has; what it maps itself is seen at the end.
				const pid = childPid(view, payloadOffset);
				if (!this.#latest.has(pid)) this.#latest.set(pid, "");
			}
		}
	}

	#lookLater(pid: number, delay: number): void {
		const timer = setTimeout(() => {
			this.#later.delete(timer);
			this.#look(pid);
		}, delay).unref();
		this.#later.add(timer);
	}

	#look(pid: number): "gone" | "same" | "new" {
		let text: string;
		let exe: string;
		try {
			exe = readlinkSync(`/proc/${pid}/exe`);
			text = readFileSync(`/proc/${pid}/maps`, "utf8");
		} catch {
			// Gone, or a thread of the kernel.
			return "gone";
		}
		const lines = text.split("\n").filter((line) => EXECUTABLE.test(line));
		const found = `${exe}\n${lines.join("\n")}`;
		if (found === this.#latest.get(pid)) return "same";
		this.#latest.set(pid, found);
		const files = lines.flatMap((line) => this.#mappingOf(pid, line) ?? []);
		try {
			appendProcessMaps(this.#directory, { pid, ts: readClocks().monotonic, exe, files });
		} catch (error) {
			// The readers tell of a full disk; names are the lesser loss.
			if (!isDiskFull(error)) throw error;
		}
		return "new";
	}

	#mappingOf(pid: number, line: string): FileMapping | undefined {
		const [, start, end, offset, file, path] = EXECUTABLE.exec(line) ?? [];
		if (start === undefined || path === undefined) return undefined;
		return {
			start: BigInt(`0x${start}`),
			end: BigInt(`0x${end}`),
			offset: BigInt(`0x${offset}`),
			buildId: path.startsWith("/") ? this.#buildId(pid, `${start}-${end}`, `${file} ${path}`) : "",
			path,
		};
	}

	/** Once a file: by device and inode, for a name may mean another file to another process. */
	#buildId(pid: number, range: string, file: string): string {
		let buildId = this.#buildIds.get(file);
		if (buildId === undefined) {
			buildId = readBuildId(`/proc/${pid}/map_files/${range.replace(/(^|-)0+(?=.)/g, "$1")}`);
			this.#buildIds.set(file, buildId);
		}
		return buildId;
	}
}

function eventNamed(name: string): EventSchema {
	return present(
		BUILTIN_EVENTS.find((event) => event.name === name),
		name,
	);
}

/** start-end, offset, device and inode, path of a mapping that can be executed. */
const EXECUTABLE = /^([0-9a-f]+)-([0-9a-f]+) ..x. ([0-9a-f]+) (\S+ \d+) +(\S.*)$/;

function readBuildId(path: string): string {
	const file = ElfFile.open(path);
	try {
		return file?.buildId() ?? "";
	} catch {
		return "";
	} finally {
		file?.close();
	}
}
