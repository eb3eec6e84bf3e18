import { CONTEXT } from "../src/base/context-parts.js";
import {
	alignRecord,
	CONTEXT_FLAG,
	CONTEXT_FOOTER,
	CONTEXT_FOOTER_SIZE,
	CONTEXT_NAMESPACES_SIZE,
	RECORD_HEADER_SIZE,
} from "../src/collector/abi.js";

export interface ContextToWrite {
	readonly kernelStack?: readonly bigint[];
	/** 4 bytes a frame. */
	readonly narrow?: boolean;
	readonly userStack?: readonly bigint[];
	readonly cgroup?: bigint;
	/** Seven inode numbers. */
	readonly namespaces?: readonly number[];
	readonly flags?: number;
}

/** A record's payload with its context behind it, as the kernel appends it. */
export function withContext(payload: Uint8Array, context: ContextToWrite): Buffer {
	const { kernelStack, userStack, cgroup, namespaces, narrow = false } = context;
	const length = RECORD_HEADER_SIZE + payload.length;
	let bits = 0;
	const parts: Buffer[] = [payload as Buffer, Buffer.alloc(alignRecord(length) - length)];
	if (kernelStack !== undefined) {
		bits |= CONTEXT.KERNEL_STACK;
		parts.push(narrow ? narrowFrames(kernelStack) : frames(kernelStack));
	}
	if (userStack !== undefined) {
		bits |= CONTEXT.USER_STACK;
		parts.push(frames(userStack));
	}
	if (cgroup !== undefined) {
		bits |= CONTEXT.CGROUP;
		parts.push(frames([cgroup]));
	}
	if (namespaces !== undefined) {
		bits |= CONTEXT.NAMESPACES;
		const part = Buffer.alloc(CONTEXT_NAMESPACES_SIZE);
		namespaces.forEach((inode, index) => {
			part.writeUInt32LE(inode, index * 4);
		});
		parts.push(part);
	}
	const footer = Buffer.alloc(CONTEXT_FOOTER_SIZE);
	const flags = (context.flags ?? 0) | (narrow ? CONTEXT_FLAG.KERNEL_NARROW : 0);
	footer.writeUInt16LE(length, CONTEXT_FOOTER.record_length);
	footer.writeUInt16LE(bits, CONTEXT_FOOTER.context);
	footer.writeUInt8(kernelStack?.length ?? 0, CONTEXT_FOOTER.kernel_frames);
	footer.writeUInt8(userStack?.length ?? 0, CONTEXT_FOOTER.user_frames);
	footer.writeUInt16LE(flags, CONTEXT_FOOTER.flags);
	return Buffer.concat([...parts, footer]);
}

function frames(addresses: readonly bigint[]): Buffer {
	const bytes = Buffer.alloc(addresses.length * 8);
	addresses.forEach((address, index) => {
		bytes.writeBigUInt64LE(BigInt.asUintN(64, address), index * 8);
	});
	return bytes;
}

function narrowFrames(addresses: readonly bigint[]): Buffer {
	const bytes = Buffer.alloc(alignRecord(addresses.length * 4));
	addresses.forEach((address, index) => {
		bytes.writeInt32LE(Number(BigInt.asIntN(32, address)), index * 4);
	});
	return bytes;
}
