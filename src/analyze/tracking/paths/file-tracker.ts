import type { RecordCursor } from "../../../collector/record-cursor.js";
import type { EventSchema } from "../../../schema/event-schema.js";
import { bytesReader, field64Reader, fieldReader, textReader } from "../../../schema/read-field.js";
import type { DetailedCall } from "../../../store/call-detail-rows.js";
import { NO_PATHS } from "../../../store/call-path-tables.js";
import type { StringRows } from "../../../store/session-store.js";
import type { RecordHandler } from "../lifecycle-tracker.js";
import type { SyscallKind } from "../syscall-table.js";
import type { Thread } from "../thread.js";
import type { ThreadTable } from "../thread-table.js";
import { absolutePath } from "./absolute-path.js";
import { CallInFlight, NO_FD } from "./call-in-flight.js";
import { type CallRule, callRule } from "./call-rule.js";
import { DetailRows } from "./detail-rows.js";
import { applyEffect, certainFile, cloneFlags } from "./effects.js";
import { FileStates, type Look } from "./file-states.js";
import { type NamedFile, PathDictionary } from "./path-dictionary.js";

/** Flags of texts. */
const PATH_CUT = 1;
const PATH_UNREADABLE = 2;
const PATH2_CUT = 4;
const PATH2_UNREADABLE = 8;
const DETAILS_CUT = 16;
const DETAILS_UNREADABLE = 32;

/** Flags of what the kernel tells of a descriptor. */
const FD_PATH_CUT = 1;
const FD_CLOSE_ON_EXEC = 4;
const FD_NO_PATH = 8;
const FD_CWD = -100;
const FD_ROOT = -101;

const AT_FDCWD = -100;

export interface Texts {
	readonly flags: number;
	readonly path: string;
	readonly path2: string;
	readonly details: Buffer;
}

/**
 * Which files calls name: their paths made absolute, and what their descriptors stand for. The
 * syscall tracker tells of every call's beginning and end; events tell the texts, and what the
 * kernel says that a new descriptor is.
 */
export class FileTracker {
	readonly #threads: ThreadTable;
	readonly #dictionary: PathDictionary;
	readonly #details: DetailRows;
	readonly #states: FileStates;
	/** By a call's kind. */
	readonly #rules: CallRule[] = [];
	/** By the thread's slot. */
	readonly #calls: CallInFlight[] = [];

	constructor(threads: ThreadTable, rows: StringRows, looks: readonly Look[], complete: boolean) {
		this.#threads = threads;
		this.#dictionary = new PathDictionary(rows.callPaths);
		this.#details = new DetailRows(rows.callDetails);
		this.#states = new FileStates(threads, this.#dictionary, looks, complete);
	}

	/** Records of calls are missing. */
	lost(begin: number, end: number): void {
		this.#states.lost(begin, end);
	}

	/** A call begins; `args` is read at once. */
	entered(
		thread: Thread,
		kind: SyscallKind,
		abi: number,
		args: Float64Array,
		count: number,
		ts: number,
	): void {
		const rule = this.#ruleOf(kind, abi);
		const call = this.#callOf(thread.slot);
		const { first, second } = rule.descriptors;
		call.begin(thread, rule, args, count);
		if (first < 0 && rule.effect === "none") return;
		this.#states.advance(ts);
		const { table } = this.#states.of(thread);
		const { validSince } = this.#states;
		call.table = table;
		if (first >= 0) call.first = table.get(call.int(first), validSince);
		if (second >= 0) call.second = table.get(call.int(second), validSince);
		if (rule.effect === "dup-to") call.target = table.get(call.int(1), validSince);
	}

	/** The texts of the call that has just begun. */
	given(thread: Thread, texts: Texts, ts: number): void {
		const call = this.#callOf(thread.slot);
		if (call.rule === undefined) return;
		this.#states.advance(ts);
		this.#lookUpBases(thread, call, call.rule);
		takeTexts(call, texts);
	}

	/** What takes texts that were read when the call returned. */
	textsAtExit(schema: EventSchema): RecordHandler {
		const read = textsReader(schema);
		return (record) => {
			const texts = read(record);
			if (texts === undefined) return false;
			const thread = this.#threads.at(record.tid, record.ts);
			const call = this.#callOf(thread.slot);
			if (call.rule === undefined) return true;
			this.#states.advance(record.ts);
			// Of a call whose entry came without texts, for it was written with its exit.
			if (call.root === null) this.#lookUpBases(thread, call, call.rule);
			takeTexts(call, texts);
			return true;
		};
	}

	/** What takes the kernel's own answers to what a descriptor is. */
	descriptors(schema: EventSchema): RecordHandler {
		const fdOf = fieldReader(schema, "fd");
		const flagsOf = fieldReader(schema, "flags");
		const modeOf = fieldReader(schema, "mode");
		const devOf = fieldReader(schema, "dev");
		const inoOf = field64Reader(schema, "ino");
		const pathOf = textReader(schema, "path");
		return ({ view, bytes, payloadOffset: at, payloadLength: length, tid, ts }) => {
			const told = pathOf(view, bytes, at, length);
			if (told === undefined) return false;
			const fd = fdOf(view, at);
			const flags = flagsOf(view, at);
			const thread = this.#threads.at(tid, ts);
			const call = this.#callOf(thread.slot);
			this.#states.advance(ts);
			const { table, directories } = this.#states.of(thread);
			const path = isTold(told, flags) ? seenFromTop(told, call, directories.root) : null;
			if (fd === FD_CWD) {
				directories.setCwd(path, ts);
				call.toldDirectory = true;
				return true;
			}
			// As seen from itself: the call's own path says where it is.
			if (fd === FD_ROOT) return true;
			if (path === null) {
				table.delete(fd);
				return true;
			}
			const ino = BigInt(inoOf(view, at));
			const file = this.#dictionary.file({
				...{ ts, path, dev: devOf(view, at), ino, mode: modeOf(view, at) },
			});
			table.set(fd, file, (flags & FD_CLOSE_ON_EXEC) !== 0, ts);
			call.made = file;
			call.madeFd = fd;
			return true;
		};
	}

	/** The call of a slot's thread returns; the row of `call_paths` that it is to refer to. */
	returned(
		slot: number,
		ts: number,
		caller: number,
		dur: number,
		ret: number | bigint,
		now: number,
	): number {
		const flight = this.#calls[slot];
		if (flight === undefined) return NO_PATHS;
		const { rule, thread } = flight;
		if (rule === undefined || thread === undefined) return NO_PATHS;
		const succeeded = ret >= 0;
		this.#states.advance(now);
		const { validSince } = this.#states;
		const { descriptors } = rule;
		// Before its effect: what a call is about is what there was when it began.
		let first = certainFile(flight, flight.first, descriptors.first, validSince);
		let second = certainFile(flight, flight.second, descriptors.second, validSince);
		if (rule.effect !== "none") {
			const fd = typeof ret === "number" ? ret : NO_FD;
			const made = applyEffect(flight, rule, fd, now, this.#states, thread);
			if (made !== undefined) {
				if (flight.int(descriptors.first) === NO_FD) first = made;
				else second = made;
			}
		}
		if (succeeded && isAboutBase(flight, rule)) first = flight.baseFile;
		const paths = this.#row(flight, rule, first, second, succeeded);
		if (hasDetails(flight, rule)) {
			this.#addDetails(thread, flight, rule, { ts, caller, dur, ret }, paths, first, second);
		}
		flight.end();
		return paths;
	}

	/** A call returns whose entry was not seen: what it did is not known. */
	returnedUnseen(thread: Thread, kind: SyscallKind, abi: number, ret: number | bigint): void {
		const { effect } = this.#ruleOf(kind, abi);
		if (effect === "none" || ret < 0) return;
		this.#states.of(thread).table.deleteRange(0, 2 ** 31);
		if (effect.startsWith("change") || effect === "pivot-root" || effect === "set-namespace") {
			this.#states.of(thread).directories.setCwd(null, 0);
		}
	}

	/** A call whose return is not seen. */
	abandoned(slot: number, ts: number, caller: number): number {
		const flight = this.#calls[slot];
		if (flight === undefined) return NO_PATHS;
		const { rule, thread, first, second } = flight;
		if (rule === undefined || thread === undefined) return NO_PATHS;
		const paths = this.#row(flight, rule, first?.file, second?.file, false);
		if (hasDetails(flight, rule)) {
			const call = { ts, caller, dur: Number.NaN, ret: Number.NaN };
			this.#addDetails(thread, flight, rule, call, paths, first?.file, second?.file);
		}
		flight.end();
		return paths;
	}

	forked(parent: Thread, child: Thread): void {
		const call = this.#callOf(parent.slot);
		call.toldLife = true;
		this.#states.forked(parent, child, cloneFlags(call));
	}

	executed(thread: Thread): void {
		this.#callOf(thread.slot).toldLife = true;
		this.#states.executed(thread);
	}

	ended(thread: Thread): void {
		this.#states.ended(thread);
		this.#calls[thread.slot]?.end();
	}

	continuesAs(from: Thread, to: Thread): void {
		this.#states.moved(from, to);
		const moved = this.#callOf(from.slot);
		if (moved.rule !== undefined) moved.thread = to;
		this.#calls[from.slot] = this.#callOf(to.slot);
		this.#calls[to.slot] = moved;
	}

	#ruleOf(kind: SyscallKind, abi: number): CallRule {
		const known = this.#rules[kind.index];
		if (known !== undefined) return known;
		const rule = callRule(kind, abi);
		this.#rules[kind.index] = rule;
		return rule;
	}

	#callOf(slot: number): CallInFlight {
		let call = this.#calls[slot];
		if (call === undefined) {
			call = new CallInFlight();
			this.#calls[slot] = call;
		}
		return call;
	}

	#lookUpBases(thread: Thread, call: CallInFlight, { bases }: CallRule): void {
		const { table, directories } = this.#states.of(thread);
		const { validSince } = this.#states;
		const cwd = directories.cwd(validSince);
		const fileOf = (argument: number | undefined): NamedFile | undefined =>
			argument === undefined ? undefined : table.get(call.int(argument), validSince)?.file;
		const isCwd = (argument: number | undefined): boolean =>
			argument === undefined || call.int(argument) === AT_FDCWD;
		call.root = directories.root;
		call.baseFile = fileOf(bases.path);
		call.base = isCwd(bases.path) ? cwd : (call.baseFile?.path ?? null);
		call.base2 = isCwd(bases.path2) ? cwd : (fileOf(bases.path2)?.path ?? null);
	}

	#row(
		flight: CallInFlight,
		rule: CallRule,
		file: NamedFile | undefined,
		file2: NamedFile | undefined,
		succeeded: boolean,
	): number {
		const { path: given, path2: given2, truncated } = flight;
		if (given === null && given2 === null && !truncated && file2 === undefined) {
			return this.#dictionary.ofFile(file);
		}
		const { root } = flight;
		const path2 = resolve(given2, flight.base2, root, succeeded);
		const base = rule.linkText ? directoryOf(path2) : flight.base;
		const word = rule.mayBeNoPath && given !== null && !given.includes("/");
		const path = word ? null : resolve(given, base, root, succeeded);
		return this.#dictionary.of({
			...{ path, pathGiven: given, path2, path2Given: given2, file, file2, truncated },
		});
	}

	#addDetails(
		thread: Thread,
		flight: CallInFlight,
		rule: CallRule,
		call: DetailedCall,
		paths: number,
		first: NamedFile | undefined,
		second: NamedFile | undefined,
	): void {
		if (rule.effect === "exec") {
			this.#details.exec(call, thread.process, paths, flight);
			return;
		}
		const { details } = flight;
		if (rule.address === undefined || details === null) return;
		const accepted = rule.accepts && call.ret >= 0;
		const fd = accepted ? Number(call.ret) : flight.int(0);
		const file = accepted ? second : first;
		this.#details.socketCall(call, rule.address, fd, file?.path, details);
	}
}

/** Whether a call is about its directory argument itself, as newfstatat is that has an empty path. */
function isAboutBase({ path, args }: CallInFlight, { bases }: CallRule): boolean {
	if (bases.path === undefined) return false;
	return path === "" || (path === null && args[bases.path + 1] === 0);
}

function hasDetails({ details }: CallInFlight, { effect, address }: CallRule): boolean {
	return effect === "exec" || (address !== undefined && details !== null);
}

/** Reads the fields that both events with texts have. */
export function textsReader(schema: EventSchema): (record: RecordCursor) => Texts | undefined {
	const flags = fieldReader(schema, "flags");
	const path = textReader(schema, "path");
	const path2 = textReader(schema, "path2");
	const details = bytesReader(schema, "details");
	return ({ view, bytes, payloadOffset: at, payloadLength: length }) => {
		const first = path(view, bytes, at, length);
		const second = path2(view, bytes, at, length);
		const rest = details(view, bytes, at, length);
		if (first === undefined || second === undefined || rest === undefined) return undefined;
		return { flags: flags(view, at), path: first, path2: second, details: rest };
	};
}

function takeTexts(call: CallInFlight, { flags, path, path2, details }: Texts): void {
	const { rule } = call;
	// An empty one is one only where a call can take it for a directory; else there is none.
	if ((flags & PATH_UNREADABLE) === 0 && (path !== "" || rule?.bases.path !== undefined)) {
		if (path !== "" || call.path === null) call.path = path;
	}
	if ((flags & PATH2_UNREADABLE) === 0 && path2 !== "") call.path2 = path2;
	if ((flags & DETAILS_UNREADABLE) === 0 && details.length > 0) call.details = details;
	call.truncated ||= (flags & (PATH_CUT | PATH2_CUT)) !== 0;
	call.detailsTruncated ||= (flags & DETAILS_CUT) !== 0;
}

/** An empty path is that of the directory it starts from, where a call takes it for one. */
function resolve(
	given: string | null,
	base: string | null,
	root: string | null,
	succeeded: boolean,
): string | null {
	if (given === null || (given === "" && !succeeded)) return null;
	if (root === null) return null;
	return absolutePath(given, base, root);
}

function directoryOf(path: string | null): string | null {
	return path === null ? null : path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/** Whether the kernel could say it, all of it. */
function isTold(told: string, flags: number): boolean {
	return told !== "" && (flags & (FD_PATH_CUT | FD_NO_PATH)) === 0;
}

/**
 * What the kernel tells as the task sees it: from its root, but for what lies outside that, which it
 * tells in full without a word. null: which of the two is not known.
 */
function seenFromTop(told: string, call: CallInFlight, root: string | null): string | null {
	if (!told.startsWith("/") || told.startsWith("/memfd:") || root === "/") return told;
	if (root === null) return null;
	const within = told === "/" ? root : root + told;
	if (call.path?.startsWith("/") === true) return within;
	const from = call.path === null ? call.first?.file.path : call.base;
	if (typeof from !== "string") return null;
	if (from === root || from.startsWith(`${root}/`)) return within;
	const led = call.path === null ? from : absolutePath(call.path, from, root);
	return led === told ? told : led === within ? within : null;
}
