import type { RecordCursor } from "../../collector/record-cursor.js";
import type { EventSchema } from "../../schema/event-schema.js";
import {
	type Field64Reader,
	type FieldReader,
	field64Reader,
	fieldReader,
	type TailReader,
	tailReader,
	textReader,
} from "../../schema/read-field.js";
import { readS64 } from "../../schema/values.js";
import type { Argument, CallArguments } from "../../store/call-block.js";
import type { CallRows } from "../../store/call-rows.js";
import type { CallsInProgress } from "./block/block-tracker.js";
import type { RecordHandler } from "./lifecycle-tracker.js";
import type { LossHistory } from "./loss-history.js";
import { OpenCalls } from "./open-calls.js";
import { type FileTracker, textsReader } from "./paths/file-tracker.js";
import { type SyscallKind, type SyscallTable, UNKNOWN_NR } from "./syscall-table.js";
import type { Thread } from "./thread.js";
import type { ThreadListener, ThreadTable } from "./thread-table.js";

export interface SyscallSchemas {
	readonly enter: EventSchema;
	readonly exit: EventSchema;
}

/** An entry as it was read. */
interface Entry {
	nr: number;
	abi: number;
	wide: number;
	/** Of the arguments. */
	start: number;
	bytes: number;
	ts: number;
	cpu: number;
	late: 0 | 1;
	/** The thread's name then; empty: the one it has now. */
	comm: string;
}

const ARGUMENTS_MAX = 6;
/** Its number, where it is outside the table, is one more. */
const VALUES_MAX = ARGUMENTS_MAX + 1;
/** What entries were before they had a field for it. */
const ALL_WIDE = 0xff;
/** The only ABI with exits in short form. */
const ABI_64 = 0;

/**
 * Pairs the entry of each system call with its exit, by thread. What has no partner is a row of its
 * own: an entry without `dur` and `ret`, an exit without arguments and with its own time. Never
 * paired: numbers that differ, and an entry and an exit around a gap in the records of their CPU,
 * for nobody knows whether they are the same call's.
 */
export class SyscallTracker implements ThreadListener {
	readonly #threads: ThreadTable;
	readonly #table: SyscallTable;
	readonly #rows: CallRows;
	readonly #losses: LossHistory;
	/** Only in sessions with strings. */
	readonly #files: FileTracker | undefined;
	readonly #open = new OpenCalls();
	readonly #enterNr: FieldReader;
	readonly #enterAbi: FieldReader;
	readonly #enterWide: FieldReader;
	readonly #enterArgs: TailReader;
	readonly #exitNr: FieldReader;
	readonly #exitAbi: FieldReader;
	readonly #exitRet: Field64Reader;
	/** Of the entry that is being read; NaN where no double is exact. */
	readonly #values = new Float64Array(VALUES_MAX);
	readonly #args: CallArguments = {
		numbers: new Float64Array(0),
		at: 0,
		count: 0,
		wide: undefined,
	};

	/** The one that is being read: nothing is allocated for each. */
	readonly #entry: Entry = {
		...{ nr: 0, abi: 0, wide: 0, start: 0, bytes: 0, ts: 0, cpu: 0, late: 0, comm: "" },
	};

	constructor(
		schemas: SyscallSchemas,
		threads: ThreadTable,
		table: SyscallTable,
		rows: CallRows,
		losses: LossHistory,
		files?: FileTracker,
	) {
		this.#files = files;
		this.#threads = threads;
		this.#table = table;
		this.#rows = rows;
		this.#losses = losses;
		this.#enterNr = fieldReader(schemas.enter, "nr");
		this.#enterAbi = fieldReader(schemas.enter, "abi");
		this.#enterWide = schemas.enter.fields.some(({ name }) => name === "wide")
			? fieldReader(schemas.enter, "wide")
			: () => ALL_WIDE;
		this.#enterArgs = tailReader(schemas.enter, "args");
		this.#exitNr = fieldReader(schemas.exit, "nr");
		this.#exitAbi = fieldReader(schemas.exit, "abi");
		this.#exitRet = field64Reader(schemas.exit, "ret");
	}

	/** False: the payload is not what it should be. */
	enter(record: RecordCursor): boolean {
		const { view, payloadOffset, payloadLength, ts } = record;
		const bytes = this.#enterArgs.tailLength(view, payloadOffset, payloadLength);
		if (bytes < 0) return false;
		const entry = this.#entry;
		entry.nr = this.#enterNr(view, payloadOffset);
		entry.abi = this.#enterAbi(view, payloadOffset);
		entry.wide = this.#enterWide(view, payloadOffset);
		entry.start = this.#enterArgs.start(view, payloadOffset, payloadLength);
		entry.bytes = bytes;
		entry.ts = ts;
		entry.cpu = record.cpu;
		entry.late = 0;
		entry.comm = "";
		return this.#begin(record);
	}

	/** What takes entries that were written with their exit. Called once, as shortExits. */
	lateEntries(schema: EventSchema): RecordHandler {
		const nr = fieldReader(schema, "nr");
		const abi = fieldReader(schema, "abi");
		const wide = fieldReader(schema, "wide");
		const age = field64Reader(schema, "age");
		const cpu = fieldReader(schema, "entry_cpu");
		const comm = textReader(schema, "entry_comm");
		const args = tailReader(schema, "args");
		return (record) => {
			const { view, bytes, payloadOffset: at, payloadLength: length } = record;
			const waited = age(view, at);
			const name = comm(view, bytes, at, length);
			const size = args.tailLength(view, at, length);
			// It cannot be older than the recording.
			if (typeof waited !== "number" || waited > record.ts) return false;
			if (name === undefined || size < 0) return false;
			const entry = this.#entry;
			entry.nr = nr(view, at);
			entry.abi = abi(view, at);
			entry.wide = wide(view, at);
			entry.start = args.start(view, at, length);
			entry.bytes = size;
			entry.ts = record.ts - waited;
			entry.cpu = cpu(view, at);
			entry.late = 1;
			entry.comm = name;
			return this.#begin(record);
		};
	}

	/** What takes entries that have texts. Called once, as shortExits. */
	entriesWithTexts(schema: EventSchema, files: FileTracker): RecordHandler {
		const nr = fieldReader(schema, "nr");
		const abi = fieldReader(schema, "abi");
		const wide = fieldReader(schema, "wide");
		const args = tailReader(schema, "args");
		const textsOf = textsReader(schema);
		return (record) => {
			const { view, payloadOffset: at, payloadLength: length, ts } = record;
			const size = args.tailLength(view, at, length);
			const texts = textsOf(record);
			if (size < 0 || texts === undefined) return false;
			const entry = this.#entry;
			entry.nr = nr(view, at);
			entry.abi = abi(view, at);
			entry.wide = wide(view, at);
			entry.start = args.start(view, at, length);
			entry.bytes = size;
			entry.ts = ts;
			entry.cpu = record.cpu;
			entry.late = 0;
			entry.comm = "";
			if (!this.#begin(record)) return false;
			files.given(this.#threads.at(record.tid, ts), texts, ts);
			return true;
		};
	}

	#begin({ view, tid, channel, ts: now }: RecordCursor): boolean {
		const entry = this.#entry;
		const { nr, abi, wide, start, ts } = entry;
		let count = this.#unpack(view, start, start + entry.bytes, wide);
		if (count < 0) return false;
		let kind: SyscallKind;
		if (nr === UNKNOWN_NR && count > 0) {
			count--;
			kind = this.#table.outside(abi, valueAt(view, start, wide, count));
		} else {
			kind = this.#table.kind(abi, nr);
		}
		if (count > ARGUMENTS_MAX) return false;
		const thread = this.#threads.at(tid, now);
		const { slot } = thread;
		const open = this.#open;
		if (slot >= open.ts.length) open.reserve(this.#threads.slots);
		if (open.caller[slot] !== 0) this.#leaveUnfinished(slot);
		open.ts[slot] = ts;
		open.caller[slot] =
			entry.comm === ""
				? this.#caller(thread, kind, ts)
				: this.#rows.caller(
						thread.utid,
						thread.process.pid,
						thread.tid,
						entry.comm,
						kind.name,
						kind.abi,
					);
		open.nr[slot] = nr;
		open.abi[slot] = abi;
		open.exec[slot] = kind.isExec ? 1 : 0;
		open.late[slot] = entry.late;
		open.cpu[slot] = entry.cpu;
		open.channel[slot] = channel;
		open.argCount[slot] = count;
		if (count > 0) this.#keepArguments(view, start, wide, count, slot);
		this.#files?.entered(thread, kind, abi, this.#values, count, ts);
		return true;
	}

	exit(record: RecordCursor): boolean {
		const { view, payloadOffset } = record;
		const nr = this.#exitNr(view, payloadOffset);
		const abi = this.#exitAbi(view, payloadOffset);
		return this.#returned(record, nr, abi, this.#exitRet(view, payloadOffset));
	}

	/** What takes exits in short form. Called once, so that its two readers are inlined. */
	shortExits(schema: EventSchema): RecordHandler {
		const nr = fieldReader(schema, "nr");
		const ret = fieldReader(schema, "ret");
		return (record) => {
			const { view, payloadOffset } = record;
			return this.#returned(record, nr(view, payloadOffset), ABI_64, ret(view, payloadOffset));
		};
	}

	#returned(record: RecordCursor, nr: number, abi: number, ret: Argument): boolean {
		const { ts, cpu } = record;
		const open = this.#open;
		const thread = this.#threads.at(record.tid, ts);
		const { slot } = thread;
		if (slot >= open.ts.length) open.reserve(this.#threads.slots);
		const caller = open.caller[slot] as number;
		if (caller !== 0 && this.#belongs(slot, nr, abi, ret, record)) {
			const from = open.ts[slot] as number;
			const paths = this.#files?.returned(slot, from, caller, ts - from, ret, ts);
			const entryCpu = open.cpu[slot] as number;
			this.#rows.add(from, caller, entryCpu, ts - from, ret, this.#argsOf(slot), paths);
			open.close(slot);
			return true;
		}
		const kind = this.#table.kind(abi, nr);
		// A child's first sign of life: it comes out of a call that its parent went into.
		if (ret === 0 && kind.isFork) {
			if (caller !== 0) this.#leaveUnfinished(slot);
			return true;
		}
		if (caller !== 0) this.#leaveUnfinished(slot);
		this.#files?.returnedUnseen(thread, kind, abi, ret);
		this.#rows.add(ts, this.#caller(thread, kind, ts), cpu, Number.NaN, ret, undefined);
		return true;
	}

	ended(thread: Thread): void {
		const { slot } = thread;
		if (slot < this.#open.ts.length && this.#open.caller[slot] !== 0) this.#leaveUnfinished(slot);
		this.#files?.ended(thread);
	}

	forked(parent: Thread, child: Thread): void {
		this.#files?.forked(parent, child);
	}

	executed(thread: Thread): void {
		this.#files?.executed(thread);
	}

	continuesAs(from: Thread, to: Thread): void {
		const open = this.#open;
		open.reserve(this.#threads.slots);
		if (open.caller[to.slot] !== 0) this.#leaveUnfinished(to.slot);
		this.#files?.continuesAs(from, to);
		if (open.caller[from.slot] === 0) return;
		open.move(from.slot, to.slot);
	}

	/** The call that a thread is in, for what happens meanwhile. */
	inProgress(): CallsInProgress {
		const open = this.#open;
		const threads = this.#threads;
		const found = { ts: 0, caller: 0, cpu: 0 };
		return Object.assign(found, {
			find(tid: number): boolean {
				const slot = threads.find(tid)?.slot ?? -1;
				const caller = open.caller[slot] ?? 0;
				if (caller === 0) return false;
				found.ts = open.ts[slot] as number;
				found.caller = caller;
				found.cpu = open.cpu[slot] as number;
				return true;
			},
		});
	}

	/** Calls that were still going on when the recording ended. */
	finish(): void {
		const { caller } = this.#open;
		for (let slot = 0; slot < caller.length; slot++) {
			if (caller[slot] !== 0) this.#leaveUnfinished(slot);
		}
	}

	#belongs(slot: number, nr: number, abi: number, ret: Argument, record: RecordCursor): boolean {
		const open = this.#open;
		if (nr !== open.nr[slot] || abi !== open.abi[slot]) {
			// After a return from a signal handler the kernel no longer knows which call it was.
			const known = nr !== UNKNOWN_NR;
			// The new program's ABI and number of execve, whichever call was made to get there.
			const exec = open.exec[slot] === 1 && ret === 0 && this.#table.kind(abi, nr).isExec;
			if (known && !exec) return false;
		} else if (ret === 0 && this.#table.kind(abi, nr).isFork) {
			// A parent never gets 0: a child has the thread id of one whose end was not seen.
			return false;
		}
		// Written in one with its exit, a call that began late has nothing lost in between.
		if (!this.#losses.any || open.late[slot] === 1) return true;
		const { channel, cpu, ts } = record;
		const from = open.ts[slot] as number;
		const entryCpu = open.cpu[slot] as number;
		if (this.#losses.between(open.channel[slot] as string, entryCpu, from, ts)) return false;
		return cpu === entryCpu || !this.#losses.between(channel, cpu, from, ts);
	}

	#leaveUnfinished(slot: number): void {
		const open = this.#open;
		const ts = open.ts[slot] as number;
		const caller = open.caller[slot] as number;
		const paths = this.#files?.abandoned(slot, ts, caller);
		const cpu = open.cpu[slot] as number;
		this.#rows.add(ts, caller, cpu, Number.NaN, Number.NaN, this.#argsOf(slot), paths);
		open.close(slot);
	}

	#caller(thread: Thread, kind: SyscallKind, ts: number): number {
		let row = thread.latestRow;
		if (row === undefined || thread.latestKey !== kind.index) {
			row = thread.rows.get(kind.index);
			if (row === undefined) {
				row = { id: this.#newCaller(thread, kind), latestTs: Number.NEGATIVE_INFINITY };
				thread.rows.set(kind.index, row);
			}
			thread.latestKey = kind.index;
			thread.latestRow = row;
		}
		// (ts, caller, cpu) is the key of a call's row, and a coarse clock can stand still.
		if (ts <= row.latestTs) row.id = this.#newCaller(thread, kind);
		row.latestTs = ts;
		return row.id;
	}

	#newCaller({ utid, process, tid, comm }: Thread, kind: SyscallKind): number {
		return this.#rows.caller(utid, process.pid, tid, comm, kind.name, kind.abi);
	}

	/** Reads all values into #values; how many, or -1 when the bytes do not add up. */
	#unpack(view: DataView, start: number, end: number, wide: number): number {
		const values = this.#values;
		let count = 0;
		let at = start;
		for (; at < end && count < VALUES_MAX; count++) {
			if (((wide >> count) & 1) === 0) {
				if (at + 4 > end) return -1;
				values[count] = view.getUint32(at, true);
				at += 4;
			} else {
				if (at + 8 > end) return -1;
				const value = readS64(view, at);
				values[count] = typeof value === "number" ? value : Number.NaN;
				at += 8;
			}
		}
		return at === end ? count : -1;
	}

	#keepArguments(view: DataView, start: number, wide: number, count: number, slot: number): void {
		const values = this.#values;
		const { args } = this.#open;
		const to = OpenCalls.argsAt(slot);
		for (let index = 0; index < count; index++) {
			const value = values[index] as number;
			if (Number.isNaN(value)) {
				this.#open.wide.set(
					slot,
					Array.from({ length: count }, (_, each) => valueAt(view, start, wide, each)),
				);
				return;
			}
			args[to + index] = value;
		}
	}

	#argsOf(slot: number): CallArguments | undefined {
		const open = this.#open;
		const count = open.argCount[slot] as number;
		if (count === 0) return undefined;
		const args = this.#args as { numbers: Float64Array } & CallArguments;
		args.numbers = open.args;
		args.at = OpenCalls.argsAt(slot);
		args.count = count;
		args.wide = open.wide.size === 0 ? undefined : open.wide.get(slot);
		return args;
	}
}

/** A packed value, exact. */
function valueAt(view: DataView, start: number, wide: number, index: number): Argument {
	let at = start;
	for (let before = 0; before < index; before++) at += ((wide >> before) & 1) === 0 ? 4 : 8;
	return ((wide >> index) & 1) === 0 ? view.getUint32(at, true) : readS64(view, at);
}
