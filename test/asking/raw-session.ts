/** A session of raw files only, as a recorder leaves it: what import and the first question meet. */
import { present } from "../../src/base/assert.js";
import type { EventSchema } from "../../src/schema/event-schema.js";
import { BUILTIN_EVENTS } from "../../src/schema/generated/builtin-events.js";
import { schemaToJson } from "../../src/schema/schema-json.js";
import { encodePayload } from "../encode-event.js";
import { SessionBuilder } from "../session-builder.js";

export interface RawSessionOptions {
	readonly calls: number;
	/** Records lost in the middle. */
	readonly lost: number;
	readonly killed?: boolean;
}

const NAMES = ["read", "getppid"] as const;
const PID = 4711;

export function writeRawSession(directory: string, options: RawSessionOptions): void {
	const enter = schema("syscall_enter");
	const exit = schema("syscall_exit_short");
	const builder = new SessionBuilder(directory, {
		cpuIds: 1,
		schemaJson: schemaToJson(BUILTIN_EVENTS),
		metadata: {
			syscallTable: NAMES.map((name, nr) => `0 ${nr} ${name} 0\n`).join(""),
			processes: [
				{
					pid: PID,
					ppid: 1,
					uid: 1000,
					comm: "worker",
					exe: "/usr/bin/worker",
					cmdline: new TextEncoder().encode("worker\0"),
					threads: [{ tid: PID, comm: "worker", startTicks: 1n }],
				},
			],
		},
	}).channel("kernel", { subbufSize: 65536, sources: ["syscalls"] });
	let ts = 1000;
	for (let call = 0; call < options.calls; call++) {
		const nr = call % NAMES.length;
		if (call === options.calls / 2 && options.lost > 0) builder.lose(0, options.lost);
		builder.record(0, ts, enter.id, PID, encodePayload(enter, [nr, 0, 0, Buffer.alloc(0)]));
		// Every tenth call fails with ENOENT.
		const ret = call % 10 === 0 ? -2 : 1;
		builder.record(0, ts + 500 + call, exit.id, PID, encodePayload(exit, [nr, ret]));
		ts += 1000 + call;
	}
	builder.finish(options.killed === true ? { ending: "killed" } : {});
}

/** By name: finished calls and errors of the session that writeRawSession makes. */
export function rawCalls(calls: number): [string, number, number][] {
	return [
		["getppid", Math.floor(calls / 2), 0],
		["read", Math.ceil(calls / 2), Math.ceil(calls / 10)],
	];
}

function schema(name: string): EventSchema {
	return present(
		BUILTIN_EVENTS.find((event) => event.name === name),
		`event ${name}`,
	);
}
