import { CONTEXT_FLAG, CONTEXT_NAMESPACES } from "./collector/abi.js";
import { ContextParts } from "./collector/record-context.js";
import type { RecordCursor } from "./collector/record-cursor.js";

/** What a record carries beside its fields; a part that was not asked for or not to be had is absent. */
export interface RecordContext {
	/** It happened in an interrupt, under the name of the thread that it interrupted. */
	readonly interrupt: boolean;
	/** Return addresses, innermost first. */
	readonly kernelStack?: readonly bigint[];
	/** Where user space goes on, then return addresses. */
	readonly userStack?: readonly bigint[];
	/** Inode number of its directory in the cgroup2 file system. */
	readonly cgroup?: bigint;
	/** Inode numbers, as `readlink /proc/PID/ns/*` shows them; 0: not known. */
	readonly namespaces?: Readonly<Record<Namespace, number>>;
}

type Namespace = keyof typeof CONTEXT_NAMESPACES;

export function readContext({ view, contextOffset, contextLength }: RecordCursor): RecordContext {
	const parts = new ContextParts().find(view, contextOffset, contextLength);
	const { flags, kernelStack, userStack, cgroup, namespaces } = parts;
	return {
		interrupt: (flags & CONTEXT_FLAG.INTERRUPT) !== 0,
		...(kernelStack < 0 ? {} : { kernelStack: parts.kernelAddresses(view) }),
		...(userStack < 0 ? {} : { userStack: parts.userAddresses(view) }),
		...(cgroup < 0 ? {} : { cgroup: view.getBigUint64(cgroup, true) }),
		...(namespaces < 0 ? {} : { namespaces: readNamespaces(view, namespaces) }),
	};
}

function readNamespaces(view: DataView, at: number): Record<Namespace, number> {
	const number = (name: Namespace): number => view.getUint32(at + CONTEXT_NAMESPACES[name], true);
	return {
		pid: number("pid"),
		net: number("net"),
		user: number("user"),
		uts: number("uts"),
		ipc: number("ipc"),
		cgroup: number("cgroup"),
		time: number("time"),
	};
}
