import { availableParallelism } from "node:os";
import { RelayscopeError } from "../base/error.js";
import { availableMemory } from "./host.js";

const PAGE = 4096;
const SUBBUF_SIZE_MAX = 64 << 20;
const SUBBUFS_MAX = 4096;
/** What relay can address in one buffer. */
const BUFFER_MAX = 2 ** 31 - 1;
/** Buffers are locked memory: one mistyped size must not push everything else out. */
const MEMORY_SHARE_MAX = 0.5;

/** The kernel's own rules, told in words. @throws RelayscopeError BAD_ARGUMENT */
export function checkBufferSize(subbufSize: number, subbufs: number): void {
	if (!isPowerOfTwo(subbufSize) || subbufSize < PAGE || subbufSize > SUBBUF_SIZE_MAX) {
		throw refused(
			`a sub-buffer of ${subbufSize} bytes is not possible`,
			"Give a power of two from 4K to 64M: --subbuf-size 256K",
		);
	}
	if (!isPowerOfTwo(subbufs) || subbufs < 2 || subbufs > SUBBUFS_MAX) {
		throw refused(
			`${subbufs} sub-buffers are not possible`,
			"Give a power of two from 2 to 4096: --subbufs 32",
		);
	}
	const buffer = subbufSize * subbufs;
	if (buffer > BUFFER_MAX) {
		throw refused(
			`a buffer of ${mebibytes(buffer)} a CPU is more than the kernel takes`,
			"Keep --subbuf-size times --subbufs below 2G.",
		);
	}
	const wanted = buffer * availableParallelism();
	const available = availableMemory();
	if (wanted > available * MEMORY_SHARE_MAX) {
		throw refused(
			`buffers of ${mebibytes(wanted)} would take more than half of the ${mebibytes(available)} that are free`,
			"Make them smaller with --subbuf-size or --subbufs.",
		);
	}
}

function isPowerOfTwo(value: number): boolean {
	return value > 0 && Number.isInteger(Math.log2(value));
}

function refused(message: string, hint: string): RelayscopeError {
	return new RelayscopeError("BAD_ARGUMENT", message, { hint });
}

function mebibytes(bytes: number): string {
	return `${Math.round(bytes / (1 << 20))} MiB`;
}
