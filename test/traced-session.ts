import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDatabase } from "../src/pipeline.js";
import type { EventSchema } from "../src/schema/event-schema.js";
import { BUILTIN_EVENTS, type BuiltinEventName } from "../src/schema/generated/builtin-events.js";
import { schemaToJson } from "../src/schema/schema-json.js";
import type { DecodedValue } from "../src/schema/values.js";
import type { SessionMetadata } from "../src/session/metadata.js";
import { openSession, type Session } from "../src/session/session-reader.js";
import { encodePayload } from "./encode-event.js";
import { type BuilderTime, SessionBuilder, type SessionBuilderOptions } from "./session-builder.js";

/** Numbers of the x86-64 table and of the 32-bit one. */
export const NR = {
	read: 0,
	write: 1,
	rt_sigreturn: 15,
	getpid: 39,
	clone: 56,
	execve: 59,
	exit: 60,
	futex: 202,
	exit_group: 231,
	openat: 257,
	execveat: 322,
} as const;
const NR32 = { exit: 1, read: 3, execve: 11 } as const;

const SYSCALL_TABLE = [
	...Object.entries(NR).map(([name, nr]) => `0 ${nr} ${name} 6\n`),
	...Object.entries(NR32).map(([name, nr]) => `1 ${nr} ${name} 6\n`),
].join("");

export interface Birth {
	readonly parentPid?: number;
	readonly pid?: number;
	readonly uid?: number;
	readonly start?: bigint;
	readonly comm?: string;
}

/** A session written record by record in the words of the events, and asked through sqlite3. */
/** As the probe packs them. */
export function packArguments(args: readonly (number | bigint)[]): {
	readonly wide: number;
	readonly bytes: Buffer;
} {
	let wide = 0;
	const parts = args.map((arg, index) => {
		const value = BigInt.asUintN(64, BigInt(arg));
		const isWide = value > 0xffff_ffffn;
		if (isWide) wide |= 1 << index;
		const part = Buffer.alloc(isWide ? 8 : 4);
		if (isWide) part.writeBigUInt64LE(value);
		else part.writeUInt32LE(Number(value));
		return part;
	});
	return { wide, bytes: Buffer.concat(parts) };
}

export class TracedSession extends SessionBuilder {
	readonly #events: readonly EventSchema[];

	constructor(
		options: SessionBuilderOptions = {},
		events: readonly EventSchema[] = BUILTIN_EVENTS,
	) {
		const { metadata } = options;
		super(join(mkdtempSync(join(tmpdir(), "relayscope-test-")), "session"), {
			schemaJson: schemaToJson(events),
			cpuIds: 4,
			...options,
			metadata: { syscallTable: SYSCALL_TABLE, ...metadata } satisfies Partial<SessionMetadata>,
		});
		this.#events = events;
	}

	event(
		cpu: number,
		ts: BuilderTime,
		tid: number,
		name: BuiltinEventName | (string & {}),
		...values: readonly DecodedValue[]
	): this {
		const schema = this.#events.find((event) => event.name === name);
		if (schema === undefined) throw new Error(`no event ${name}`);
		const payload = encodePayload(schema, values);
		return schema.headerLength === 24
			? this.message(ts, cpu, schema.id, tid, payload)
			: this.record(cpu, ts, schema.id, tid, payload);
	}

	enter(
		cpu: number,
		ts: BuilderTime,
		tid: number,
		nr: number,
		args: readonly (number | bigint)[] = [],
		abi = 0,
	): this {
		const { wide, bytes } = packArguments(args);
		return this.event(cpu, ts, tid, "syscall_enter", nr, abi, wide, bytes);
	}

	/** In short form where the probe would write it so. */
	exit(
		cpu: number,
		ts: BuilderTime,
		tid: number,
		nr: number,
		ret: number | bigint = 0,
		abi = 0,
	): this {
		return abi === 0 && BigInt(ret) === BigInt.asIntN(16, BigInt(ret))
			? this.event(cpu, ts, tid, "syscall_exit_short", nr, ret)
			: this.event(cpu, ts, tid, "syscall_exit", nr, abi, ret);
	}

	/** `flags`: both are recorded unless said otherwise. */
	switch(cpu: number, ts: BuilderTime, prev: number, next: number, state = 0, flags = 3): this {
		return this.event(cpu, ts, prev, "sched_switch", state, next, flags);
	}

	fork(ts: BuilderTime, parentTid: number, tid: number, birth: Birth = {}): this {
		const { parentPid = parentTid, pid = tid, uid = 1000, start = 1n, comm = "" } = birth;
		return this.event(0, ts, parentTid, "task_fork", parentPid, tid, pid, uid, start, comm);
	}

	exec(
		ts: BuilderTime,
		tid: number,
		program: { oldTid?: number; uid?: number; start?: bigint; comm: string; argv?: string },
	): this {
		const { oldTid = tid, uid = 1000, start = 1n, comm, argv = `${comm}\0` } = program;
		const exe = `/usr/bin/${comm}`;
		return this.event(
			0,
			ts,
			tid,
			"task_exec",
			tid,
			oldTid,
			uid,
			0,
			start,
			comm,
			exe,
			comm,
			Buffer.from(argv),
		);
	}

	die(ts: BuilderTime, tid: number, { pid = tid, groupDead = true, start = 1n } = {}): this {
		return this.event(0, ts, tid, "task_exit", pid, 0, groupDead ? 1 : 0, start);
	}

	rename(
		ts: BuilderTime,
		tid: number,
		from: string,
		to: string,
		{ pid = tid, start = 1n } = {},
	): this {
		return this.event(0, ts, tid, "task_rename", pid, start, from, to);
	}

	open(): Session {
		return openSession(this.directory);
	}

	/** Ends the recording and builds the database. */
	async build(...ending: Parameters<SessionBuilder["finish"]>): Promise<BuiltSession> {
		this.finish(...ending);
		const path = await buildDatabase(this.open());
		return new BuiltSession(path, this.timeBase);
	}

	remove(): void {
		rmSync(join(this.directory, ".."), { recursive: true, force: true });
	}
}

/** A built database, asked through the bare sqlite3 shell. */
export class BuiltSession {
	constructor(
		readonly path: string,
		readonly timeBase: bigint,
	) {}

	/** One text per row, its columns joined by `|`, a NULL as `-`. */
	ask(sql: string): readonly string[] {
		const text = execFileSync(
			"sqlite3",
			["-bail", "-readonly", "-nullvalue", "-", this.path, sql],
			{ encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
		);
		return text === "" ? [] : text.replace(/\n$/, "").split("\n");
	}

	/** Calls in the order of time, times relative: "ts dur cpu pid tid comm name(args) = ret". */
	calls(): readonly string[] {
		return this.ask(
			`SELECT (ts - ${this.timeBase}) || ' ' || coalesce(dur, '-') || ' cpu' || cpu || ' ' || pid || '/' || tid
				|| ' ' || coalesce(comm, '-') || ' ' || name || '(' || coalesce(arg0, '')
				|| coalesce(',' || arg1, '') || coalesce(',' || arg2, '') || coalesce(',' || arg3, '')
				|| coalesce(',' || arg4, '') || coalesce(',' || arg5, '') || ') = ' || coalesce(ret, '-')
			FROM syscalls ORDER BY ts, tid`,
		);
	}

	/** Slices in the order of time: "ts dur cpu pid/tid comm state". */
	slices(): readonly string[] {
		return this.ask(
			`SELECT (ts - ${this.timeBase}) || ' ' || coalesce(dur, '-') || ' cpu' || cpu || ' ' || pid || '/' || tid
				|| ' ' || coalesce(comm, '-') || ' ' || coalesce(end_state, '-')
			FROM sched_slices ORDER BY ts, cpu`,
		);
	}
}
