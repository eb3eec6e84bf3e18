import type { Thread } from "../thread.js";
import { absolutePath } from "./absolute-path.js";
import { type CallInFlight, NO_FD } from "./call-in-flight.js";
import type { CallRule } from "./call-rule.js";
import type { Descriptor, DescriptorTable } from "./descriptor-table.js";
import type { FileStates } from "./file-states.js";
import type { NamedFile } from "./path-dictionary.js";

const EBADF = -9;
const O_CLOEXEC = 0o2000000;

const CLONE_FS = 0x200;
const CLONE_FILES = 0x400;
const CLONE_NEWNS = 0x20000;
const CLONE_NEWUSER = 0x10000000;

const CLOSE_RANGE_UNSHARE = 2;
const CLOSE_RANGE_CLOEXEC = 4;

const F_DUPFD = 0;
const F_SETFD = 2;
const F_DUPFD_CLOEXEC = 1030;
const FD_CLOEXEC = 1;

const FIONCLEX = 0x5450;
const FIOCLEX = 0x5451;
/** Puts a descriptor into another process. */
const SECCOMP_IOCTL_NOTIF_ADDFD = 0x40182103;

/** Flags of the fork that a task is in; undefined: not known. */
export function cloneFlags(call: CallInFlight): number | undefined {
	switch (call.rule?.name) {
		case "fork":
		case "vfork":
			return 0;
		case "clone":
			return call.unsigned(0);
		case "clone3":
			// The upper half has nothing that matters to files.
			return call.details === null || call.details.length < 8
				? undefined
				: call.details.readUInt32LE(0);
		default:
			return undefined;
	}
}

/**
 * What a call that returns has done to its task's descriptors and directories; the file of the
 * descriptor that it made. `ret` NO_FD: too large for a descriptor, which is no failure.
 */
export function applyEffect(
	call: CallInFlight,
	rule: CallRule,
	ret: number,
	now: number,
	states: FileStates,
	thread: Thread,
): NamedFile | undefined {
	const state = states.of(thread);
	const { table, directories } = state;
	const { validSince } = states;
	if (rule.effect === "close") {
		// Whatever else it returns, the number is free afterwards.
		if (ret !== EBADF) close(call, table, validSince);
		return undefined;
	}
	if (ret < 0) return undefined;
	switch (rule.effect) {
		case "none":
			return undefined;
		case "close-range":
			if ((call.unsigned(2) & CLOSE_RANGE_UNSHARE) !== 0) state.table = table.copy();
			if ((call.unsigned(2) & CLOSE_RANGE_CLOEXEC) !== 0) {
				state.table.closeOnExec(call.unsigned(0), call.unsigned(1));
			} else state.table.deleteRange(call.unsigned(0), call.unsigned(1));
			return undefined;
		case "dup":
			return duplicate(call, table, ret, false, now, validSince);
		case "dup-to":
			return duplicateTo(call, table, ret, now, validSince);
		case "fcntl":
			return control(call, table, ret, now, validSince);
		case "ioctl":
			ioctl(call, table, now, states);
			return undefined;
		case "make":
			return made(call, table, ret);
		case "io-uring": {
			const ring = made(call, table, ret);
			// Its requests open and close without a call.
			table.loseSight();
			return ring;
		}
		case "unshare": {
			const flags = call.unsigned(0);
			if ((flags & CLONE_FILES) !== 0) state.table = table.copy();
			if ((flags & (CLONE_FS | CLONE_NEWNS | CLONE_NEWUSER)) !== 0) {
				state.directories = directories.copy();
			}
			return undefined;
		}
		case "set-namespace":
			// A mount namespace brings its own.
			if (!call.toldDirectory) directories.setCwd(null, now);
			return undefined;
		case "change-directory":
			if (!call.toldDirectory) directories.setCwd(null, now);
			return undefined;
		case "change-root":
			directories.root =
				call.path === null || call.root === null
					? null
					: absolutePath(call.path, call.base, call.root);
			return undefined;
		case "pivot-root":
			directories.root = "/";
			if (!call.toldDirectory) directories.setCwd(null, now);
			return undefined;
		case "fork":
			if (!call.toldLife && ((cloneFlags(call) ?? CLONE_FILES) & CLONE_FILES) !== 0) {
				// Somebody has the same descriptors, and nobody knows who.
				table.loseSight();
			}
			return undefined;
		case "exec":
			if (!call.toldLife) states.executed(thread);
			return undefined;
	}
}

function close(call: CallInFlight, table: DescriptorTable, validSince: number): void {
	const fd = call.int(0);
	const was = call.first !== undefined && call.first.since >= validSince ? call.first : undefined;
	const now = table.get(fd, validSince);
	// Another thread got the number meanwhile: that one stays, if ours is what made it free.
	if (was !== undefined && now !== was && !was.closed) {
		was.closed = true;
		return;
	}
	if (was !== undefined) was.closed = true;
	table.delete(fd);
}

/** The file of a descriptor argument; undefined: another stands there by now, so it may be either. */
export function certainFile(
	call: CallInFlight,
	was: Descriptor | undefined,
	argument: number,
	validSince: number,
): NamedFile | undefined {
	const { table } = call;
	if (was === undefined || was.since < validSince || table === undefined) return undefined;
	const now = table.get(call.int(argument), validSince);
	if (now === was || (now === undefined && !table.unseen)) return was.file;
	return call.rule?.effect === "close" && !was.closed ? was.file : undefined;
}

function duplicate(
	call: CallInFlight,
	table: DescriptorTable,
	fd: number,
	closeOnExec: boolean,
	now: number,
	validSince: number,
): NamedFile | undefined {
	const file = certainFile(call, call.first, 0, validSince);
	if (file === undefined) table.delete(fd);
	else table.set(fd, file, closeOnExec, now);
	return undefined;
}

function duplicateTo(
	call: CallInFlight,
	table: DescriptorTable,
	fd: number,
	now: number,
	validSince: number,
): undefined {
	if (fd === call.int(0)) return;
	const { target } = call;
	// What it replaced is closed: a close that is under way may have met either.
	const replaced = table.get(fd, validSince);
	if (target !== undefined) target.closed = true;
	if (replaced !== undefined) replaced.closed = true;
	if (replaced !== target) {
		table.delete(fd);
		return;
	}
	const closeOnExec = call.rule?.name === "dup3" && (call.unsigned(2) & O_CLOEXEC) !== 0;
	duplicate(call, table, fd, closeOnExec, now, validSince);
}

function control(
	call: CallInFlight,
	table: DescriptorTable,
	ret: number,
	now: number,
	validSince: number,
): undefined {
	const command = call.unsigned(1);
	if (command === F_DUPFD || command === F_DUPFD_CLOEXEC) {
		duplicate(call, table, ret, command === F_DUPFD_CLOEXEC, now, validSince);
	} else if (command === F_SETFD && call.first !== undefined) {
		call.first.closeOnExec = (call.unsigned(2) & FD_CLOEXEC) !== 0;
	}
}

function ioctl(call: CallInFlight, table: DescriptorTable, now: number, states: FileStates): void {
	const command = call.unsigned(1);
	if (command === FIOCLEX || command === FIONCLEX) {
		if (call.first !== undefined) call.first.closeOnExec = command === FIOCLEX;
		else table.delete(call.int(0));
	} else if (command === SECCOMP_IOCTL_NOTIF_ADDFD) states.forgetAll(now);
}

function made(call: CallInFlight, table: DescriptorTable, ret: number): NamedFile | undefined {
	if (call.madeFd === ret && ret !== NO_FD) return call.made;
	table.delete(ret);
	return undefined;
}
