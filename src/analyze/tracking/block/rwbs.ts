import { BLOCK_FLAG, BLOCK_OP } from "./block-event.js";

interface OpText {
	readonly name: string;
	readonly letters: string;
}

const OPS: ReadonlyMap<number, OpText> = new Map([
	[BLOCK_OP.read, { name: "read", letters: "R" }],
	[BLOCK_OP.write, { name: "write", letters: "W" }],
	[BLOCK_OP.flush, { name: "flush", letters: "F" }],
	[BLOCK_OP.discard, { name: "discard", letters: "D" }],
	[BLOCK_OP.secureErase, { name: "secure-erase", letters: "DE" }],
	[BLOCK_OP.writeZeroes, { name: "write-zeroes", letters: "WZ" }],
	[BLOCK_OP.zoneOpen, { name: "zone-open", letters: "ZO" }],
	[BLOCK_OP.zoneClose, { name: "zone-close", letters: "ZC" }],
	[BLOCK_OP.zoneFinish, { name: "zone-finish", letters: "ZF" }],
	[BLOCK_OP.zoneAppend, { name: "zone-append", letters: "ZA" }],
	[BLOCK_OP.zoneReset, { name: "zone-reset", letters: "ZR" }],
	[BLOCK_OP.zoneResetAll, { name: "zone-reset-all", letters: "ZRA" }],
	[BLOCK_OP.driverIn, { name: "driver-in", letters: "R" }],
	[BLOCK_OP.driverOut, { name: "driver-out", letters: "W" }],
]);

/** The operation in words. */
export function opName(op: number): string {
	return OPS.get(op)?.name ?? `op ${op}`;
}

/** As blkparse and the kernel's own events write it: preflush, operation, fua, readahead, sync, meta. */
export function rwbs(op: number, flags: number): string {
	const has = (bit: number, letter: string): string => ((flags & bit) === 0 ? "" : letter);
	return [
		has(BLOCK_FLAG.preflush, "F"),
		OPS.get(op)?.letters ?? "N",
		has(BLOCK_FLAG.fua, "F"),
		has(BLOCK_FLAG.readahead, "A"),
		has(BLOCK_FLAG.sync, "S"),
		has(BLOCK_FLAG.meta, "M"),
	].join("");
}
