import type { RecordCursor } from "../../../collector/record-cursor.js";
import type { EventSchema } from "../../../schema/event-schema.js";
import { field64Reader, fieldReader, hasField, textReader } from "../../../schema/read-field.js";
import type { RecordHandler } from "../lifecycle-tracker.js";
import type { ThreadRows } from "../thread-rows.js";
import { BLOCK_ACTION, BLOCK_OP, BlockEvent } from "./block-event.js";
import type { BlockTracker } from "./block-tracker.js";
import { Dirtiers } from "./dirtiers.js";

const ACTIONS: Readonly<Record<string, number>> = {
	block_bio_queue: BLOCK_ACTION.queue,
	block_bio_queue_cached: BLOCK_ACTION.queue,
	block_getrq: BLOCK_ACTION.getRequest,
	block_bio_backmerge: BLOCK_ACTION.backMerge,
	block_bio_frontmerge: BLOCK_ACTION.frontMerge,
	block_bio_complete: BLOCK_ACTION.bioComplete,
	block_split: BLOCK_ACTION.split,
	block_bio_remap: BLOCK_ACTION.remap,
	block_rq_insert: BLOCK_ACTION.insert,
	block_rq_issue: BLOCK_ACTION.issue,
	block_rq_requeue: BLOCK_ACTION.requeue,
	block_rq_merge: BLOCK_ACTION.requestMerge,
	block_rq_complete: BLOCK_ACTION.complete,
};
/** Bits of `flags` that are the event's, as the proto declares them; the others say who queued. */
const EVENT_FLAGS = 0x1f;
const BY_KERNEL_THREAD = 0x40;
const IN_INTERRUPT = 0x80;
/** The dictionary's row of nobody. */
const NOBODY = 0;

/** The thread that a record is about: by its name in the record, when no message has told it. */
type Queuer = (record: RecordCursor) => number | undefined;

/**
 * Gives the records of source "block" to the tracker, and says whose a bio is: who queued it, or,
 * when a kernel thread wrote back what others had written, who made the file's data dirty.
 */
export class BlockRecords {
	readonly #tracker: BlockTracker;
	readonly #threads: ThreadRows;
	readonly #dirtiers = new Dirtiers();
	readonly #event = new BlockEvent();

	constructor(tracker: BlockTracker, threads: ThreadRows) {
		this.#tracker = tracker;
		this.#threads = threads;
	}

	/** Undefined for an event of another source. */
	handlerOf(schema: EventSchema): RecordHandler | undefined {
		switch (schema.name) {
			case "block_dirty":
				return this.#dirty(schema);
			case "block_bio_queue":
				return this.#queue(schema);
			case "block_bio_queue_cached":
				return this.#queueCached(schema);
			case "block_bio_complete":
			case "block_rq_complete":
				return this.#with(schema, this.#error(schema));
			case "block_split":
				return this.#with(schema, this.#split(schema));
			case "block_bio_remap":
				return this.#with(schema, this.#remap(schema));
			default:
				return ACTIONS[schema.name] === undefined ? undefined : this.#with(schema, () => undefined);
		}
	}

	/** What all of them have, and what `more` reads of one's own. */
	#with(schema: EventSchema, more: (record: RecordCursor) => void): RecordHandler {
		const fill = this.#filler(schema);
		return (record) => {
			fill(record);
			more(record);
			this.#tracker.add(this.#event);
			return true;
		};
	}

	#filler(schema: EventSchema): (record: RecordCursor) => void {
		const event = this.#event;
		const action = ACTIONS[schema.name] as number;
		const dev = fieldReader(schema, "dev");
		const sector = field64Reader(schema, "sector");
		const bytes = fieldReader(schema, "bytes");
		const bio = fieldReader(schema, "bio");
		const request = hasField(schema, "request") ? fieldReader(schema, "request") : () => 0;
		const op = fieldReader(schema, "op");
		const flags = fieldReader(schema, "flags");
		return ({ view, payloadOffset: at, ts, cpu, channel, tid }) => {
			event.ts = ts;
			event.cpu = cpu;
			event.channel = channel;
			event.action = action;
			event.dev = dev(view, at);
			event.sector = Number(sector(view, at));
			event.bytes = bytes(view, at);
			event.bio = bio(view, at);
			event.request = request(view, at);
			event.op = op(view, at);
			event.flags = flags(view, at) & EVENT_FLAGS;
			event.error = 0;
			event.tid = tid;
		};
	}

	#error(schema: EventSchema): (record: RecordCursor) => void {
		const error = fieldReader(schema, "error");
		return ({ view, payloadOffset }) => {
			this.#event.error = error(view, payloadOffset);
		};
	}

	#split(schema: EventSchema): (record: RecordCursor) => void {
		const rest = field64Reader(schema, "new_sector");
		return ({ view, payloadOffset }) => {
			this.#event.fromSector = Number(rest(view, payloadOffset));
		};
	}

	#remap(schema: EventSchema): (record: RecordCursor) => void {
		const dev = fieldReader(schema, "old_dev");
		const sector = field64Reader(schema, "old_sector");
		return ({ view, payloadOffset }) => {
			this.#event.fromDev = dev(view, payloadOffset);
			this.#event.fromSector = Number(sector(view, payloadOffset));
		};
	}

	#queue(schema: EventSchema): RecordHandler {
		const event = this.#event;
		const fill = this.#filler(schema);
		const flags = fieldReader(schema, "flags");
		const queuer = this.#threadOf(schema, "queuer_comm");
		return (record) => {
			const { view, payloadOffset } = record;
			const thread = queuer(record);
			if (thread === undefined) return false;
			fill(record);
			const nobodys = (flags(view, payloadOffset) & IN_INTERRUPT) !== 0;
			event.thread = nobodys ? NOBODY : thread;
			event.queuer = event.thread;
			event.inode = 0;
			event.inodeDev = 0;
			event.cgroup = 0;
			this.#tracker.add(event);
			return true;
		};
	}

	#queueCached(schema: EventSchema): RecordHandler {
		const event = this.#event;
		const fill = this.#filler(schema);
		const flags = fieldReader(schema, "flags");
		const inode = field64Reader(schema, "inode");
		const inodeDev = fieldReader(schema, "inode_dev");
		const cgroup = field64Reader(schema, "bio_cgroup");
		const queuer = this.#threadOf(schema, "queuer_comm");
		return (record) => {
			const { view, payloadOffset: at } = record;
			const thread = queuer(record);
			if (thread === undefined) return false;
			fill(record);
			const who = flags(view, at);
			event.queuer = (who & IN_INTERRUPT) === 0 ? thread : NOBODY;
			event.inode = Number(inode(view, at));
			event.inodeDev = inodeDev(view, at);
			event.cgroup = Number(cgroup(view, at));
			const forOthers = (who & (BY_KERNEL_THREAD | IN_INTERRUPT)) !== 0;
			const dirtier =
				forOthers && event.op === BLOCK_OP.write
					? this.#dirtiers.of(event.inodeDev, event.inode)
					: undefined;
			event.thread = dirtier ?? event.queuer;
			this.#tracker.add(event);
			return true;
		};
	}

	#dirty(schema: EventSchema): RecordHandler {
		const inode = field64Reader(schema, "inode");
		const inodeDev = fieldReader(schema, "inode_dev");
		const dirtier = this.#threadOf(schema, "dirtier_comm");
		return (record) => {
			const { view, payloadOffset: at } = record;
			const thread = dirtier(record);
			if (thread === undefined) return false;
			this.#dirtiers.note(inodeDev(view, at), Number(inode(view, at)), thread);
			return true;
		};
	}

	/** Undefined: the name runs past the record's end. */
	#threadOf(schema: EventSchema, commField: string): Queuer {
		const pid = fieldReader(schema, "process_pid");
		const comm = textReader(schema, commField);
		const { fixedLength } = schema;
		return ({ view, bytes, payloadOffset: at, payloadLength: length, tid, ts }) => {
			if (length === fixedLength) return this.#threads.rowOf(tid, ts);
			const name = comm(view, bytes, at, length);
			if (name === undefined) return undefined;
			return this.#threads.rowOfStranger(tid, pid(view, at), name);
		};
	}
}
