import type { RecordCursor } from "../../collector/record-cursor.js";
import type { EventSchema } from "../../schema/event-schema.js";
import { bytesReader, field64Reader, fieldReader, textReader } from "../../schema/read-field.js";
import type { ThreadTable } from "./thread-table.js";

/** Takes in one record; false: the payload is not what it should be. */
export type RecordHandler = (record: RecordCursor) => boolean;

/**
 * Handlers of the lifecycle messages and of the scheduler records that tell the same with less, by
 * the event's name.
 */
export const LIFECYCLE_HANDLERS: Readonly<
	Record<string, (schema: EventSchema, threads: ThreadTable) => RecordHandler>
> = {
	task_fork(schema, threads) {
		const parentPid = fieldReader(schema, "parent_pid");
		const childTid = fieldReader(schema, "child_tid");
		const childPid = fieldReader(schema, "child_pid");
		const uid = fieldReader(schema, "uid");
		const start = field64Reader(schema, "start_boottime");
		const comm = textReader(schema, "comm");
		return ({ view, bytes, payloadOffset: at, payloadLength, ts, tid }) => {
			const name = comm(view, bytes, at, payloadLength);
			if (name === undefined) return false;
			threads.fork({
				ts,
				parentTid: tid,
				parentPid: parentPid(view, at),
				tid: childTid(view, at),
				pid: childPid(view, at),
				birth: { startBoottime: BigInt(start(view, at)), uid: uid(view, at), comm: name },
			});
			return true;
		};
	},

	task_exec(schema, threads) {
		const oldTid = fieldReader(schema, "old_tid");
		const uid = fieldReader(schema, "uid");
		const start = field64Reader(schema, "start_boottime");
		const comm = textReader(schema, "comm");
		const exe = textReader(schema, "exe");
		const filename = textReader(schema, "filename");
		const argv = bytesReader(schema, "argv");
		return ({ view, bytes, payloadOffset: at, payloadLength, ts, tid }) => {
			const name = comm(view, bytes, at, payloadLength);
			const file = exe(view, bytes, at, payloadLength);
			const named = filename(view, bytes, at, payloadLength);
			const args = argv(view, bytes, at, payloadLength);
			if (name === undefined || file === undefined) return false;
			if (named === undefined || args === undefined) return false;
			threads.exec({
				ts,
				tid,
				oldTid: oldTid(view, at),
				filename: named,
				program: {
					startBoottime: BigInt(start(view, at)),
					uid: uid(view, at),
					comm: name,
					exe: file,
					argv: args,
				},
			});
			return true;
		};
	},

	task_exit(schema, threads) {
		const pid = fieldReader(schema, "process_pid");
		const groupDead = fieldReader(schema, "group_dead");
		const exitCode = fieldReader(schema, "exit_code");
		const start = field64Reader(schema, "start_boottime");
		return ({ view, payloadOffset: at, ts, tid }) => {
			threads.exit({
				...{ ts, tid, pid: pid(view, at), groupDead: groupDead(view, at) !== 0 },
				...{ exitCode: exitCode(view, at), startBoottime: BigInt(start(view, at)) },
			});
			return true;
		};
	},

	task_rename(schema, threads) {
		const pid = fieldReader(schema, "process_pid");
		const start = field64Reader(schema, "start_boottime");
		const oldComm = textReader(schema, "old_comm");
		const comm = textReader(schema, "comm");
		return ({ view, bytes, payloadOffset: at, payloadLength, ts, tid }) => {
			const before = oldComm(view, bytes, at, payloadLength);
			const now = comm(view, bytes, at, payloadLength);
			if (before === undefined || now === undefined) return false;
			threads.rename(ts, tid, pid(view, at), BigInt(start(view, at)), before, now);
			return true;
		};
	},

	sched_process_fork(schema, threads) {
		const childTid = fieldReader(schema, "child_tid");
		const childPid = fieldReader(schema, "child_pid");
		return ({ view, payloadOffset: at, ts, tid }) => {
			threads.fork({
				ts,
				parentTid: tid,
				parentPid: undefined,
				tid: childTid(view, at),
				pid: childPid(view, at),
				birth: undefined,
			});
			return true;
		};
	},

	sched_process_exec(schema, threads) {
		const oldTid = fieldReader(schema, "old_tid");
		const filename = textReader(schema, "filename");
		return ({ view, bytes, payloadOffset: at, payloadLength, ts, tid }) => {
			const named = filename(view, bytes, at, payloadLength);
			if (named === undefined) return false;
			threads.exec({ ts, tid, oldTid: oldTid(view, at), filename: named, program: undefined });
			return true;
		};
	},

	sched_process_exit(schema, threads) {
		const pid = fieldReader(schema, "process_pid");
		const groupDead = fieldReader(schema, "group_dead");
		const exitCode = fieldReader(schema, "exit_code");
		return ({ view, payloadOffset: at, ts, tid }) => {
			threads.exit({
				...{ ts, tid, pid: pid(view, at), groupDead: groupDead(view, at) !== 0 },
				...{ exitCode: exitCode(view, at), startBoottime: undefined },
			});
			return true;
		};
	},
};
